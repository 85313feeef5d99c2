"""Where a training runs: processor or CUDA, one process or several, and what is worth while there."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

import torch
from torch import Tensor, distributed, nn

from babbitt.training.families.preset import Recipe
from babbitt.training.fitting import processes
from babbitt.training.fitting.batch_statistics import share_batch_statistics
from babbitt.training.fitting.errors import BadRequest

LONGEST_WAIT = timedelta(days=7)
"""Of one process for another: the first one validates alone, or waits for its reader; the job's budget is the limit."""


def devices() -> int:
    """How many CUDA devices this process sees."""
    return torch.cuda.device_count()


@dataclass(frozen=True, slots=True)
class Hardware:
    """A device, and which of several processes this one is.

    Attributes:
        device: where the module lies.
        rank, ranks: which process, of how many; the first one validates, saves and tells.
    """

    device: torch.device
    rank: int = 0
    ranks: int = 1

    @classmethod
    def chosen(cls, wanted: str) -> Self:
        """The device that was asked for: `auto`, `cpu` or `cuda`.

        Raises:
            BadRequest: there is no such device.
        """
        cuda = torch.cuda.is_available()
        if wanted == "cuda" and not cuda:
            raise BadRequest("device: there is no CUDA device here")
        local = int(os.environ.get("LOCAL_RANK", "0"))
        device = torch.device("cuda", local) if cuda and wanted != "cpu" else torch.device("cpu")
        return cls(device, processes.rank(), processes.ranks())

    @contextmanager
    def joined(self) -> Generator[None]:
        """Together with the other processes, where there are any and this one has not joined them yet."""
        if self.ranks == 1 or distributed.is_initialized():
            yield
            return
        distributed.init_process_group("nccl" if self.device.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
        try:
            yield
        finally:
            distributed.destroy_process_group()

    @property
    def leads(self) -> bool:
        """Whether this process is the one that speaks."""
        return self.rank == 0

    @property
    def exact(self) -> bool:
        """Whether a resume gives the same weights, bit for bit; a GPU promises none, and may take fewer processes."""
        return self.device.type == "cpu"

    @property
    def apart(self) -> tuple[int, ...]:
        """What draws of this process follow from beside the seed, so that others draw otherwise."""
        return (self.rank,) if self.rank else ()

    def alone(self) -> Self:
        """For what is not spread: the first process does it by itself."""
        return replace(self, rank=0, ranks=1)

    def agreed(self, yes: bool) -> bool:  # noqa: FBT001 - an answer
        """The first process's answer, in all of them."""
        if self.ranks == 1:
            return yes
        answer = torch.tensor(int(yes), device=self.device)  # asked at every step: no pickling
        distributed.broadcast(answer, src=0)
        return bool(answer)

    def told[Answer](self, find: Callable[[], Answer]) -> Answer:
        """What the first process finds, in all of them; the others wait."""
        if self.ranks == 1:
            return find()
        answer: list[Any] = [find() if self.leads else None]
        distributed.broadcast_object_list(answer, src=0)
        return answer[0]

    def mean(self, value: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.ranks == 1:
            return value
        distributed.all_reduce(value)
        return value / self.ranks

    def mixed_precision(self, recipe: Recipe) -> bool:
        """Whether matrix products are computed in bfloat16.

        Raises:
            BadRequest: it was asked for and cannot be had.
        """
        able = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        if recipe.precision == "bfloat16" and not able:
            raise BadRequest(f"overrides/precision: bfloat16 needs a CUDA device that has it; this is {self.device}")
        return able and recipe.precision != "float32"

    def spread(self, learner: nn.Module, recipe: Recipe) -> nn.Module:
        """The learner, compiled where it pays and spread over the processes there are."""
        if recipe.compile or (recipe.compile is None and self.device.type == "cuda"):
            learner.compile()
        if self.ranks == 1:
            return learner
        share_batch_statistics(learner)
        devices = [self.device.index] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(learner, device_ids=devices)
