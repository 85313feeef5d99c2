"""What is asked of a version beyond its scores: disturbances, severities, time, alarms."""

from dataclasses import dataclass

from babbitt.contracts.model_reports import Curve, Detection, Latency
from babbitt.contracts.model_scores import GroupScore
from babbitt.training.fitting.evaluating.answering import Answering
from babbitt.training.fitting.evaluating.detection import Persistence, detection
from babbitt.training.fitting.evaluating.disturbances import Disturbances, curves
from babbitt.training.fitting.evaluating.evaluation import Evaluation, accuracy_by
from babbitt.training.fitting.evaluating.latency import latency


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of it; the fields of ModelReport."""

    curves: tuple[Curve, ...]
    by_severity: tuple[GroupScore, ...]
    latency: Latency
    detection: Detection | None


def examine(
    evaluation: Evaluation,
    answering: Answering,
    on_one_thread: Answering,
    *,
    seed: int = 0,
    tried: Disturbances | None = None,
    persistence: Persistence | None = None,
) -> Examination:
    """Ask more about a version on the records that it was evaluated on.

    Args:
        evaluation: of the same file.
        answering: the file, on any number of threads.
        on_one_thread: the file likewise, to be timed.
        seed: of the noise.
        tried: which disturbances.
        persistence: of a one_class model: when an alarm is on.
    """
    records, spec, scores = evaluation.records, evaluation.answers.spec, evaluation.by_record
    labels = [entry.label for entry in records.entries]
    timed = latency(on_one_thread, records, spec)
    return Examination(
        curves=curves(answering, records, spec, seed, tried or Disturbances(), timed.median_ms),
        by_severity=accuracy_by(tuple(entry.severity for entry in records.entries), records, scores.right),
        latency=timed,
        detection=detection(scores.answer[:, 1], records.healthy, records.groups, labels, persistence)
        if spec.task == "one_class"
        else None,
    )
