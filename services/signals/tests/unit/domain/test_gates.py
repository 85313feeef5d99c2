import numpy as np
import pytest

from babbitt.signals.domain.gates import check_balance, check_samples, count_by_place
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.errors import GateFailed


def placed(record, split, label="a", severity=None):
    made = MadeRecord(record, record, label, record, 0, 10, None, record, severity=severity)
    return PlacedRecord(made, 0, split)


def test_a_record_of_another_length_or_without_finite_values_is_named():
    check_samples("r", np.ones((1, 5), np.float32), 5)
    with pytest.raises(GateFailed, match="length: record r has 5 samples instead of 6"):
        check_samples("r", np.ones((1, 5), np.float32), 6)
    with pytest.raises(GateFailed, match="finite: record r"):
        check_samples("r", np.array([[1.0, np.nan]], np.float32), 2)


def test_every_class_is_in_every_split_and_simulated_ones_equally_often():
    full = [placed(f"{label}{split}", split, label) for label in "ab" for split in ("train", "validation", "test")]
    check_balance(full, exact=True)
    check_balance([*full, placed("more", "train", "a")], exact=False)
    with pytest.raises(GateFailed, match="split train has unequal classes"):
        check_balance([*full, placed("more", "train", "a")], exact=True)
    with pytest.raises(GateFailed, match="split test has no record of b"):
        check_balance(full[:-1], exact=False)
    assert count_by_place(full)["train"] == {"a": 1, "b": 1}


def test_the_levels_of_a_simulated_class_are_in_each_split_equally_often_give_or_take_one():
    def levels(split, *severities, label="a"):
        return [placed(f"{label}{split}{n}", split, label, severity) for n, severity in enumerate(severities)]

    even = [*levels("train", "mild", "severe", "mild"), *levels("validation", "mild", "severe")]
    check_balance([*even, *levels("test", "severe")], exact=True)
    for unequal in (("severe", "severe"), ("mild", "mild", "severe", "mild")):
        with pytest.raises(GateFailed, match=r"split test has unequal levels of a: .*'mild'.*'severe'"):
            check_balance([*even, *levels("test", *unequal)], exact=True)
        check_balance([*even, *levels("test", *unequal)], exact=False)


def test_where_groups_are_held_out_a_class_may_be_missing_in_test_but_not_in_training():
    records = [placed("r1", "train"), placed("r2", "train", "b"), placed("r3", "validation"), placed("r4", "test", "b")]
    check_balance(records, exact=False, complete=("train",))
    with pytest.raises(GateFailed, match="split train has no record of b"):
        check_balance([*records[:1], *records[2:]], exact=False, complete=("train",))
    with pytest.raises(GateFailed, match=r"split test has no record$"):
        check_balance(records[:3], exact=False, complete=("train",))
