from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babbitt.contracts.mappings import ImportMapping, MappedChannel, MappingRule
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.cutting import Cut, cut, cut_in_time, cut_whole, undamaged
from babbitt.recordings.errors import CutImpossible

CHANNELS = (MappedChannel(name="left"), MappedChannel(name="right"))


def mapping(record_duration_s=None, channels=CHANNELS[:1]):
    rules = (MappingRule(pattern="*", variable=("x",) * len(channels)),)
    return ImportMapping(rules=rules, sampling_rate_hz=12_000, record_duration_s=record_duration_s, channels=channels)


def spans(cuts, record, split=None):
    return [(cut.start, cut.start + record) for cut in cuts if cut.split == split]


def test_a_recording_is_cut_end_to_end_and_a_remainder_is_left():
    assert spans(cut_whole(35, 10, name="x"), 10) == [(0, 10), (10, 20), (20, 30)]


def test_a_recording_shorter_than_a_record_is_named():
    with pytest.raises(CutImpossible, match=r"x\.mat: 9 samples; one record takes 10"):
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
    except CutImpossible:
        return
    assert [cut.start for cut in cuts] == sorted(cut.start for cut in cuts)
    for one, other in pairwise(cuts):
        assert other.start >= one.start + record * (1 if one.split == other.split else 2)
    assert cuts[-1].start + record <= samples
    assert cuts[-1].start + 2 * record > samples


@pytest.mark.parametrize(("samples", "part"), [(60, "train"), (150, "validation")])
def test_a_part_without_room_for_a_record_is_named(samples, part):
    shares = {"train": (0.4, 0.4), "validation": (0.1, 0.4)}[part]
    with pytest.raises(CutImpossible, match=rf"x\.mat: {samples} samples; its part for {part}"):
        cut_in_time(samples, 10, validation=shares[0], test=shares[1], name="x.mat")


def test_without_a_duration_a_recording_is_one_record_and_with_one_as_many_as_it_has_room_for():
    assert cut("x", 77_777, mapping()) == [Cut(0, 77_777)]
    assert cut("x", 12_100, mapping(0.5)) == [Cut(0, 6_000), Cut(6_000, 12_000)]
    in_time = cut("x", 120_000, mapping(0.5), SplitSpec(kind="time"))
    assert {one.split for one in in_time} == {"train", "validation", "test"}


@pytest.mark.parametrize(
    ("samples", "of", "told"),
    [
        (63, mapping(), "a record of 63 samples; 64 to 16777216 make one: give record_duration_s"),
        (6_000, mapping(1e-9), "a record of 0 samples; 64 to 16777216 make one: change record_duration_s"),
        (8_388_609, mapping(channels=CHANNELS), "a record of 8388609 samples; 64 to 8388608 make one"),
        (24_000_120, mapping(0.01), "over 200000 records of 120 samples: lengthen record_duration_s"),
    ],
)
def test_records_that_no_dataset_holds_are_refused_before_they_are_cut(samples, of, told):
    with pytest.raises(CutImpossible, match=rf"x\.mat: {told}"):
        cut("x.mat", samples, of)


def test_records_that_touch_a_gap_are_left_out():
    cuts = [Cut(start, start + 10) for start in (0, 10, 20, 30)]
    assert undamaged(cuts, ((12, 13), (29, 31)), name="x") == [Cut(0, 10)]
    assert undamaged(cuts, ((10, 20),), name="x") == [Cut(0, 10), Cut(20, 30), Cut(30, 40)]
    assert undamaged(cuts, (), name="x") == cuts
    with pytest.raises(CutImpossible, match=r"x\.mat: samples are missing in each of its 4 records"):
        undamaged(cuts, ((0, 40),), name="x.mat")


@settings(deadline=None, max_examples=50)
@given(
    records=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1),
    gaps=st.lists(st.tuples(st.integers(0, 99), st.integers(1, 30))),
)
def test_a_record_is_kept_exactly_where_none_of_its_samples_is_missing(records, gaps):
    cuts, stop = [], 0
    for space, samples in records:
        cuts.append(Cut(stop + space, stop + space + samples))
        stop = cuts[-1].stop
    missing = {place for start, samples in gaps for place in range(start, start + samples)}
    whole = [one for one in cuts if missing.isdisjoint(range(one.start, one.stop))]
    try:
        assert undamaged(cuts, [(start, start + samples) for start, samples in gaps], name="x") == whole
    except CutImpossible:
        assert not whole
