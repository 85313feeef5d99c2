"""What serving needs to know of a version beyond its graph: calibration, novelty, and what learning saw."""

from collections.abc import Sequence

import numpy as np

from babbitt.contracts.dataspec import Calibration, DataSpec, ModelSpec, NoveltyRule
from babbitt.training.fitting.evaluating.answering import Answers, LabelledRecords
from babbitt.training.fitting.evaluating.calibration import fit_calibration
from babbitt.training.fitting.evaluating.novelty import fit_novelty
from babbitt.training.fitting.plan import FEWEST_TO_CALIBRATE

UNCALIBRATED = (
    f"validation has fewer than {FEWEST_TO_CALIBRATE} groups, so none was spared to calibrate on: probabilities are as "
    "the module gives them, and there are no prediction sets"
)


def served_spec(
    spec: ModelSpec, data: DataSpec, learnt: LabelledRecords, held_out: LabelledRecords, answers: Answers | None
) -> ModelSpec:
    """The specification with what was fitted on held-out records and seen in those that were learnt from.

    Args:
        spec: of the model.
        data: what it reads.
        learnt: records of the training split.
        held_out: records that neither learning nor early stopping has seen; there may be none.
        answers: the model's for these, before any calibration; None: there are none.
    """
    return spec.model_copy(
        update={
            "calibration": _calibration(spec, held_out, answers),
            "novelty": _novelty(spec, held_out, answers),
            "shaft_speed_range_hz": _speeds(learnt),
            "rms_range": _levels(data, learnt) if spec.amplitude == "absolute" else None,
        }
    )


def _calibration(spec: ModelSpec, held_out: LabelledRecords, answers: Answers | None) -> Calibration | None:
    if answers is None:
        return None if spec.task == "one_class" else Calibration(note=UNCALIBRATED)
    return fit_calibration(answers.voted(), held_out.targets, held_out.groups, spec)


def _novelty(spec: ModelSpec, held_out: LabelledRecords, answers: Answers | None) -> NoveltyRule | None:
    scores = answers.record_novelty() if answers else None
    if scores is None:
        return None
    known = held_out.healthy if spec.task == "one_class" else np.ones(len(held_out), dtype=np.bool_)
    rows = np.flatnonzero(known).tolist()
    groups: Sequence[str] = [held_out.groups[row] for row in rows]
    return fit_novelty(scores[rows], groups)


def _speeds(learnt: LabelledRecords) -> tuple[float, float] | None:
    speeds = [entry.shaft_speed_hz for entry in learnt.entries if entry.shaft_speed_hz]
    return (min(speeds), max(speeds)) if len(speeds) == len(learnt) > 0 else None


def _levels(data: DataSpec, learnt: LabelledRecords) -> tuple[float, float] | None:
    if len({channel.unit for channel in data.channels}) > 1:
        return None
    levels = np.concatenate([waveform.std(axis=-1) for waveform in learnt.waveforms])
    return float(levels.min()), float(levels.max())
