"""What came of one run of a job."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from torch import Tensor

from babbitt.training.fitting.figures import EpochFigures


@dataclass(frozen=True, slots=True)
class RunResult:
    """What came of a run.

    Attributes:
        seed, name: its own.
        loss: validation loss of the weights that were kept, in nats; None: nothing was held out.
        kept_epoch: whose weights these are.
        history: all epochs.
        stopped: why it ended before its last epoch; None: it did not.
        weights: of the module; empty for a fold, of which only its answers are needed.
        asked, novelty: answers on what it was not trained on [window, class], of a fold, and scores [window] where
            there are any.
    """

    seed: int
    name: str
    loss: float | None
    kept_epoch: int
    history: list[EpochFigures]
    stopped: str | None
    weights: dict[str, Tensor]
    asked: Tensor | None = None
    novelty: Tensor | None = None

    def packed(self) -> dict[str, Any]:
        """For a checkpoint: tensors and plain values."""
        content = {name: getattr(self, name) for name in self.__slots__}
        return content | {"history": [asdict(one) for one in self.history]}

    @classmethod
    def unpacked(cls, content: dict[str, Any]) -> Self:
        """From a checkpoint."""
        history = [EpochFigures(**one) for one in content["history"]]
        return cls(**{name: value for name, value in content.items() if name != "history"}, history=history)
