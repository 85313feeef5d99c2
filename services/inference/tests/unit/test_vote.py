import numpy as np
import pytest

from babbitt.inference.domain.vote import mean_probability


def test_a_record_is_answered_by_the_mean_of_its_windows_probabilities():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]], dtype=np.float32)
    diagnosis = mean_probability(probabilities, ("sain", "oilwhirl"))
    assert diagnosis.fault == "oilwhirl"
    assert diagnosis.confidence == pytest.approx(1.6 / 3)
    assert diagnosis.probabilities == pytest.approx({"sain": 1.4 / 3, "oilwhirl": 1.6 / 3})
    assert diagnosis.windows == 3


def test_a_majority_of_windows_does_not_outvote_a_surer_minority():
    probabilities = np.array([[0.45, 0.55], [0.45, 0.55], [0.99, 0.01]], dtype=np.float32)
    assert mean_probability(probabilities, ("sain", "oilwhirl")).fault == "sain"
