"""When a plug-in is called. Plug-ins are called in the order in which they were given to the trainer."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.examples import Batch
from babbitt.training.fitting.figures import EpochFigures, Judgement


class Training(Protocol):
    """What a plug-in sees of the training that it is part of.

    Attributes:
        model: what learns.
        judged: what is validated and kept: the model, or what a plug-in puts in its place.
        recipe, seed, device: the run's.
        epoch: the one that is under way, from 1.
        step, steps: how many of its steps are over, of how many.
        history: the epochs that are over.
        train_loss: mean loss of the epoch's steps so far, in nats.
        kept_epoch, kept_loss: whose weights are kept, and their validation loss, if any, as the plug-in that keeps
            them says.
    """

    model: WaveformClassifier
    judged: WaveformClassifier
    recipe: Recipe
    seed: int
    device: torch.device
    epoch: int
    step: int
    steps: int
    history: list[EpochFigures]
    kept_epoch: int
    kept_loss: float | None

    @property
    def train_loss(self) -> float: ...

    def steps_from(self, epoch: int) -> int:
        """How many steps an epoch and those after it have, up to the last."""
        ...

    def stop(self, why: str) -> None:
        """End learning after this epoch, or before the next step."""
        ...

    def state(self) -> dict[str, Any]:
        """All that a resume needs, as tensors and plain values."""
        ...


class Plugin:
    """Does nothing at any of the moments; a plug-in overrides those that it is about.

    `state` holds what a resumed training needs of it: tensors and plain values.
    """

    name: ClassVar[str]

    def begin(self, training: Training) -> None:
        """Before the first step, once the module is standardised, or after a state was restored."""

    def forward(self, training: Training) -> AbstractContextManager[object]:
        """Around the computation of the loss."""
        del training
        return nullcontext()

    def batch(self, training: Training, batch: Batch) -> Batch:
        """Before the module reads a batch."""
        del training
        return batch

    def loss(self, training: Training, loss: Tensor, batch: Batch, logits: Tensor) -> Tensor:
        """Between loss and gradients."""
        del training, batch, logits
        return loss

    def gradients(self, training: Training) -> None:
        """Between gradients and step."""

    def step_over(self, training: Training) -> None:
        """After a step."""

    def judged(self, training: Training, judgement: Judgement) -> None:
        """After an epoch's last step, when it is validated."""

    def epoch_over(self, training: Training, figures: EpochFigures) -> None:
        """After an epoch, which is in the history now."""

    def end(self, training: Training) -> None:
        """After the last epoch."""

    def metrics(self) -> dict[str, float]:
        """What it has to say of the epoch, by name."""
        return {}

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        del state
