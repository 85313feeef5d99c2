"""Simulated datasets: what can be asked of the generators of `signals`."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from babbitt.contracts.envelope import RequestPart
from babbitt.contracts.mappings import MappedBearing
from babbitt.contracts.splits import SignalToNoiseDb

type JournalFault = Literal[
    "sain",
    "desalignement",
    "desequilibre",
    "jeu",
    "lubrification",
    "cavitation",
    "usure",
    "oilwhirl",
    "mixed_misalign_imbalance",
    "mixed_wear_lube",
    "mixed_cavit_jeu",
]
type NoiseLayerName = Literal[
    "measurement", "mains", "walk", "thermal_drift", "quantization", "sensor_drift", "aliasing", "impulses"
]
type EffectName = Literal[
    "run_up", "coast_down", "speed_fluctuation", "resonance", "cross_coupling", "thermal_growth", "axial"
]
type RollingFault = Literal["healthy", "outer_race", "inner_race", "ball"]

JOURNAL_FAULTS: tuple[JournalFault, ...] = JournalFault.__value__.__args__
NOISE_LAYERS: tuple[NoiseLayerName, ...] = NoiseLayerName.__value__.__args__
EFFECTS: tuple[EffectName, ...] = EffectName.__value__.__args__
SEVERITIES = ("incipient", "mild", "moderate", "severe")
"""How far a fault has gone: names of the levels, the least first."""
ROLLING_FAULTS: tuple[RollingFault, ...] = RollingFault.__value__.__args__


def _differing[T](values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) != len(values):
        raise ValueError("each at most once")
    return values


def _as_set(order: Sequence[str]) -> AfterValidator:
    """Whatever order they are given in, the same values are the same request."""

    def ordered(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(_differing(values), key=order.index))

    return AfterValidator(ordered)


type Seed = Annotated[int, Field(ge=0, lt=2**63)]
type NoiseCopies = Annotated[tuple[SignalToNoiseDb, ...], Field(max_length=8), AfterValidator(_differing)]
"""Signal-to-noise ratios at which the test records are there once more, with white noise."""


class JournalSource(RequestPart):
    """Journal-bearing records, by default all of the benchmark JBFD-11.

    Attributes:
        generator: version of the generator; another version is another dataset.
        classes: identifiers of the faults.
        records_per_class: records of each class, the four levels of severity in turn.
        duration_s: seconds of one record.
        sampling_rate_hz: samples a second.
        seed: the same seed gives the same bytes.
        noise_layers: which layers of noise there are; an ablation leaves some out.
        effects: what the benchmark does not have.
        noise_copies_db: signal-to-noise ratios of the copies of the test split.
    """

    kind: Literal["simulated"] = "simulated"
    profile: Literal["jbfd11"] = "jbfd11"
    generator: Literal[2] = 2
    classes: Annotated[tuple[JournalFault, ...], Field(min_length=2), AfterValidator(_differing)] = JOURNAL_FAULTS
    records_per_class: Annotated[int, Field(ge=4, le=100_000)] = 320
    duration_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    sampling_rate_hz: Annotated[float, Field(ge=1_000, le=1_000_000)] = 20_480.0
    seed: Seed = 0
    noise_layers: Annotated[tuple[NoiseLayerName, ...], _as_set(NOISE_LAYERS)] = NOISE_LAYERS
    effects: Annotated[tuple[EffectName, ...], _as_set(EFFECTS)] = ()
    noise_copies_db: NoiseCopies = (20, 10, 5)


SKF_6205 = MappedBearing(balls=9, ball_diameter_mm=7.94, pitch_diameter_mm=39.04)
"""The drive end's bearing of the data centre of Case Western Reserve University: 0.3126 in on 1.537 in."""


def machine_name(label: str, number: int) -> str:
    """The name of a simulated machine, which is a group: its class, and its number within it."""
    return f"{label}-m{number:04d}"


class RollingSource(RequestPart):
    """Records of simulated machines with rolling-element bearings. A machine is a group.

    Attributes:
        generator: version of the generator; another version is another dataset.
        classes: faults.
        machines_per_class: simulated machines of each class, with resonances and noise of their own.
        records_per_machine: records of each machine.
        bearings: geometries, in turn.
        shaft_speed_hz: lowest and highest speed, revolutions a second.
        signal_to_noise_db: lowest and highest ratio of the impacts' power to that of the noise.
        duration_s, sampling_rate_hz, seed, noise_copies_db: as of a journal bearing.
    """

    kind: Literal["simulated"] = "simulated"
    profile: Literal["rolling"]
    generator: Literal[1] = 1
    classes: Annotated[tuple[RollingFault, ...], Field(min_length=2), AfterValidator(_differing)] = ROLLING_FAULTS
    machines_per_class: Annotated[int, Field(ge=3, le=10_000)] = 40
    records_per_machine: Annotated[int, Field(ge=1, le=10_000)] = 8
    bearings: Annotated[tuple[MappedBearing, ...], Field(min_length=1, max_length=1000)] = (SKF_6205,)
    shaft_speed_hz: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(le=2_000)]] = (28.0, 30.0)
    signal_to_noise_db: tuple[Annotated[float, Field(ge=-40)], Annotated[float, Field(le=60)]] = (-16.0, 8.0)
    duration_s: Annotated[float, Field(gt=0, le=600)] = 1.0
    sampling_rate_hz: Annotated[float, Field(ge=1_000, le=1_000_000)] = 12_000.0
    seed: Seed = 0
    noise_copies_db: NoiseCopies = ()

    def groups(self) -> dict[str, frozenset[str]]:
        """The machines by their names, and the class of each."""
        return {
            machine_name(label, number): frozenset({label})
            for label in self.classes
            for number in range(self.machines_per_class)
        }

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in ("shaft_speed_hz", "signal_to_noise_db"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name}: the lowest first, then the highest")
        return self
