import numpy as np
import pytest

from babbitt.signals.domain.gates import check_balance, check_identical, check_samples, count_by_place, suspicious_pairs
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.errors import GateFailed


def placed(record, split, label="a", sha256=None):
    made = MadeRecord(record, record, label, record, 0, 10, None, sha256 or record)
    return PlacedRecord(made, 0, split)


def test_a_record_of_another_length_or_without_finite_values_is_named():
    check_samples("r", np.ones((1, 5), np.float32), 5)
    with pytest.raises(GateFailed, match="length: record r has 5 samples instead of 6"):
        check_samples("r", np.ones((1, 5), np.float32), 6)
    with pytest.raises(GateFailed, match="finite: record r"):
        check_samples("r", np.array([[1.0, np.nan]], np.float32), 2)


def test_identical_records_of_two_splits_are_named():
    check_identical([placed("r1", "train", sha256="x"), placed("r2", "train", sha256="x")])
    with pytest.raises(GateFailed, match=r"record r1 \(train, a\) and record r2 \(test, a\) are identical"):
        check_identical([placed("r1", "train", sha256="x"), placed("r2", "test", sha256="x")])
    with pytest.raises(GateFailed, match=r"record r1 \(train, a\) and record r2 \(train, b\) are identical"):
        check_identical([placed("r1", "train", sha256="x"), placed("r2", "train", label="b", sha256="x")])


def test_records_of_different_splits_with_a_common_fingerprint_are_suspicious_once():
    records = [placed("r1", "train"), placed("r2", "train"), placed("r3", "test"), placed("r4", "validation")]
    hashes = [np.array(own, np.uint64) for own in ([1, 2, 3], [3, 4], [2, 3, 9], [7])]
    pairs = [(one.made.record, other.made.record) for one, other in suspicious_pairs(records, hashes)]
    assert ("r1", "r3") in pairs
    assert len(pairs) == len(set(pairs))
    assert not any("r4" in pair for pair in pairs)
    assert ("r1", "r2") not in pairs


def test_records_without_fingerprints_are_not_suspicious():
    empty = np.empty(0, np.uint64)
    assert list(suspicious_pairs([placed("r1", "train"), placed("r2", "test")], [empty, empty])) == []


def test_every_class_is_in_every_split_and_simulated_ones_equally_often():
    full = [placed(f"{label}{split}", split, label) for label in "ab" for split in ("train", "validation", "test")]
    check_balance(full, exact=True)
    check_balance([*full, placed("more", "train", "a")], exact=False)
    with pytest.raises(GateFailed, match="split train has unequal classes"):
        check_balance([*full, placed("more", "train", "a")], exact=True)
    with pytest.raises(GateFailed, match="split test has no record of b"):
        check_balance(full[:-1], exact=False)
    assert count_by_place(full)["train"] == {"a": 1, "b": 1}
