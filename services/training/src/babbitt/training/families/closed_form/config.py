"""Configurations and presets of the closed-form families. Free of torch, so that the service can name them cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.preset import STEPS, BaseModel, FamilyConfig, Recipe, Size, check_bounds
from babbitt.training.families.registry import PRESETS
from babbitt.training.families.spectral.config import SHORTEST_WINDOW_FRAMES, SpectralConfig
from babbitt.training.families.windowing import windowed

if TYPE_CHECKING:
    from babbitt.training.families.closed_form.extra_trees import ExtraTrees
    from babbitt.training.families.closed_form.logistic import Logistic

RECIPE = Recipe(epochs=1, batch_size=1024, learning_rate=1.0, patience=1, average_decay=0.0, views=6)
QUICK = Recipe(epochs=1, batch_size=1024, learning_rate=1.0, patience=1, average_decay=0.0, views=1)
COARSE = {"tone_bands": 16, "frame_samples": 128, "frame_bands": 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectralFeatures(FamilyConfig):
    """What both families read: the fields of the same names in `SpectralConfig`."""

    longest_window_s: float = 5.0
    tone_limit_hz: float = 220.0
    tone_bands: int = 32
    frame_samples: int = 256
    frame_bands: int = 32

    def __post_init__(self) -> None:
        _ = self.spectral  # has bounds

    @property
    def ignores(self) -> frozenset[str]:
        """They learn at once."""
        return STEPS

    @property
    def spectral(self) -> SpectralConfig:
        """The front end's configuration."""
        return SpectralConfig(
            longest_window_s=self.longest_window_s,
            tone_limit_hz=self.tone_limit_hz,
            tone_bands=self.tone_bands,
            frame_samples=self.frame_samples,
            frame_bands=self.frame_bands,
        )

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """See `windowed`."""
        del bases
        return windowed(preset, data, self.longest_window_s, SHORTEST_WINDOW_FRAMES * self.frame_samples)


@PRESETS.family("logistic", small=Size(QUICK, COARSE), base=Size(RECIPE))
@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticConfig(SpectralFeatures):
    """Logistic regression, by scikit-learn.

    Attributes:
        inverse_penalty: scikit-learn's `C`: the smaller, the smaller the weights.
    """

    inverse_penalty: float = 0.1

    def __post_init__(self) -> None:
        SpectralFeatures.__post_init__(self)
        check_bounds(self, inverse_penalty=(1e-9, 1e9))

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "Logistic":
        """The untrained module."""
        del bases
        from babbitt.training.families.closed_form.logistic import Logistic  # noqa: PLC0415 - loads torch

        return Logistic(self, data, spec)


@PRESETS.family("extra_trees", small=Size(QUICK, {**COARSE, "trees": 60, "leaves": 64}), base=Size(RECIPE))
@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraTreesConfig(SpectralFeatures):
    """Extremely randomised trees (Geurts et al., 2006), by scikit-learn.

    Attributes:
        trees: how many.
        leaves: of each tree at most.
    """

    trees: int = 300
    leaves: int = 256

    def __post_init__(self) -> None:
        SpectralFeatures.__post_init__(self)
        check_bounds(self, trees=(1, 10_000), leaves=(2, 65_536))

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "ExtraTrees":
        """The untrained module."""
        del bases
        from babbitt.training.families.closed_form.extra_trees import ExtraTrees  # noqa: PLC0415 - loads torch

        return ExtraTrees(self, data, spec)
