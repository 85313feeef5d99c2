"""When to stop: the validation loss no longer falls. The test split has no say."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(slots=True)
class EarlyStopping:
    """Keeps the best weights and counts the epochs since.

    Attributes:
        patience: epochs without a better loss until training stops.
        best_epoch, best_loss: of the lowest validation loss so far.
        best_weights: the module's state then.
        waited: epochs since.
    """

    patience: int
    best_epoch: int = 0
    best_loss: float = float("inf")
    best_weights: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    waited: int = 0

    def saw(self, epoch: int, loss: float, weights: dict[str, Tensor]) -> None:
        """Take note of an epoch."""
        if loss < self.best_loss:
            self.best_epoch, self.best_loss, self.waited = epoch, loss, 0
            self.best_weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
        else:
            self.waited += 1

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self.waited >= self.patience

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss,
            "best_weights": self.best_weights,
            "waited": self.waited,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        for name, value in state.items():
            setattr(self, name, value)
