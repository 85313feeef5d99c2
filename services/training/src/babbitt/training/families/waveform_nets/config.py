"""Configurations and presets of the waveform nets. Free of torch, so that the service can name them cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.recipes import NoiseAugmentation, ShiftAugmentation
from babbitt.training.families.preset import DROPOUT, BaseModel, FamilyConfig, Recipe, Size, check_bounds
from babbitt.training.families.preset import WINDOW_S as BOUNDS_S
from babbitt.training.families.registry import PRESETS
from babbitt.training.families.windowing import windowed

if TYPE_CHECKING:
    from babbitt.training.families.waveform_nets.net import WaveformNet

WINDOW_S = 1.0
"""Longer records are cut: a waveform net's cost grows with its window, its accuracy does not."""
SHIFTED = (ShiftAugmentation(name="shift"), NoiseAugmentation())
RECIPE = Recipe(epochs=60, batch_size=32, learning_rate=1e-3, patience=12, average_decay=0.99, augmentations=SHIFTED)
QUICK = Recipe(epochs=30, batch_size=32, learning_rate=3e-3, patience=8, augmentations=SHIFTED)


class WaveformNetConfig(FamilyConfig, Protocol):
    """What the three have in common: their front end learns, from what each step reads."""

    @property
    def ignores(self) -> frozenset[str]:
        """No view is rendered beforehand."""
        return frozenset({"views"})


@PRESETS.family(
    "resnet1d", small=Size(QUICK, {"width": 16, "stages": 3, "blocks": 1, "dropout": 0.0}), base=Size(RECIPE)
)
@dataclass(frozen=True, slots=True)
class ResNet1dConfig(WaveformNetConfig):
    """A residual net in one dimension; the defaults are a ResNet-18 (He et al., 2016), with 3.8 million weights.

    Attributes:
        window_s: longer records are cut into windows of this length.
        width: channels of the first stage; each further stage has twice as many at half the rate.
        stages: how many there are.
        blocks: residual blocks of a stage.
        stem_samples, stem_stride: of the first convolution.
        dropout: share of the embedding that is left out in training.
    """

    window_s: float = WINDOW_S
    width: int = 64
    stages: int = 4
    blocks: int = 2
    stem_samples: int = 15
    stem_stride: int = 4
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_bounds(
            self,
            window_s=BOUNDS_S,
            dropout=DROPOUT,
            width=(1, 4096),
            stages=(1, 8),
            blocks=(1, 64),
            stem_samples=(1, 4096),
            stem_stride=(1, 1024),
        )

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """See `windowed`; the last stage is to see four samples at least."""
        del bases
        return windowed(preset, data, self.window_s, 4 * self.stem_stride * 2**self.stages)

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "WaveformNet":
        """The untrained module."""
        del bases
        from babbitt.training.families.waveform_nets.net import WaveformNet  # noqa: PLC0415 - loads torch
        from babbitt.training.families.waveform_nets.resnet import ResNet  # noqa: PLC0415

        widths = [self.width * 2**stage for stage in range(self.stages)]
        body = ResNet(len(data.channels), widths, self.blocks, self.stem_samples, self.stem_stride)
        return WaveformNet(body, widths[-1], data, spec, self.dropout)


@PRESETS.family(
    "cnn_lstm", small=Size(QUICK, {"width": 16, "convolutions": 3, "hidden": 24, "dropout": 0.0}), base=Size(RECIPE)
)
@dataclass(frozen=True, slots=True)
class CnnLstmConfig(WaveformNetConfig):
    """Convolutions, then an LSTM in both directions (Hochreiter and Schmidhuber, 1997).

    Attributes:
        window_s: longer records are cut into windows of this length.
        width: channels of the first convolution; each further one has as many more.
        convolutions: how many there are; each leaves a quarter of the samples.
        hidden: units of the LSTM in each direction.
        dropout: share of the embedding that is left out in training.
    """

    window_s: float = WINDOW_S
    width: int = 32
    convolutions: int = 4
    hidden: int = 96
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_bounds(self, window_s=BOUNDS_S, dropout=DROPOUT, width=(1, 4096), convolutions=(1, 8), hidden=(1, 4096))

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """See `windowed`; the LSTM is to see four steps at least."""
        del bases
        return windowed(preset, data, self.window_s, 4 ** (self.convolutions + 1))

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "WaveformNet":
        """The untrained module."""
        del bases
        from babbitt.training.families.waveform_nets.cnn_lstm import CnnLstm  # noqa: PLC0415 - loads torch
        from babbitt.training.families.waveform_nets.net import WaveformNet  # noqa: PLC0415

        widths = [self.width * (1 + layer) for layer in range(self.convolutions)]
        return WaveformNet(CnnLstm(len(data.channels), widths, self.hidden), 2 * self.hidden, data, spec, self.dropout)


@PRESETS.family("tcn", small=Size(QUICK, {"width": 16, "blocks": 4, "dropout": 0.0}), base=Size(RECIPE))
@dataclass(frozen=True, slots=True)
class TcnConfig(WaveformNetConfig):
    """A temporal convolutional net (Bai et al., 2018).

    Attributes:
        window_s: longer records are cut into windows of this length.
        width: channels of every block.
        blocks: residual blocks; the dilation doubles from each to the next.
        stem_stride: samples of the waveform for each of the blocks'.
        dropout: share of the embedding that is left out in training.
    """

    window_s: float = WINDOW_S
    width: int = 64
    blocks: int = 8
    stem_stride: int = 16
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_bounds(self, window_s=BOUNDS_S, dropout=DROPOUT, width=(1, 4096), blocks=(1, 16), stem_stride=(2, 1024))

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """See `windowed`; the blocks are to see sixteen samples at least."""
        del bases
        return windowed(preset, data, self.window_s, 16 * self.stem_stride)

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "WaveformNet":
        """The untrained module."""
        del bases
        from babbitt.training.families.waveform_nets.net import WaveformNet  # noqa: PLC0415 - loads torch
        from babbitt.training.families.waveform_nets.tcn import Tcn  # noqa: PLC0415

        return WaveformNet(
            Tcn(len(data.channels), self.width, self.blocks, self.stem_stride), self.width, data, spec, self.dropout
        )
