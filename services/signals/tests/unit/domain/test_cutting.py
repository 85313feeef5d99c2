from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babbitt.signals.domain.importing.cutting import cut_in_time, cut_whole
from babbitt.signals.errors import MakingFailed


def spans(cuts, record, split=None):
    return [(cut.start, cut.start + record) for cut in cuts if cut.split == split]


def test_a_recording_is_cut_end_to_end_and_a_remainder_is_left():
    assert spans(cut_whole(35, 10, name="x"), 10) == [(0, 10), (10, 20), (20, 30)]


def test_a_recording_shorter_than_a_record_is_named():
    with pytest.raises(MakingFailed, match=r"x\.mat: 9 samples; one record takes 10"):
        cut_whole(9, 10, name="x.mat")


def test_in_time_the_last_share_is_for_test_with_a_gap_of_a_record_before_each_part():
    cuts = cut_in_time(1000, 50, validation=0.2, test=0.3, name="x")
    assert spans(cuts, 50, "train") == [(start, start + 50) for start in range(0, 450, 50)]
    assert spans(cuts, 50, "validation") == [(500, 550), (550, 600), (600, 650)]
    assert spans(cuts, 50, "test") == [(start, start + 50) for start in range(700, 1000, 50)]


@settings(deadline=None)
@given(
    samples=st.integers(100, 5_000),
    record=st.integers(1, 40),
    validation=st.floats(0.1, 0.4),
    test=st.floats(0.1, 0.4),
)
def test_parts_never_meet_and_records_never_overlap(samples, record, validation, test):
    try:
        cuts = cut_in_time(samples, record, validation=validation, test=test, name="x")
    except MakingFailed:
        return
    assert [cut.start for cut in cuts] == sorted(cut.start for cut in cuts)
    for one, other in pairwise(cuts):
        assert other.start >= one.start + record * (1 if one.split == other.split else 2)
    assert cuts[-1].start + record <= samples
    assert cuts[-1].start + 2 * record > samples


@pytest.mark.parametrize(("samples", "part"), [(60, "train"), (150, "validation")])
def test_a_part_without_room_for_a_record_is_named(samples, part):
    shares = {"train": (0.4, 0.4), "validation": (0.1, 0.4)}[part]
    with pytest.raises(MakingFailed, match=rf"x\.mat: {samples} samples; its part for {part}"):
        cut_in_time(samples, 10, validation=shares[0], test=shares[1], name="x.mat")
