"""How right a version is: on a split, by class, by group, by severity. Shares lie between 0 and 1."""

from pydantic import BaseModel, ConfigDict

type Bounds = tuple[float, float]


class Part(BaseModel):
    """A part of the report."""

    model_config = ConfigDict(frozen=True)


class ClassScore(Part):
    """How one class did at record level.

    Attributes:
        auroc: of its probability against all other records, where both occur.
        novel: share of its records that were called novel; None: nobody knows what is.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    auroc: float | None = None
    novel: float | None = None


class GroupScore(Part):
    """How the records of one group, or of one severity, did."""

    name: str
    records: int
    record_accuracy: float
    labels: tuple[str, ...] = ()


class SeverityScore(Part):
    """How far off the told severity of a class's records is, of those that are known.

    Attributes:
        name: of the class.
        mean_absolute_error: in levels: of four levels 1 is a third of the way from `incipient` to `severe`.
    """

    name: str
    records: int
    mean_absolute_error: float


class ReliabilityBin(Part):
    """Answers whose confidence lies between two edges: how sure they were on average, and how often right."""

    low: float
    high: float
    answers: int
    confidence: float
    accuracy: float


class SplitScores(Part):
    """How a version does on a split.

    Attributes:
        record_accuracy: of a multilabel model: all faults right; of a one_class model: the alarm right.
        record_accuracy_interval, macro_f1_interval: 95 %, by resampling groups; None: fewer than 8.
        confusion, window_confusion: counts [truth, answer]; of a one_class model healthy and novel; None: multilabel.
        confusion_names: of their rows and columns.
        macro_auroc: of a multilabel or one_class model.
        calibration_error: expected calibration error of the record-level answer, 15 bins; `reliability` has the bins.
        coverage: share of prediction sets that held the truth; `mean_set_size`: classes in one.
        novel: share of records that were called novel; None: nobody knows what is.
        by_group: a row a group where there are fewer than 8; more say less than the interval does.
    """

    records: int
    windows: int
    groups: int
    record_accuracy: float
    record_accuracy_interval: Bounds | None = None
    window_accuracy: float
    macro_f1: float
    macro_f1_interval: Bounds | None = None
    window_macro_f1: float
    macro_auroc: float | None = None
    classes: tuple[ClassScore, ...] = ()
    confusion: tuple[tuple[int, ...], ...] | None = None
    window_confusion: tuple[tuple[int, ...], ...] | None = None
    confusion_names: tuple[str, ...] = ()
    calibration_error: float | None = None
    reliability: tuple[ReliabilityBin, ...] = ()
    coverage: float | None = None
    mean_set_size: float | None = None
    novel: float | None = None
    by_group: tuple[GroupScore, ...] = ()
