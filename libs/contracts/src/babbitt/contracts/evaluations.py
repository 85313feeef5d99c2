"""How well a version does, as told on topics: summaries; the full report is a file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import ModelName, Sha256, VersionNumber


class Parity(BaseModel):
    """How far the exported graph is from the trained module, and the form of it that serves from that graph.

    Attributes:
        max_abs_difference: worst difference of a window's probability between module and exported graph, in float32.
        bound: what is allowed of it.
        windows: how many real windows were compared; 0: there is no module to compare with.
        served_form: which form of the exported graph serves.
        served_difference: worst difference of a record's probability between that form and float32, on records of
            validation; null: no forms were measured. No bound holds for it: what is bounded is what the form loses.
    """

    model_config = ConfigDict(frozen=True)

    max_abs_difference: float
    bound: float
    windows: int
    served_form: str = "float32"
    served_difference: float | None = None


class EvaluationSummary(BaseModel):
    """How a version did on the test split, by the exported file that serves.

    Attributes:
        test_split_sha256: digest of the split; versions compare only on the same one.
        split_kind: `time` is optimistic.
        split_in_time: classes with one group, which a split by group divides in time: what is said of them is as
            optimistic, and counts as evidence of that kind.
        accepted_leakage: why its splits may share samples, where they may: then the numbers prove nothing.
        records, windows: how many were answered.
        record_accuracy, window_accuracy, macro_f1: 0 to 1. Of a one_class model: of the alarm, right or wrong.
        record_accuracy_apart: of the records of the other classes alone; None: no class is divided in time, or no other
            was tested.
        per_class: recall by class, of those that were tested.
        groups: how many groups were tested; None: an earlier version did not count.
        record_accuracy_interval: 95 %, by resampling groups; None: fewer than 8.
        macro_auroc: of a multilabel or one_class model.
        calibration_error: expected calibration error of the record-level answer, 15 bins.
        coverage: share of prediction sets that held the truth; None: there are none, or nothing to measure on.
        latency_ms: median of one record's windows on one CPU thread, where it was measured.
    """

    model_config = ConfigDict(frozen=True)

    test_split_sha256: Sha256
    split_kind: str
    split_in_time: tuple[str, ...] = ()
    accepted_leakage: str | None = None
    records: int
    windows: int
    record_accuracy: float
    record_accuracy_apart: float | None = None
    window_accuracy: float
    macro_f1: float
    per_class: dict[str, float] = {}
    groups: int | None = None
    record_accuracy_interval: tuple[float, float] | None = None
    macro_auroc: float | None = None
    calibration_error: float | None = None
    coverage: float | None = None
    latency_ms: float | None = None


class Variant(BaseModel):
    """One form of an exported model, measured on validation records.

    Attributes:
        name: `float32`, `float16`, `int8_static`, `int8_dynamic`, `int8_qat`.
        device: where it is meant to run.
        artifact: the file; None: it could not be made, and `note` says why.
        chosen: whether this one serves.
        record_accuracy, macro_f1: on the validation split, 0 to 1.
        flipped: validation records that it answers otherwise than `float32` does.
        max_abs_difference: worst difference of a probability from `float32`.
        latency_ms: median of one record's windows, one CPU thread.
        note: why it was chosen or was not.
    """

    model_config = ConfigDict(frozen=True)

    name: Literal["float32", "float16", "int8_static", "int8_dynamic", "int8_qat"] | str
    device: Literal["cpu", "cuda"] | str = "cpu"
    artifact: ObjectReference | None = None
    chosen: bool = False
    record_accuracy: float | None = None
    macro_f1: float | None = None
    flipped: int | None = None
    max_abs_difference: float | None = None
    latency_ms: float | None = None
    note: str = ""


class SeedResult(BaseModel):
    """How one run of a job with several seeds did.

    Attributes:
        seed: its own.
        validation_loss: in nats, of the weights that were kept; None: after folds nothing is held out of learning.
        record_accuracy: on the test split.
        chosen: whether its weights are the version's: the lowest validation loss, never the test split, decides; where
            there is none, the first seed is the version's.
    """

    model_config = ConfigDict(frozen=True)

    seed: int
    validation_loss: float | None = None
    record_accuracy: float
    chosen: bool = False


class CrossValidation(BaseModel):
    """How models of the same request did on groups that they were not trained on, pooled over the folds.

    Attributes:
        folds: how many there were, with the groups that each held out.
        records, record_accuracy: of all that were held out, each answered once.
        record_accuracy_interval: 95 %, by resampling groups; None: fewer than 8.
        by_fold: record accuracy of each.
    """

    model_config = ConfigDict(frozen=True)

    folds: tuple[tuple[str, ...], ...]
    records: int
    record_accuracy: float
    record_accuracy_interval: tuple[float, float] | None = None
    by_fold: tuple[float, ...] = ()


class ChampionTested(BaseModel):
    """How the champion did on the split that a new version was tested on, by its file and in the same job.

    Attributes:
        version, artifact_sha256: which one.
        evaluation: on the new version's test split.
        predictions: paired with the new version's.
    """

    model_config = ConfigDict(frozen=True)

    model: ModelName
    version: VersionNumber
    artifact_sha256: Sha256
    evaluation: EvaluationSummary
    predictions: ObjectReference


class Lineage(BaseModel):
    """What a version is made of.

    Attributes:
        commit: of the code, where it is known.
        lock_sha256: of the pinned dependencies, where they are known.
        base_version: what it was fine-tuned from, or whose embedding it reads.
        members: the versions that an ensemble asks.
        class_map: how labels were merged, renamed or dropped; null: dropped.
        seed: of the weights that were kept.
        train_records: digests of the records that it and what it is based on learnt from, as a file.
        quick: a trial; never promoted by itself.
        studied: the tuning study whose best trial it is.
        signature: Ed25519 over the statement in `signatures`, base64, where a key is configured.
    """

    model_config = ConfigDict(frozen=True)

    commit: str | None = None
    lock_sha256: Sha256 | None = None
    base_version: VersionNumber | None = None
    members: tuple[VersionNumber, ...] = ()
    class_map: dict[str, tuple[str, ...] | None] = {}
    seed: int = 0
    threads: int | None = None
    train_records: ObjectReference | None = None
    quick: bool = False
    studied: str | None = None
    signature: str | None = None
