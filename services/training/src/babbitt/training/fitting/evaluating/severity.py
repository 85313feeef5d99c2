"""How far off a told severity is, class by class."""

import numpy as np

from babbitt.contracts.model_scores import SeverityScore
from babbitt.contracts.simulations import SEVERITIES
from babbitt.training.fitting.evaluating.answering import Answers, LabelledRecords


def severity_scores(records: LabelledRecords, answers: Answers) -> tuple[SeverityScore, ...]:
    """Mean absolute error in levels of each class's records whose severity is known; none where none is told."""
    told = answers.record_severity()
    if told is None:
        return ()
    known = [row for row, entry in enumerate(records.entries) if entry.severity in SEVERITIES]
    truth = np.array([SEVERITIES.index(records.entries[row].severity or "") for row in known])
    off = np.abs((len(SEVERITIES) - 1) * told[known] - truth)
    labels = np.array([records.entries[row].label for row in known])
    return tuple(
        SeverityScore(
            name=str(name), records=int((labels == name).sum()), mean_absolute_error=float(off[labels == name].mean())
        )
        for name in np.unique(labels)
    )
