"""What is said of samples that are no numbers."""

import pytest

from babbitt.gateway.errors import InvalidInput
from babbitt.gateway.predictions.waveforms import _samples


@pytest.mark.parametrize("waveform", [["x"] * 1_000_000, [["x"] * 1_000_000], [[0.0], ["x"] * 1_000_000]])
def test_a_million_wrong_samples_are_told_by_the_first(waveform):
    with pytest.raises(InvalidInput) as caught:
        _samples(waveform)
    assert len(caught.value.problem.errors) == 1
