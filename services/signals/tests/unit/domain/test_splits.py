from collections import Counter

import pytest

from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.splits import Unit, assign_groups, assign_splits
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


def machines(*labels):
    """A machine each, of classes as its letters say."""
    return [Unit(f"machine-{number}", frozenset(held)) for number, held in enumerate(labels)]


@pytest.mark.parametrize(
    "labels",
    [
        ("ha", "ha", "hab", "hb", "hb"),
        ("hab", "hab", "hab"),
        ("ha", "hb", "hc", "ab", "bc", "ca", "habc", "h"),
        ("ab", "ab", "bc", "bc", "ca", "ca"),
        ("b", "bc", "abc", "a", "ac"),
        ("a", "a", "b", "ac", "bc", "bc"),
    ],
)
def test_machines_of_several_classes_each_are_dealt_so_that_every_class_is_in_every_split(labels):
    given = machines(*labels)
    assigned = assign(given)
    for label in frozenset("".join(labels)):
        assert {assigned[unit.key] for unit in given if label in unit.labels} == {"train", "validation", "test"}
    assert assigned == assign(given[::-1])


def test_machines_of_several_classes_that_are_not_dealt_are_refused_with_the_way_out():
    with pytest.raises(DatasetImpossible) as refused:
        assign(machines("a", "b", "c", "ab", "ac", "bc"))
    assert "or kind 'predefined': groups have several classes" in refused.value.problem.errors[0].accepted


def test_what_is_held_out_leaves_every_class_something_to_train_on_though_machines_have_several():
    given = machines("ac", "ac", "bc", "bc", "ab", "ab", "abc")
    assigned = by_group(given, "machine-6").splits
    for label in "abc":
        assert "train" in {assigned[unit.key] for unit in given if label in unit.labels}
    with pytest.raises(DatasetImpossible, match="nothing is left for validation"):
        by_group(machines("ha", "hb", "hab"), "machine-2")


def by_group(given, *held_out, validation=0.15, test=0.15):
    return assign_groups(given, SplitSpec(kind="group", validation=validation, test=test, held_out=held_out))


def test_a_class_with_a_single_group_is_divided_in_time_and_the_others_by_group():
    assigned = by_group([*units("worn", 4), Unit("normal", frozenset({"healthy"}))])
    assert assigned.in_time == {"healthy"}
    assert Counter(assigned.splits.values()) == {"train": 2, "validation": 1, "test": 1}
    assert "normal" not in assigned.splits


def test_a_group_whose_other_class_is_nowhere_else_keeps_its_split_for_the_rest():
    rig = Unit("rig", frozenset({"worn", "cracked"}))
    assigned = by_group([*units("worn", 3), rig])
    assert assigned.in_time == {"cracked"}
    assert set(assigned.splits) == {"worn-0", "worn-1", "worn-2", "rig"}


def test_where_every_class_has_a_single_group_nothing_is_called_a_split_by_group():
    with pytest.raises(DatasetImpossible, match="every class has one of the groups alone") as refused:
        by_group(units("a", 1) + units("b", 1))
    assert refused.value.problem.errors[0].accepted.startswith("time")


def test_a_class_with_two_groups_is_refused_as_it_can_be_neither_kept_apart_nor_divided():
    with pytest.raises(DatasetImpossible, match="class b has 2 groups"):
        by_group(units("a", 5) + units("b", 2))


def test_groups_held_out_are_the_test_split_and_what_is_left_is_for_training_and_validation():
    given = units("a", 4) + units("b", 2) + [Unit("normal", frozenset({"healthy"}))]
    assigned = by_group(given, "a-1")
    assert [key for key, split in assigned.splits.items() if split == "test"] == ["a-1"]
    assert Counter((key[0], split) for key, split in assigned.splits.items() if split != "test") == {
        ("a", "train"): 2,
        ("a", "validation"): 1,
        ("b", "train"): 1,
        ("b", "validation"): 1,
    }
    assert assigned.in_time == {"healthy"}


@pytest.mark.parametrize(
    ("held_out", "pointer", "detail", "accepted"),
    [
        (("a-0", "c-9"), "/configuration/split/held_out/1", "there is no group c-9", "a-0, a-1, a-2, b-0, b-1, normal"),
        (("normal",), "/configuration/split/held_out/0", "normal is the only group of class healthy", "have others"),
        (("b-0", "b-1"), "/configuration/split/held_out", "all groups of class b are held out", "at least one"),
    ],
)
def test_what_cannot_be_held_out_is_refused_with_what_is_accepted(held_out, pointer, detail, accepted):
    given = units("a", 3) + units("b", 2) + [Unit("normal", frozenset({"healthy"}))]
    with pytest.raises(DatasetImpossible) as refused:
        by_group(given, *held_out)
    (problem,) = refused.value.problem.errors
    assert problem.pointer == pointer
    assert detail in problem.detail
    assert accepted in problem.accepted


def test_holding_out_so_much_that_nothing_is_left_for_validation_is_refused():
    with pytest.raises(DatasetImpossible, match="nothing is left for validation"):
        by_group(units("a", 2) + units("b", 2), "a-0", "b-0")
