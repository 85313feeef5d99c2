"""The `spectral` family's configuration and presets. Free of torch, so that the service can name them cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.preset import (
    DROPOUT,
    WIDTH,
    WINDOW_S,
    BaseModel,
    FamilyConfig,
    Recipe,
    Size,
    check_bounds,
)
from babbitt.training.families.registry import PRESETS
from babbitt.training.families.windowing import windowed

if TYPE_CHECKING:
    from babbitt.training.families.spectral.module import SpectralClassifier

SHORTEST_WINDOW_FRAMES = 4


@PRESETS.family(
    "spectral",
    small=Size(
        Recipe(epochs=6, batch_size=16, learning_rate=4e-3, patience=6, views=2),
        {"tone_bands": 16, "frame_bands": 16, "hidden": 48, "embedding": 24},
    ),
    base=Size(Recipe(epochs=40, batch_size=32, learning_rate=1.5e-3, patience=15)),
)
@dataclass(frozen=True, slots=True)
class SpectralConfig(FamilyConfig):
    """All that makes a `spectral` module what it is, given the data.

    Attributes:
        longest_window_s: a record up to this long is one window; longer ones are cut into windows of this length.
        tone_limit_hz: upper end of the fine spectrum, where it lies below 0.4 of the sampling rate.
        tone_bands: number of logarithmic bands of the fine spectrum; short windows have fewer that differ.
        frame_samples: length of a frame of the short-time spectrum; its hop is half of that.
        frame_bands: bands of the short-time spectrum.
        hidden: width of the net's first layer.
        embedding: width of its second layer, which is an output.
        dropout: share of the hidden units left out in training.
    """

    longest_window_s: float = 5.0
    tone_limit_hz: float = 220.0
    tone_bands: int = 32
    frame_samples: int = 128
    frame_bands: int = 32
    hidden: int = 256
    embedding: int = 128
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_bounds(
            self,
            longest_window_s=WINDOW_S,
            tone_limit_hz=(2.0, 1e6),
            tone_bands=(1, 1024),
            frame_samples=(8, 65_536),
            frame_bands=(1, 4096),
            hidden=WIDTH,
            embedding=WIDTH,
            dropout=DROPOUT,
        )

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """See `windowed`."""
        del bases
        return windowed(preset, data, self.longest_window_s, SHORTEST_WINDOW_FRAMES * self.frame_samples)

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "SpectralClassifier":
        """The untrained module."""
        del bases
        from babbitt.training.families.spectral.module import SpectralClassifier  # noqa: PLC0415 - loads torch

        return SpectralClassifier(self, data, spec)
