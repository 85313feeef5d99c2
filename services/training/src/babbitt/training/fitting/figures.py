"""How an epoch went, and how a module does on the validation split."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a module does on validation windows, as they are and in noise.

    Attributes:
        loss, standard_error: mean loss in nats, and how sure that mean is.
        accuracy: share of the clean records answered right.
        metrics: more of it, by name.
    """

    loss: float
    standard_error: float
    accuracy: float
    metrics: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class EpochFigures:
    """How an epoch went; fields of EpochCompleted. Losses are in nats; of validation None: nothing was held out."""

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    seconds: float
    metrics: dict[str, float] = field(default_factory=dict[str, float])
    eta_s: float | None = None
