from collections import Counter

import pytest

from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.plan import Plan


def entries(split: str, groups: dict[str, str], records: int = 2) -> list[RecordEntry]:
    fields = {"shard": 0, "row": 0, "samples": 4, "blake3": "0" * 64}
    return [
        RecordEntry(record=f"{group}-{index}", label=label, split=split, group=group, **fields)
        for group, label in groups.items()
        for index in range(records)
    ]


TRAINING = entries("train", {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"})
VALIDATION = entries("validation", {"a3": "a", "a4": "a", "b3": "b", "b4": "b"})


def labelling(*labels: str, **class_map: str) -> Labelling:
    data = DataSpec(channels=(Channel(),), sampling_rate_hz=10.0, record_samples=4, class_names=labels)
    return Labelling.of(data, None, class_map)


def plan(**request) -> Plan:
    asked = TrainRequested(model="pump", dataset="d" * 64, **request)
    return Plan(asked, TRAINING, VALIDATION, labelling("a", "b", "c"))


def groups(records) -> set[str]:
    everything = [*TRAINING, *VALIDATION]
    return {everything[index].group for index in records}


def test_half_of_the_validation_groups_calibrate_and_the_other_half_stops_class_by_class():
    whole = plan()
    (run,) = whole.final([])
    assert groups(run.train) == {"a1", "a2", "b1", "b2", "c1"}
    stops, calibrates = groups(run.stopping), groups(whole.calibration)
    assert stops | calibrates == {"a3", "a4", "b3", "b4"}
    assert not stops & calibrates
    assert Counter(group[0] for group in calibrates) == {"a": 1, "b": 1}


def test_where_validation_has_few_groups_all_of_them_say_when_to_stop():
    few = Plan(TrainRequested(model="pump", dataset="d" * 64), TRAINING, VALIDATION[:4], labelling("a", "b", "c"))
    assert few.calibration == ()
    assert len(few.final([])[0].stopping) == 4


def test_what_learns_at_once_has_nothing_to_stop_so_that_all_of_validation_calibrates_unless_seeds_are_chosen_by_it():
    few = VALIDATION[:4]
    everything = set(range(len(TRAINING), len(TRAINING) + len(few)))
    for request, calibrates in (({}, everything), ({"seeds": [3, 5]}, set())):
        asked = TrainRequested.model_validate({"model": "pump", "dataset": "d" * 64} | request)
        whole = Plan(asked, TRAINING, few, labelling("a", "b", "c"), at_once=True)
        assert set(whole.calibration) == calibrates
        assert {*whole.final([])[0].stopping} == everything


def test_several_seeds_are_as_many_runs_on_the_same_records():
    runs = plan(seeds=[3, 5]).final([])
    assert [(run.name, run.seed) for run in runs] == [("seed 3", 3), ("seed 5", 5)]
    assert runs[0].train == runs[1].train


def test_every_group_that_can_be_left_out_is_left_out_once_and_nothing_of_it_is_learnt_from():
    whole = plan(folds="leave_one_group_out")
    assert sorted(run.held_out for run in whole.folds) == sorted(
        (name,) for name in ("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4")
    )
    for run in whole.folds:
        assert groups(run.asked) == set(run.held_out)
        assert not groups(run.asked) & (groups(run.train) | groups(run.stopping))
        assert not groups(run.train) & groups(run.stopping)
    (final,) = whole.final([3, 9, 5])
    assert len(final.train) == len(TRAINING) + len(VALIDATION)
    assert (final.stop_after, final.stopping) == (5, ())
    assert whole.runs == 9


def test_a_class_of_which_others_are_merged_with_it_loses_its_only_group_to_a_fold():
    single = {"b0": "ball_0", "b1": "ball_1", "o0": "outer_0", "o1": "outer_1"}
    told = labelling(*single.values(), ball_0="ball", ball_1="ball", outer_0="outer", outer_1="outer")
    asked = TrainRequested(model="pump", dataset="d" * 64, folds="leave_one_group_out")
    folds = Plan(asked, entries("train", single), (), told).folds
    assert sorted(run.held_out for run in folds) == [("b0",), ("b1",), ("o0",), ("o1",)]


def test_groups_are_dealt_by_the_classes_that_are_told():
    single = {"o1": "b", "i1": "a", "o2": "d", "i2": "c"}
    told = labelling("a", "b", "c", "d", a="inner", b="outer", c="inner", d="outer")
    of = entries("validation", single)
    whole = Plan(TrainRequested(model="pump", dataset="d" * 64), (), of, told)
    assert Counter(of[index].group[0] for index in whole.calibration) == {"i": 2, "o": 2}


def test_groups_are_dealt_into_as_many_folds_as_were_asked_for():
    folds = plan(folds=3).folds
    assert sorted(len(run.held_out) for run in folds) == [2, 3, 3]
    assert len({group for run in folds for group in run.held_out}) == 8


def test_more_folds_than_groups_are_refused_with_what_there_is():
    with pytest.raises(BadRequest, match="8 groups can be left out"):
        plan(folds=9)
