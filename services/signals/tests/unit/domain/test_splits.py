from collections import Counter

import pytest

from babbitt.signals.domain.splits import Unit, assign_splits
from babbitt.signals.errors import DatasetImpossible


def units(label, count, stratum=lambda index: ""):
    return [Unit(f"{label}-{index}", frozenset({label}), stratum(index)) for index in range(count)]


def assign(given, validation=0.15, test=0.15):
    return assign_splits(given, validation=validation, test=test, what="groups")


def test_each_class_has_its_shares():
    assigned = assign(units("a", 320) + units("b", 40))
    counts = Counter((key[0], split) for key, split in assigned.items())
    assert counts == {
        ("a", "train"): 224,
        ("a", "validation"): 48,
        ("a", "test"): 48,
        ("b", "train"): 28,
        ("b", "validation"): 6,
        ("b", "test"): 6,
    }


def test_strata_are_spread_evenly():
    given = units("a", 320, stratum=lambda index: "imsv"[index % 4])
    assigned = assign(given)
    counts = Counter((unit.stratum, assigned[unit.key]) for unit in given)
    assert {counts[level, "test"] for level in "imsv"} == {12}
    assert {counts[level, "validation"] for level in "imsv"} == {12}


def test_the_order_of_the_units_and_their_company_change_nothing():
    given = units("a", 30)
    assert assign(given) == assign(given[::-1])
    together = assign(given + units("b", 30))
    assert {key: together[key] for key in assign(given)} == assign(given)


def test_the_smallest_class_that_can_be_split_has_three_units():
    assert sorted(assign(units("a", 3)).values()) == ["test", "train", "validation"]


@pytest.mark.parametrize(("count", "missing"), [(1, "validation, test"), (2, "validation, test")])
def test_a_class_with_too_few_groups_is_refused_with_what_it_has(count, missing):
    with pytest.raises(
        DatasetImpossible, match=f"class b has {count} groups: .* none is left for {missing}"
    ) as refused:
        assign(units("a", 10) + units("b", count))
    assert refused.value.problem.errors[0].accepted.startswith("at least 3 groups")


def test_shares_that_leave_nothing_to_train_on_are_refused():
    with pytest.raises(DatasetImpossible, match="none is left for train"):
        assign(units("a", 4), validation=0.49, test=0.49)


def test_a_group_of_several_classes_stays_in_one_split():
    machines = [Unit(f"machine-{index}", frozenset({"healthy", "worn"})) for index in range(9)]
    assigned = assign(machines + units("healthy", 5))
    assert Counter(assigned[unit.key] for unit in machines) == {"train": 7, "validation": 1, "test": 1}
