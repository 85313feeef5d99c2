"""The full evaluation of a version: a file, `report.json`, beside the model. Shares lie between 0 and 1.

As open as an event: unknown fields are skipped at every depth, so a gateway of today reads the report of a later
`training`.
"""

from typing import Any, Literal, Self

from pydantic import Field

from babbitt.contracts.dataspec import Calibration, DataSpec, ModelSpec, NoveltyRule
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Parity, SeedResult, Variant
from babbitt.contracts.model_scores import (
    GroupScore,
    Part,
    SeverityScore,
    SplitScores,
)
from babbitt.contracts.names import Sha256


class CurvePoint(Part):
    """How a version does at one level of a disturbance."""

    level: float
    record_accuracy: float
    macro_auroc: float | None = None


class Curve(Part):
    """How a version does while something gets worse.

    Attributes:
        kind: `record_snr_db`: white noise at so many dB under each record's own level; `healthy_rms`: the same noise on
            every record, so many times the level of healthy ones; `speed_error`: shaft speeds wrong by this share.
        records: how many were answered at each level.
        reference_rms: level of healthy records by channel, in its unit, of `healthy_rms`.
    """

    kind: Literal["record_snr_db", "healthy_rms", "speed_error"] | str
    records: int
    points: tuple[CurvePoint, ...]
    reference_rms: tuple[float, ...] | None = None


CURVES = {
    "record_snr_db": ("Noise at each record's own level", "signal-to-noise ratio, dB"),
    "healthy_rms": ("The same noise on every record", "noise, in levels of healthy records"),
    "speed_error": ("A wrong shaft speed", "error, share"),
}
"""Of each kind of curve a title, and what its levels are."""


class Latency(Part):
    """Time of one record's windows on one CPU thread, in milliseconds: the median of so many `runs`."""

    median_ms: float
    windows: int
    runs: int
    threads: int = 1


class Detection(Part):
    """Alarms of a one_class model over records in the order in which they were taken, after k of n.

    Attributes:
        k, n: an alarm is on while at least k of the last n records are novel.
        measured_every_s: assumed between two records, for what is told in time.
        false_alarms_a_machine_month: alarms that began in health; None: no healthy series was long enough.
        machine_months: of health that was looked at: how sure that number can be.
        median_delay_records, median_delay_s: from the first faulty record until the alarm, of those detected.
        faults, detected: series with a fault, and those that an alarm told.
        series_too_short: of fewer than k records, in which no alarm could come: nothing here is of them.
    """

    k: int
    n: int
    measured_every_s: float
    false_alarms_a_machine_month: float | None = None
    machine_months: float = 0.0
    median_delay_records: float | None = None
    median_delay_s: float | None = None
    faults: int = 0
    detected: int = 0
    series_too_short: int = 0


class EpochPoint(Part):
    """An epoch of a run; losses in nats. Of validation None: nothing was held out."""

    epoch: int
    train_loss: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    learning_rate: float = 0.0
    seconds: float = 0.0
    metrics: dict[str, float] = Field(default_factory=dict[str, float])


class Run(Part):
    """One run of the job.

    Attributes:
        name: `seed 3`, `without A`; empty: there is one alone.
        kept_epoch: whose weights these are.
        stopped: why it ended before its last epoch: `patience`, `budget`; None: it did not.
    """

    name: str = ""
    kept_epoch: int = 0
    stopped: str | None = None
    epochs: tuple[EpochPoint, ...] = ()


class Provenance(Part):
    """What a version was made of, by whom and on what: enough to make it again.

    Attributes:
        request: as it was asked for.
        dataset: its id.
        splits: their digests, by name.
        commit, lock_sha256: of code and pinned dependencies, where they are known.
        threads, processes, cpu, device, packages: on another of these the weights may differ in their last bits.
    """

    request: dict[str, Any] = Field(default_factory=dict[str, Any])
    dataset: Sha256
    splits: dict[str, Sha256] = Field(default_factory=dict[str, Sha256])
    commit: str | None = None
    lock_sha256: Sha256 | None = None
    seed: int = 0
    threads: int = 1
    processes: int = 1
    device: str = "cpu"
    cpu: str = ""
    machine: str = ""
    python: str = ""
    packages: dict[str, str] = Field(default_factory=dict[str, str])


class ModelReport(Part):
    """All that is known of a version. `limits`: what it should not be believed in; `notes`: of its data."""

    format: Literal[2] = 2
    preset: str
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    test: SplitScores
    validation: SplitScores | None = None
    curves: tuple[Curve, ...] = ()
    by_severity: tuple[GroupScore, ...] = ()
    severity: tuple[SeverityScore, ...] = ()
    latency: Latency | None = None
    detection: Detection | None = None
    calibration: Calibration | None = None
    novelty: NoveltyRule | None = None
    parity: Parity | None = None
    runs: tuple[Run, ...] = ()
    variants: tuple[Variant, ...] = ()
    seeds: tuple[SeedResult, ...] = ()
    cross_validation: CrossValidation | None = None
    provenance: Provenance
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """A report's JSON, of a later version of `training` too.

        Raises:
            pydantic.ValidationError: it is none, or of the format before.
        """
        return cls.model_validate_json(content, extra="ignore")
