"""The quality report of a dataset: what people should know before they train on it. It lies beside the manifest.

As open as an event: unknown fields are skipped at every depth, so a gateway of today reads the report of a later
`signals`.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.names import Sha256


class Part(BaseModel):
    """A part of the report."""

    model_config = ConfigDict(frozen=True)


class Finding(Part):
    """Something that people should know, in a sentence.

    Attributes:
        kind: what it is about, such as `leakage`, `trivial_probe`, `split`, `balance`, `clipping`.
        level: `warning` where results on this dataset may mislead; else `note`.
        text: the sentence.
        records: the first records that it is about, where it is about records.
    """

    kind: str
    level: Literal["warning", "note"] | str
    text: str
    records: tuple[str, ...] = ()


class SplitResult(Part):
    """How records were kept apart.

    Attributes:
        kind: as asked for; `time` is within recordings and optimistic.
        in_time: classes with a single group, divided in time although the rest is split by group: optimistic.
        held_out: groups that are the test split, where they were named.
        untested: classes without records in the test split.
        groups: how many groups each split has records of.
    """

    kind: str
    in_time: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    groups: dict[str, int] = {}


class SharedSamples(Part):
    """Two records that share samples.

    Attributes:
        records: their ids.
        places: where they are.
        labels: their classes.
        shared: `record`, all samples; or `run`, at least 1,024 successive ones, up to gain and offset.
    """

    records: tuple[str, str]
    places: tuple[str, str]
    labels: tuple[str, str]
    shared: Literal["record", "run"] | str


class Leakage(Part):
    """What the leakage gate found.

    Attributes:
        runs_looked_for: whether shared runs were looked for, not identical records alone: the notes say why not.
        outcome: `none` found; or `accepted`: found, or not all compared, and the request says why it may be so.
        reason: why it may be so.
        across: records of different splits that share samples, the first of them.
        across_count: how many such pairs were found.
        within: likewise of one split: no leakage, but fewer independent records than it seems.
        within_count: how many such pairs were found.
        compared: pairs that looked alike and were compared, sample by sample.
        not_compared: pairs that look alike beyond those.
        not_looked_at: recordings in which runs could not be looked for: shorter than one, or they hardly turn.
    """

    outcome: Literal["none", "accepted"] | str
    runs_looked_for: bool = True
    reason: str | None = None
    across: tuple[SharedSamples, ...] = ()
    across_count: int = 0
    within: tuple[SharedSamples, ...] = ()
    within_count: int = 0
    compared: int = 0
    not_compared: int = 0
    not_looked_at: int = 0


class Balance(Part):
    """How many records there are of a class in a place; `severities`: of each level, where they are known."""

    place: str
    label: str
    records: int
    severities: dict[str, int] = {}


class Probe(Part):
    """What one trivial number tells of the class: a decision on it alone, made on train and scored on test.

    Attributes:
        feature: `rms`, `crest`, `kurtosis`, `clipping`, `dc`, `recorded_rate`, `recording_length`.
        channel: whose number it is, the channel that tells most; None: the recording's.
        chance: accuracy of guessing.
        accuracy: mean over the classes of the share that is told right.
        low, high: its 95 % interval, where groups count, not records.
        test_groups: how many groups were scored.
        tells: classes that it tells from all others, or nearly so.
        suspicious: whether it beats chance by much.
    """

    feature: str
    channel: str | None = None
    chance: float
    accuracy: float
    low: float
    high: float
    test_groups: int
    tells: tuple[str, ...] = ()
    suspicious: bool = False


class Distribution(Part):
    """How a statistic is distributed over the records of a class.

    Attributes:
        statistic: `rms`, `crest`, `kurtosis`, `clipping`, `dc`.
        channel: of which channel.
        label: the class.
        quantiles: at 5, 25, 50, 75 and 95 %.
    """

    statistic: str
    channel: str
    label: str
    quantiles: tuple[float, float, float, float, float]


class Portrait(Part):
    """Spectra of the first channel of one record, in decibels, on the axes of `Spectra`."""

    label: str
    record: str
    shaft_speed_hz: float | None = None
    spectrum_db: tuple[float, ...]
    envelope_db: tuple[float, ...]


class Spectra(Part):
    """What the records look like.

    Attributes:
        spectrum_hz, envelope_hz: where the points of the portraits lie.
        portraits: of up to three records a class: the first of it in each of the first shards that have any, the same
            ones whenever the dataset is made.
    """

    spectrum_hz: tuple[float, ...]
    envelope_hz: tuple[float, ...]
    portraits: tuple[Portrait, ...] = ()


class RecordStatistics(Part):
    """What was measured of each record, in columns of equal length.

    Attributes:
        records: their ids, noisy copies included, in the manifest's order.
        statistics: by channel and statistic (`rms`, `crest`, `kurtosis`, `clipping`, `dc`), a number a record. That a
            sample is NaN is not among them: a dataset has none, and what was filled is among the remarks.
        band_edges_hz: edges of bands, one more than there are levels.
        levels_db: by channel, the spectrum of each record: mean power spectral density in each band, in decibels.
        left_out: records beyond these, of a large dataset.
    """

    records: tuple[str, ...]
    statistics: dict[str, dict[str, tuple[float, ...]]]
    band_edges_hz: tuple[float, ...]
    levels_db: dict[str, tuple[tuple[float, ...], ...]]
    left_out: int = 0


class Recorded(Part):
    """Recordings of a class, by the rate that they were recorded at; seconds are of all of their records."""

    label: str
    rate_hz: float
    recordings: int
    records: int
    seconds: float


class QualityReport(Part):
    """All of it.

    Attributes:
        configuration: the request that the dataset was made by.
        label: its name for people.
        records: how many there are, noisy copies included; `seconds`: their length together.
        recorded: rates and lengths as they were before import, or as simulated.
        remarks: what was done to recordings: resampled, cut, filled; the manifest has them among its notes.
        notes: what limits what the dataset can tell, as the manifest says too.
        data_spec: what the records are.
        measured: of each record.
    """

    format: Literal[1] = 1
    dataset_id: Sha256
    configuration: DatasetConfiguration
    label: str | None = None
    records: int
    seconds: float
    findings: tuple[Finding, ...]
    split: SplitResult
    leakage: Leakage
    balance: tuple[Balance, ...]
    probes: tuple[Probe, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    spectra: Spectra | None = None
    recorded: tuple[Recorded, ...] = ()
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    data_spec: DataSpec | None = None
    measured: RecordStatistics | None = None

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """A report's JSON, of a later version of `signals` too.

        Raises:
            pydantic.ValidationError: it is none.
        """
        return cls.model_validate_json(content, extra="ignore")
