from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babbitt.contracts.dataspec import ModelSpec

SIZES = st.integers(1, 40)


def spec(window, hop):
    return ModelSpec(family="any_tiny", window_samples=window, hop_samples=hop, class_names=("a",))


@pytest.mark.parametrize(
    ("samples", "window", "hop", "starts"),
    [(4, 4, 4, [0]), (8, 4, 4, [0, 4]), (9, 4, 4, [0, 4, 5]), (10, 4, 2, [0, 2, 4, 6]), (128, 64, 48, [0, 48, 64])],
)
def test_windows_start_every_hop_and_the_last_is_aligned_to_the_end(samples, window, hop, starts):
    assert spec(window, hop).window_starts(samples) == starts


@given(window=SIZES, hop=SIZES, more=st.integers(0, 200))
def test_windows_lie_within_the_record_each_once_from_its_beginning_to_its_end(window, hop, more):
    starts = spec(window, hop).window_starts(window + more)
    assert (starts[0], starts[-1]) == (0, more)
    assert all(0 < after - before <= hop for before, after in pairwise(starts))
    assert all(start % hop == 0 for start in starts[:-1])


@given(window=SIZES, share=st.floats(0.01, 1.0), more=st.integers(0, 200))
def test_where_windows_touch_or_overlap_no_sample_is_dropped(window, share, more):
    starts = spec(window, max(1, int(window * share))).window_starts(window + more)
    read = {sample for start in starts for sample in range(start, start + window)}
    assert read == set(range(window + more))


@given(window=SIZES, hop=SIZES, data=st.data())
def test_a_record_shorter_than_a_window_has_none(window, hop, data):
    samples = data.draw(st.integers(0, window - 1))
    with pytest.raises(ValueError, match=f"{samples} samples are fewer than a window of {window}"):
        spec(window, hop).window_starts(samples)
