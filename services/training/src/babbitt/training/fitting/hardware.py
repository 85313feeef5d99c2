"""Where a training runs: processor or CUDA, one process or several, and what is worth while there."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, distributed, nn

from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.errors import BadRequest


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
        rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        local = int(os.environ.get("LOCAL_RANK", "0"))
        device = torch.device("cuda", local) if cuda and wanted != "cpu" else torch.device("cpu")
        return cls(device, rank, ranks)

    @contextmanager
    def joined(self) -> Generator[None]:
        """Together with the other processes, where there are any."""
        if self.ranks == 1:
            yield
            return
        distributed.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
        try:
            yield
        finally:
            distributed.destroy_process_group()

    @property
    def leads(self) -> bool:
        """Whether this process is the one that speaks."""
        return self.rank == 0

    def agreed(self, yes: bool) -> bool:  # noqa: FBT001 - an answer
        """The first process's answer, in all of them."""
        if self.ranks == 1:
            return yes
        answer = torch.tensor(int(yes), device=self.device)
        distributed.broadcast(answer, src=0)
        return bool(answer)

    def mean(self, value: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.ranks > 1:
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
        if self.ranks > 1:
            devices = [self.device.index] if self.device.type == "cuda" else None
            return nn.parallel.DistributedDataParallel(learner, device_ids=devices)
        return learner
