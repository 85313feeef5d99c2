"""What a model said of a record's windows, as the one answer for the record."""

from typing import Any, NamedTuple

import numpy as np

from babbitt.contracts.answers import DECIDED, HEALTHY_LABELS, health, record_answer, record_novelty, record_severity
from babbitt.contracts.dataspec import ModelSpec
from babbitt.inference.domain.outputs import NOVELTY, PROBABILITIES, REFINED_SPEED, SEVERITY, Outputs

HEALTHY, NOVEL = "healthy", "novel"
"""What is told of a machine where no class of its model says so."""


class Diagnosis(NamedTuple):
    """What a record means; the fields are those of PredictionCompleted. A tuple: one is made for every request.

    Attributes:
        refined_speed_hz: what the model made of the shaft speed; None: it took it as it was, or reads none.
        warnings: what is to be known of the record.
    """

    fault: str
    confidence: float
    probabilities: dict[str, float]
    windows: int
    prediction_set: tuple[str, ...] | None = None
    coverage: float | None = None
    novel: bool | None = None
    novelty: float | None = None
    severity: float | None = None
    refined_speed_hz: float | None = None
    warnings: tuple[str, ...] = ()


def diagnose(outputs: Outputs, spec: ModelSpec, far: tuple[str, ...] = ()) -> Diagnosis:
    """The answer for one record.

    Args:
        outputs: what the model said of its windows.
        spec: the model's.
        far: what of the record lies far outside what the model has learnt from; then it is novel, whatever is said.
    """
    answer = record_answer(outputs[PROBABILITIES], spec)
    novelty = record_novelty(outputs[NOVELTY], spec) if NOVELTY in outputs else None
    found = Diagnosis(
        fault=answer.fault,
        confidence=answer.confidence,
        probabilities=dict(zip(spec.class_names, answer.probabilities.tolist(), strict=True)),
        windows=answer.windows,
        prediction_set=answer.prediction_set,
        coverage=answer.coverage,
        novel=True if far else None if novelty is None else novelty.novel,
        novelty=None if novelty is None else novelty.score,
        severity=record_severity(outputs[SEVERITY]) if SEVERITY in outputs else None,
        refined_speed_hz=float(np.median(outputs[REFINED_SPEED])) if REFINED_SPEED in outputs else None,
        warnings=far,
    )
    if spec.task != "multiclass":
        found = found._replace(**_told(found, spec))
    return found._replace(severity=None) if found.fault in HEALTHY_LABELS else found


def _told(found: Diagnosis, spec: ModelSpec) -> dict[str, Any]:
    """What is told where the classes are not all that can be."""
    if spec.task == "multilabel":
        present = found.confidence >= DECIDED
        return {} if present else {"fault": HEALTHY, "confidence": 1.0 - found.confidence}
    well = found.confidence
    if found.novelty is not None and spec.novelty is not None:
        well = float(health(np.array(found.novelty), spec.novelty))
    healthy = well >= DECIDED if found.novel is None else not found.novel
    if healthy != (well >= DECIDED):  # far outside what was learnt, where a score means nothing
        well = 1.0 - well
    return {
        "fault": HEALTHY if healthy else NOVEL,
        "confidence": well if healthy else 1.0 - well,
        "probabilities": dict.fromkeys(found.probabilities, well),
    }
