"""The `order_envelope` family's configuration and presets. Free of torch, so that the service can name them cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.errors import UnsuitableData
from babbitt.training.families.preset import (
    DROPOUT,
    STEPS,
    WINDOW_S,
    BaseModel,
    FamilyConfig,
    Recipe,
    Size,
    check_bounds,
)
from babbitt.training.families.registry import PRESETS
from babbitt.training.families.windowing import CLASSIFICATION, task_among

if TYPE_CHECKING:
    from babbitt.training.families.order_envelope.front_end import ReadsFaultLines

AT_ONCE = Recipe(epochs=1, batch_size=1024, learning_rate=1.0, patience=1, views=0, augmentations=())
BY_GRADIENTS = Recipe(
    epochs=30, batch_size=64, learning_rate=1e-3, patience=10, weight_decay=0.5, views=0, augmentations=()
)


@PRESETS.family(
    "order_envelope",
    small=Size(AT_ONCE, {"bands": 3, "harmonics": 2}),
    base=Size(AT_ONCE),
    net=Size(BY_GRADIENTS, {"hidden": 32}),
)
@dataclass(frozen=True, slots=True)
class OrderEnvelopeConfig(FamilyConfig):
    """All that makes an `order_envelope` module what it is, given the data.

    Attributes:
        window_s: length of a window; longer where the shaft's speed is one for all and turns too seldom in that time.
        revolutions: what the envelope's spectrum is of; of a window with fewer it is as much less fine.
        hop_share: of a window, between the starts of two.
        bands: how many band-passes, side by side.
        lowest_hz, highest_hz: from where to where they reach, as far as the sampling rate goes.
        points: samples a revolution.
        highest_order: upper end of the spectrum in orders.
        harmonics: of each fault, that are looked at.
        slip_tolerance: a fault's line is looked for within this share of where rolling without slip would have it.
        speed_tolerance: a nominal speed is refined within this share; 0: it is taken as it is.
        penalty: half of it times the squared weights is added to the mean loss. It is strong: little of what one
            bearing shows, beyond the physics that has chosen what is looked at, holds for another.
        balanced: every class counts the same, however many windows it has.
        hidden: width of a perceptron that learns by gradients; 0: the head is linear and learnt at once. `penalty` and
            `balanced` are of the linear head: for a net `weight_decay` and `class_weights` of the recipe do that.
        dropout: share of the hidden units left out in training.
    """

    window_s: float = 0.5
    revolutions: int = 15
    hop_share: float = 0.5
    bands: int = 6
    lowest_hz: float = 300.0
    highest_hz: float = 5_800.0
    points: int = 64
    highest_order: float = 20.0
    harmonics: int = 3
    slip_tolerance: float = 0.02
    speed_tolerance: float = 0.05
    penalty: float = 4.0
    balanced: bool = True
    hidden: int = 0
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_bounds(
            self,
            window_s=WINDOW_S,
            revolutions=(2, 1000),
            hop_share=(0.01, 1.0),
            bands=(1, 256),
            lowest_hz=(1.0, 1e6),
            highest_hz=(self.lowest_hz + 1.0, 1e6),
            points=(4, 4096),
            highest_order=(2.0, self.points / 2),
            harmonics=(1, 100),
            slip_tolerance=(0.0, 0.5),
            speed_tolerance=(0.0, 0.5),
            penalty=(1e-9, 1e9),
            hidden=(0, 65_536),
            dropout=DROPOUT,
        )

    @property
    def ignores(self) -> frozenset[str]:
        """A linear head is learnt at once."""
        return frozenset() if self.hidden else STEPS

    def window_duration_s(self, data: DataSpec) -> float:
        """Seconds of a window, in which the slowest shaft that is meant turns `revolutions` times."""
        return max(self.window_s, self.revolutions / data.shaft_speed_hz) if data.shaft_speed_hz else self.window_s

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """Overlapping windows, the last aligned to the end."""
        del bases
        if data.shaft_speed == "none":
            raise UnsuitableData(data, f"{preset} reads the shaft's speed, which the data do not say")
        if data.sampling_rate_hz / 2 <= 2 * self.lowest_hz:
            raise UnsuitableData(data, f"{preset} needs bands above {self.lowest_hz:g} Hz, where bearings ring")
        samples = round(self.window_duration_s(data) * data.sampling_rate_hz)
        if data.record_samples < samples:
            raise UnsuitableData(data, f"{preset} needs windows of {samples} samples: {self.revolutions} revolutions")
        return ModelSpec(
            family=preset,
            window_samples=samples,
            hop_samples=max(1, round(self.hop_share * samples)),
            inputs=("waveform", "shaft_speed_hz", "fault_orders"),
            amplitude="relative",
            class_names=data.class_names,
            task=task_among(CLASSIFICATION, preset, data),
            speed_tolerance=self.speed_tolerance,
        )

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "ReadsFaultLines":
        """The untrained module."""
        del bases
        from babbitt.training.families.order_envelope.module import OrderEnvelope  # noqa: PLC0415 - loads torch
        from babbitt.training.families.order_envelope.net import OrderEnvelopeNet  # noqa: PLC0415

        return OrderEnvelopeNet(self, data, spec) if self.hidden else OrderEnvelope(self, data, spec)
