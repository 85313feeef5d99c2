"""The `healthy_baseline` family's configuration and presets. Free of torch: the service names them cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.preset import (
    STEPS,
    WINDOW_S,
    BaseModel,
    FamilyConfig,
    Recipe,
    Size,
    check_bounds,
)
from babbitt.training.families.registry import PRESETS
from babbitt.training.families.spectral.config import SHORTEST_WINDOW_FRAMES
from babbitt.training.families.windowing import windowed

if TYPE_CHECKING:
    from babbitt.training.families.healthy_baseline.module import HealthyBaseline

AS_IT_IS = Recipe(
    epochs=1, batch_size=1024, learning_rate=1.0, patience=1, average_decay=0.0, views=0, augmentations=()
)
"""Noise would be learnt as health."""

type Distance = Literal["mahalanobis", "neighbours"]


@PRESETS.family(
    "healthy_baseline",
    small=Size(AS_IT_IS, {"frame_samples": 128, "frame_bands": 16}),
    base=Size(AS_IT_IS),
    neighbours=Size(AS_IT_IS, {"distance": "neighbours"}),
)
@dataclass(frozen=True, slots=True)
class HealthyBaselineConfig(FamilyConfig):
    """Band levels, and lines of the shaft where its speed is known; the distance from healthy windows in them.

    Attributes:
        longest_window_s: longer records are cut into windows of this length.
        frame_samples: length of a frame of the short-time spectrum.
        frame_bands: bands of it.
        distance: `mahalanobis`, from the middle of the healthy windows, shrunk (Ledoit and Wolf, 2004); or
            `neighbours`, from the nearest of them, where there are several ways to be healthy.
        neighbours: the distance is from this many nearest windows' last.
        remembered: healthy windows that neighbours are looked for among.
        speed_tolerance: a line is looked for within this share of the shaft's nominal speed.
    """

    longest_window_s: float = 1.0
    frame_samples: int = 256
    frame_bands: int = 32
    distance: Distance = "mahalanobis"
    neighbours: int = 5
    remembered: int = 512
    speed_tolerance: float = 0.02

    def __post_init__(self) -> None:
        if self.distance not in get_args(Distance.__value__):
            raise ValueError(f"distance: {', '.join(get_args(Distance.__value__))} is accepted")
        check_bounds(
            self,
            longest_window_s=WINDOW_S,
            frame_samples=(8, 65_536),
            frame_bands=(1, 4096),
            neighbours=(1, 1000),
            remembered=(self.neighbours, 65_536),
            speed_tolerance=(0.0, 0.5),
        )

    @property
    def ignores(self) -> frozenset[str]:
        """It learns at once."""
        return STEPS

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """See `windowed`; where the data tell the shaft's speed, the model reads it."""
        del bases
        spec = windowed(
            preset, data, self.longest_window_s, SHORTEST_WINDOW_FRAMES * self.frame_samples, tasks=("one_class",)
        )
        if data.shaft_speed == "none":
            return spec
        reads = {"inputs": ("waveform", "shaft_speed_hz"), "speed_tolerance": self.speed_tolerance}
        return spec.model_copy(update=reads)

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "HealthyBaseline":
        """The untrained module."""
        del bases
        from babbitt.training.families.healthy_baseline.module import HealthyBaseline  # noqa: PLC0415 - loads torch

        return HealthyBaseline(self, data, spec)
