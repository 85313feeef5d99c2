"""Which records are compared, and what is said of those that share samples."""

import numpy as np
import pytest

from babbitt.contracts.quality import Leakage
from babbitt.signals.domain import leakage
from babbitt.signals.domain.leakage import Pair, identical_pairs, look_alikes, refuse_leakage
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.errors import GateFailed


def placed(record, place, label="a", blake3=None):
    return PlacedRecord(MadeRecord(record, record, label, record, 0, 10, None, blake3 or record), 0, place)


def names(pairs):
    return [(pair.one.made.record, pair.other.made.record) for pair in pairs]


def alike(**hashes):
    """Look-alikes of records named after their place: `train1=[...]`."""
    records = [placed(name, name.rstrip("0123456789")) for name in hashes]
    return look_alikes(records, [np.array(own, np.uint64) for own in hashes.values()])


def test_identical_records_are_paired_within_a_split_and_across():
    records = [placed(name, place, blake3="x") for name, place in [("a", "train"), ("b", "train"), ("c", "test")]]
    pairs = identical_pairs([*records, placed("d", "test", blake3="y")])
    assert names(pairs) == [("a", "b"), ("a", "c")]
    assert [pair.across for pair in pairs] == [False, True]


def test_identical_records_of_two_classes_fail_whatever_split_they_are_in():
    with pytest.raises(GateFailed, match=r"labels: record r1 \(train, a\) and record r2 \(train, b\) are identical"):
        identical_pairs([placed("r1", "train", blake3="x"), placed("r2", "train", label="b", blake3="x")])


def test_a_noisy_copy_belongs_to_the_split_of_its_record():
    copy, original = placed("r1@snr20", "test_snr20"), placed("r1", "test")
    assert not Pair(original, copy).across
    assert Pair(placed("r2", "train"), copy).across
    met = look_alikes([original, copy, placed("r2", "train")], [np.array([7], np.uint64)] * 3)
    assert {frozenset(pair) for pair in names(met)} == {frozenset({"r2", "r1"}), frozenset({"r2", "r1@snr20"})}


def test_pairs_of_different_splits_come_first_and_of_these_the_ones_with_the_most_in_common():
    met = alike(train1=[1, 2, 3], train2=[3, 4], test1=[2, 3, 9], test2=[4, 9], validation1=[7])
    assert names(met)[0] == ("train1", "test1")
    assert [pair.across for pair in met] == [True, True, True, False, False]
    assert {frozenset(pair) for pair in names(met)[3:]} == {
        frozenset({"train1", "train2"}),
        frozenset({"test1", "test2"}),
    }


def test_a_fingerprint_that_all_records_have_pairs_neighbours_and_every_two_splits():
    many = {f"train{number}": [5] for number in range(50)} | {"test1": [5], "validation1": [5]}
    met = alike(**many)
    assert len(met) < 52 * leakage.NEIGHBOURS
    assert {frozenset((pair.one.split, pair.other.split)) for pair in met if pair.across} == {
        frozenset({"train", "validation"}),
        frozenset({"train", "test"}),
        frozenset({"validation", "test"}),
    }


def test_records_without_fingerprints_look_like_none():
    assert alike(train1=[], test1=[]) == ()


def test_leakage_that_nobody_accepted_is_refused_with_the_first_records():
    across = Pair(placed("r1", "train"), placed("r2", "test")).told("record")
    with pytest.raises(GateFailed, match=r"leakage: record r1 \(train\) and record r2 \(test\) are identical"):
        refuse_leakage(Leakage(outcome="leaking", across=(across,), across_count=1))
    with pytest.raises(GateFailed, match="9 more pairs of records of different splits look alike than the 64"):
        refuse_leakage(Leakage(outcome="leaking", compared=64, not_compared=9))
    refuse_leakage(Leakage(outcome="accepted", across=(across,), across_count=1))
    refuse_leakage(Leakage(outcome="none"))
