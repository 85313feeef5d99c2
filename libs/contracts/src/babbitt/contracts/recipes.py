"""How a model is trained: losses, schedules and augmentations, each chosen by its name; what replaces a preset's own.

An unknown name is refused naming the known ones. Nothing here does anything: training's `fitting` holds what they mean.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from babbitt.contracts.envelope import RequestPart
from babbitt.contracts.names import TEXT_PATTERN

type Share = Annotated[float, Field(ge=0, le=1)]
type Decibels = Annotated[float, Field(ge=-40, le=80)]


class CrossEntropy(RequestPart):
    """Mean cross-entropy in nats; of a multilabel model the mean binary one over its faults.

    Attributes:
        label_smoothing: share of the target that is spread over all classes.
    """

    name: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.02


class FocalLoss(RequestPart):
    """Cross-entropy that easy examples count less in: times (1 - p)^gamma (Lin et al., 2017)."""

    name: Literal["focal"]
    gamma: Annotated[float, Field(ge=0, le=10)] = 2.0


type Loss = Annotated[CrossEntropy | FocalLoss, Field(discriminator="name")]


class CosineSchedule(RequestPart):
    """Linear up to the peak, then a cosine to a hundredth of it."""

    name: Literal["cosine"] = "cosine"
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.1


class LinearSchedule(RequestPart):
    """Linear up to the peak, then linear to a hundredth of it."""

    name: Literal["linear"]
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.1


class ConstantSchedule(RequestPart):
    """Linear up to the peak, which stays."""

    name: Literal["constant"]
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.0


type Schedule = Annotated[CosineSchedule | LinearSchedule | ConstantSchedule, Field(discriminator="name")]


class NoiseAugmentation(RequestPart):
    """White noise scaled to each window's own RMS, its level drawn uniformly in decibels.

    Attributes:
        share: of the windows that get noise.
        snr_db: lowest and highest signal-to-noise ratio.
    """

    name: Literal["noise"] = "noise"
    share: Share = 0.8
    snr_db: tuple[Decibels, Decibels] = (2.0, 25.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.snr_db[0] > self.snr_db[1]:
            raise ValueError("snr_db: the lowest comes first")
        return self


class ShiftAugmentation(RequestPart):
    """A circular shift, drawn uniformly up to a share of the window."""

    name: Literal["shift"]
    max_share: Share = 1.0


class GainAugmentation(RequestPart):
    """Another level, drawn uniformly in decibels: for models that are to ignore it."""

    name: Literal["gain"]
    max_db: Annotated[float, Field(gt=0, le=40)] = 6.0


class MixupAugmentation(RequestPart):
    """Two examples mixed, and their targets: the share is drawn from Beta(alpha, alpha) (Zhang et al., 2018)."""

    name: Literal["mixup"]
    alpha: Annotated[float, Field(gt=0, le=10)] = 0.2


type Augmentation = Annotated[
    NoiseAugmentation | ShiftAugmentation | GainAugmentation | MixupAugmentation, Field(discriminator="name")
]

type ConfigValue = bool | int | float | Annotated[str, StringConstraints(max_length=200, pattern=TEXT_PATTERN)]


class TrainOverrides(RequestPart):
    """What replaces the preset's own values.

    Attributes:
        epochs: passes over the training split at most.
        batch_size: windows a step.
        learning_rate: peak of the schedule.
        patience: epochs with a clearly worse validation loss in a row until training stops.
        weight_decay: of AdamW, on matrices only.
        max_gradient_norm: gradients are clipped to this norm.
        average_decay: of the running average of the weights, which is what is validated and kept; 0: none.
        views: augmented views of each window beside the clean one, where the front end does not learn.
        loss, schedule: see there.
        augmentations: in this order; each at most once.
        class_weights: `balanced`: rare classes count more, so that all count the same.
        precision: `bfloat16` on CUDA where it pays, else refused; `auto` chooses.
        compile: by torch.compile; None: where it pays.
        physics_penalty: weight of the family's penalty, where it has one.
        severity_weight: of the loss of an ordinal head, which tells how far a fault has gone; 0: there is none. Absent:
            1 where the DataSpec's targets have the severity, else 0.
        config: fields of the family's configuration, by name.
    """

    epochs: Annotated[int, Field(ge=1, le=10_000)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=65_536)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=10)] | None = None
    patience: Annotated[int, Field(ge=1, le=10_000)] | None = None
    weight_decay: Annotated[float, Field(ge=0, le=100)] | None = None
    max_gradient_norm: Annotated[float, Field(gt=0, le=1000)] | None = None
    average_decay: Annotated[float, Field(ge=0, lt=1)] | None = None
    views: Annotated[int, Field(ge=0, le=64)] | None = None
    loss: Loss | None = None
    schedule: Schedule | None = None
    augmentations: Annotated[tuple[Augmentation, ...], Field(max_length=4)] | None = None
    class_weights: Literal["none", "balanced"] | None = None
    precision: Literal["auto", "float32", "bfloat16"] | None = None
    compile: bool | None = None
    physics_penalty: Annotated[float, Field(ge=0, le=1000)] | None = None
    severity_weight: Annotated[float, Field(ge=0, le=1000)] | None = None
    config: dict[str, ConfigValue] = Field(default_factory=dict[str, ConfigValue], max_length=50)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [one.name for one in self.augmentations or ()]
        if len(set(names)) != len(names):
            raise ValueError("augmentations: each name at most once is accepted")
        mixing, focal = "mixup" in names, isinstance(self.loss, FocalLoss)
        if mixing and focal:
            raise ValueError(
                "augmentations: mixup mixes targets, for which the loss cross_entropy is accepted, not focal"
            )
        if self.epochs and self.patience and self.patience > self.epochs:
            raise ValueError(f"patience: at most epochs, {self.epochs}, is accepted")
        return self
