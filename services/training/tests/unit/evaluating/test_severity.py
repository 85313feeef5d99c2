"""How far off a told severity is."""

import numpy as np
import pytest
from services.training.tests.unit.evaluating.conftest import records_of, spec_of

from babbitt.training.fitting.evaluating.answering import Answers
from babbitt.training.fitting.evaluating.severity import severity_scores

RECORDS = records_of(
    ["healthy", "inner", "inner", "outer"], severities=[None, "incipient", "severe", "mild"], windows=2
)


def told(*shares: float, windows: int = 2) -> Answers:
    """Answers whose windows tell these shares of the way, record by record."""
    return Answers(
        spec_of(),
        np.full((len(shares), 3), 1 / 3, np.float32),
        None,
        np.arange(len(shares)) // windows,
        np.array(shares, np.float32),
    )


def test_the_error_is_in_levels_by_class_of_the_mean_over_windows_and_health_is_left_out():
    inner, outer = severity_scores(RECORDS, told(0.9, 0.9, 0.0, 0.2, 1.0, 1.0, 1.0, 1.0))
    assert (inner.name, inner.records, inner.mean_absolute_error) == ("inner", 2, pytest.approx(0.15))
    assert (outer.name, outer.records, outer.mean_absolute_error) == ("outer", 1, pytest.approx(2.0))


def test_a_model_that_tells_no_severity_has_no_error_in_it():
    answers = told(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
    assert severity_scores(RECORDS, Answers(answers.spec, answers.probabilities, None, answers.record)) == ()
