"""What a preset holds: the family's configuration and how it is trained by default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from babbitt.contracts.dataspec import DataSpec, ModelSpec

if TYPE_CHECKING:
    from babbitt.training.families.classifier import WaveformClassifier


class FamilyConfig(Protocol):
    """A frozen dataclass of a family: all that makes its module what it is, given the data."""

    def model_spec(self, preset: str, data: DataSpec) -> ModelSpec:
        """What the module will read of such data."""
        ...

    def build(self, data: DataSpec, spec: ModelSpec) -> "WaveformClassifier":
        """The untrained module.

        Raises:
            UnsuitableData: the records are too short or too slow for this configuration.
        """
        ...


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What a training window goes through before the module reads it.

    Attributes:
        noisy_share: share of windows that get white noise.
        snr_db: range of the noise's level under the window's own RMS, drawn uniformly in decibels.
        max_shift: circular shift, as a share of the window, drawn uniformly up to this. Spectra gain nothing by it:
            the seam smears their tones (measured: 95.5 % instead of 99.2 % at 0 dB).
    """

    noisy_share: float = 0.8
    snr_db: tuple[float, float] = (2.0, 25.0)
    max_shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a preset is trained unless the request overrides it.

    Attributes:
        epochs: passes over the training split at most.
        batch_size: windows a step.
        learning_rate: peak of the schedule.
        warmup_share: share of all steps until the peak; after it the rate falls as a cosine to a hundredth.
        weight_decay: of AdamW, on matrices only.
        patience: epochs with a clearly worse validation loss in a row until training stops.
        label_smoothing: share of the target spread over all classes.
        max_gradient_norm: gradients are clipped to this norm.
        average_decay: of the running average of the weights, which is what is validated and kept.
        views: noisy views of each window that are learnt from beside the clean one; the first epochs add one each.
        augmentation: see there.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    warmup_share: float = 0.1
    weight_decay: float = 0.05
    label_smoothing: float = 0.02
    max_gradient_norm: float = 1.0
    average_decay: float = 0.98
    views: int = 6
    augmentation: Augmentation = Augmentation()


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a family: how it is trained, and what of the configuration's defaults it changes."""

    recipe: Recipe
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Preset:
    """A family in one size."""

    name: str
    family: str
    config: FamilyConfig
    recipe: Recipe
