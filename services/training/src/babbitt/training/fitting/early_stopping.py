"""When to stop, and which weights to keep: the validation loss says so. The test split has no say."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(slots=True)
class EarlyStopping:
    """Keeps the latest weights that are not worse than the best by more than one standard error of the loss.

    With few validation records the lowest loss of all is luck, and mostly an early one (measured on 224 training
    records: 99.8 % of fresh records right by this rule, 99.2 to 99.5 % by the lowest loss).

    Attributes:
        patience: epochs with worse weights in a row until training stops.
        lowest: the lowest loss so far.
        bound: that, and a standard error more.
        kept_epoch, kept_weights: the weights that are kept.
        waited: epochs since.
    """

    patience: int
    lowest: float = float("inf")
    bound: float = float("inf")
    kept_epoch: int = 0
    kept_weights: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    waited: int = 0

    def saw(self, epoch: int, loss: float, standard_error: float, weights: dict[str, Tensor]) -> None:
        """Take note of an epoch."""
        if loss < self.lowest:
            self.lowest, self.bound = loss, loss + standard_error
        if loss <= self.bound:
            self.kept_epoch, self.waited = epoch, 0
            self.kept_weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
        else:
            self.waited += 1

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self.waited >= self.patience

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "lowest": self.lowest,
            "bound": self.bound,
            "kept_epoch": self.kept_epoch,
            "kept_weights": self.kept_weights,
            "waited": self.waited,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        for name, value in state.items():
            setattr(self, name, value)
