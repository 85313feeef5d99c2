from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.series import leave_one_group_out
from babbitt.contracts.simulations import RollingSource
from babbitt.contracts.splits import SplitSpec

SOURCE = RollingSource(profile="rolling", machines_per_class=3)


def test_a_series_holds_out_every_group_but_the_only_one_of_a_class():
    configuration = DatasetConfiguration(
        source=SOURCE, split=SplitSpec(kind="record", validation=0.2, test=0.2), accepted_leakage="why"
    )
    groups = {"b": {"worn"}, "a": {"worn", "healthy"}, "rig": {"healthy", "cracked"}}
    series = leave_one_group_out(configuration, groups)
    assert [one.split.held_out for one in series] == [("a",), ("b",)]
    assert {(one.split.kind, one.split.validation, one.accepted_leakage) for one in series} == {("group", 0.2, "why")}
    assert len({one.dataset_id() for one in series}) == 2
    other_share = configuration.model_copy(update={"split": SplitSpec(kind="group", validation=0.2, test=0.3)})
    assert leave_one_group_out(other_share, groups) == series


def test_the_groups_of_a_simulation_are_its_machines():
    groups = SOURCE.groups()
    assert len(groups) == 12
    assert groups["ball-m0002"] == {"ball"}
    assert len(leave_one_group_out(DatasetConfiguration(source=SOURCE), groups)) == 12
