"""DataSpec says what data is; ModelSpec says what a model reads of it.

Both are stored with the dataset, in the ONNX file's metadata and in the registry, and travel with every alias. They are
open, as the events that carry them: a reader of today reads what a later version has added.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from babbitt.contracts.names import TEXT_PATTERN, ClassName, Text

type Quantity = Literal["acceleration", "velocity", "displacement", "dimensionless"]
type Unit = Literal["m/s2", "g", "mm/s", "um", "1"]
type Direction = Literal["horizontal", "vertical", "axial", "radial"]

type Word = Annotated[str, StringConstraints(max_length=200, pattern=TEXT_PATTERN)]
"""A name that a later version may know."""

RATE_TOLERANCE = 1e-3
"""Rates that differ by less than this share are the same rate: sensors' clocks are no better."""


def same_rate(from_hz: float, to_hz: float) -> bool:
    """Whether a signal at `from_hz` is taken as it is where `to_hz` is asked for."""
    return abs(from_hz - to_hz) <= RATE_TOLERANCE * to_hz


class Spec(BaseModel, frozen=True):
    """A description; unknown fields are skipped."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class Channel(Spec, frozen=True):
    """One sensor signal of a recording."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,62}$")] = "vibration"
    quantity: Quantity | Word = "acceleration"
    unit: Unit | Word = "g"
    position: Text | None = None
    direction: Direction | Word | None = None


class BearingGeometry(Spec, frozen=True):
    """A rolling-element bearing; diameters in millimetres, the contact angle in degrees.

    `turning_ring` is the one that the shaft or hub turns; the other stands.
    """

    balls: Annotated[int, Field(ge=3)]
    ball_diameter_mm: Annotated[float, Field(gt=0)]
    pitch_diameter_mm: Annotated[float, Field(gt=0)]
    contact_angle_deg: Annotated[float, Field(ge=0, lt=90)] = 0.0
    turning_ring: Literal["inner", "outer"] | Word = "inner"


class Targets(Spec, frozen=True):
    """What is to be told of a record."""

    fault: Literal["multiclass", "multilabel", "one_class"] | Word = "multiclass"
    severity: bool = False


class DataSpec(Spec, frozen=True):
    """What the records of a dataset are.

    Attributes:
        channels: the signals, in the order of a record's rows.
        sampling_rate_hz: samples a second of every channel, after import.
        record_samples: samples a channel of one record, the shortest where they differ.
        shaft_speed: whether the speed is unknown, one for all, or told with each record.
        shaft_speed_hz: revolutions a second, where `shaft_speed` is `constant`.
        bearing: geometry of the bearing, where it is one for all.
        targets: what the labels say.
        gap_policy: what an import does with missing samples.
        class_names: names of the faults, in the order of a model's outputs.
    """

    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    sampling_rate_hz: Annotated[float, Field(gt=0, le=10_000_000)]
    record_samples: Annotated[int, Field(ge=1)]
    shaft_speed: Literal["none", "constant", "per_record"] | Word = "none"
    shaft_speed_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    bearing: BearingGeometry | None = None
    targets: Targets = Targets()
    gap_policy: Literal["refuse", "interpolate", "cut"] | Word = "refuse"
    class_names: Annotated[tuple[ClassName, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({channel.name for channel in self.channels}) != len(self.channels):
            raise ValueError("channels: names must differ")
        if len(set(self.class_names)) != len(self.class_names):
            raise ValueError("class_names: names must differ")
        if (self.shaft_speed == "constant") != (self.shaft_speed_hz is not None):
            raise ValueError("shaft_speed_hz: to be given exactly when shaft_speed is 'constant'")
        return self


class Calibration(Spec, frozen=True):
    """How a record's probabilities become honest ones and a set.

    Fitted on records that neither learning, early stopping nor the test has seen.

    Attributes:
        temperature: the record's probabilities are raised to 1/temperature and normalised.
        set_threshold: a class is in the prediction set when its probability is at least this; None: there are no sets.
        nominal_coverage: share of sets that should hold the truth; None: too few groups to say so, and `note` says why.
        groups: how many the scores are of; records where data have no groups.
        note: what people should know of it.
    """

    temperature: Annotated[float, Field(gt=0, le=1000)] = 1.0
    set_threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    nominal_coverage: Annotated[float, Field(gt=0, lt=1)] | None = None
    groups: Annotated[int, Field(ge=0)] = 0
    note: Annotated[str, StringConstraints(max_length=1000, pattern=TEXT_PATTERN)] = ""


class NoveltyRule(Spec, frozen=True):
    """When a record is like nothing that was learnt from: its score is above the threshold.

    A record's score is the mean over its windows of the graph's output `novelty`.

    Attributes:
        threshold: in the score's own unit.
        records, groups: what the threshold was taken from: never what the model learnt from.
        false_alarm_share: of those records that lie above it.
        note: what people should know of it.
    """

    threshold: float
    records: Annotated[int, Field(ge=0)] = 0
    groups: Annotated[int, Field(ge=0)] = 0
    false_alarm_share: Annotated[float, Field(ge=0, le=1)] | None = None
    note: Annotated[str, StringConstraints(max_length=1000, pattern=TEXT_PATTERN)] = ""


class ModelSpec(Spec, frozen=True):
    """What a model reads and how its windows become one answer for a record.

    Attributes:
        family: the model family, with its preset: `spectral_base`.
        window_samples: samples a channel of one window.
        hop_samples: samples between the starts of two windows; the last window is aligned to the end.
        inputs: names of the ONNX inputs, `waveform` first: `shaft_speed_hz` [batch] and `fault_orders` [batch, 4] (see
            `bearings`) are told for each window.
        amplitude: whether the model reads absolute amplitudes or only their relations.
        vote: how windows become a record's answer. Closed: who knows it not cannot answer.
        class_names: names of the faults, in the order of the outputs.
        task: what the probabilities are: of one class (they add up to 1), of each fault by itself, or, for `one_class`,
            of health alone.
        calibration: how a record's probabilities are corrected; None: they are as they are.
        novelty: when a record is novel; None: the graph has no such output, nobody knows.
        speed_tolerance: a nominal shaft speed is refined by the model within this share; 0: it is taken as given. What
            it was refined to is the graph's output `refined_shaft_speed_hz` [batch], where there is one.
        shaft_speed_range_hz: lowest and highest speed that learning saw; None: what DataSpec says, or nobody knows.
        rms_range: lowest and highest RMS about the mean, of a channel of a record that learning saw, in the channels'
            unit; None: nobody knows, the channels' units differ, or the amplitude is relative.
    """

    family: Word
    window_samples: Annotated[int, Field(ge=1)]
    hop_samples: Annotated[int, Field(ge=1)]
    inputs: tuple[Literal["waveform", "shaft_speed_hz", "fault_orders"] | Word, ...] = ("waveform",)
    amplitude: Literal["absolute", "relative"] | Word = "absolute"
    vote: Literal["mean_probability"] = "mean_probability"
    class_names: Annotated[tuple[ClassName, ...], Field(min_length=1)]
    task: Literal["multiclass", "multilabel", "one_class"] = "multiclass"
    calibration: Calibration | None = None
    novelty: NoveltyRule | None = None
    speed_tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.0
    shaft_speed_range_hz: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] | None = None
    rms_range: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] | None = None

    def window_starts(self, record_samples: int) -> list[int]:
        """First samples of the windows of a record, ascending; the last is aligned to the end: nothing is dropped.

        Args:
            record_samples: samples a channel of the record.

        Raises:
            ValueError: the record is shorter than a window.
        """
        last = record_samples - self.window_samples
        if last < 0:
            raise ValueError(f"{record_samples} samples are fewer than a window of {self.window_samples}")
        return [*range(0, last, self.hop_samples), last]
