"""Splits by group in plans: what is divided in time, what is held out."""

import pytest

from babbitt.contracts.mappings import ImportedSource, ImportMapping, MappingRule, RecordingFile
from babbitt.contracts.simulations import RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.importing.plan import ImportedPlan
from babbitt.signals.domain.records import MadeRecord
from babbitt.signals.domain.rolling.plan import RollingPlan
from babbitt.signals.errors import DatasetImpossible

RULES = (
    MappingRule(pattern="normal*", label="healthy", variable="x", sampling_rate_hz=12_000, group="rig"),
    MappingRule(pattern="{group}_*", label="worn", variable="x", sampling_rate_hz=12_000),
)


def imported(record_duration_s=0.5, names=("normal0", "normal1", "b1_0", "b2_0", "b2_1", "b3_0"), **split):
    mapping = ImportMapping(rules=RULES, sampling_rate_hz=12_000, record_duration_s=record_duration_s)
    files = tuple(RecordingFile(name=f"{name}.mat", sha256="0" * 64) for name in names)
    return ImportedPlan(ImportedSource(files=files, mapping=mapping), SplitSpec(**({"kind": "group"} | split)))


def place(plan, name, group):
    return plan.place_of(MadeRecord("r", f"{name}.mat", "worn", group, 0, 6_000, None, "0" * 64))


def test_a_class_of_one_group_is_cut_in_time_and_said_and_the_others_stay_whole():
    plan = imported()
    assert plan.split_in_time == ("healthy",)
    assert {cut.split for cut in plan.cut("normal1.mat", 120_000)} == {"train", "validation", "test"}
    assert {cut.split for cut in plan.cut("b1_0.mat", 60_000)} == {None}
    assert {place(plan, "b1_0", group) for group in ("b1", "b2", "b3")} == {"train", "validation", "test"}
    assert any("healthy" in note and "optimistic" in note for note in plan.notes())


def test_a_class_of_one_group_whose_recordings_are_one_record_each_is_refused():
    with pytest.raises(DatasetImpossible, match="class healthy has a single group") as refused:
        imported(record_duration_s=None)
    assert refused.value.problem.errors[0].pointer == "/configuration/source/mapping/record_duration_s"


def test_a_group_that_is_held_out_is_the_test_split_of_recordings():
    plan = imported(held_out=("b2",))
    assert place(plan, "b2_1", "b2") == "test"
    assert {place(plan, "b1_0", group) for group in ("b1", "b3")} == {"train", "validation"}


def test_a_machine_that_is_held_out_is_the_test_split_of_a_simulation():
    source = RollingSource(profile="rolling", machines_per_class=4, records_per_machine=1, duration_s=0.6)
    plan = RollingPlan(source, SplitSpec(kind="group", held_out=("ball-m0001",)))
    places = {plan.group_of(number): plan.place_of(_of(plan.group_of(number))) for number in range(16)}
    assert [group for group, split in places.items() if split == "test"] == ["ball-m0001"]
    assert set(places.values()) == {"train", "validation", "test"}


def _of(group):
    return MadeRecord("r", "r", "ball", group, 0, 6_000, None, "0" * 64)
