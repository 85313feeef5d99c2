"""Which records a dataset of rolling bearings has, and what is refused."""

from collections import Counter

import numpy as np
import pytest

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import BearingGeometry
from babbitt.contracts.mappings import MappedBearing
from babbitt.contracts.simulations import SKF_6205, RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.rolling.machine import lowest_resonance_hz
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import DatasetImpossible

OTHER = MappedBearing(balls=8, ball_diameter_mm=6.75, pitch_diameter_mm=28.5)


def plan(split="group", **source):
    fields = {"machines_per_class": 4, "records_per_machine": 3} | source
    split = split if isinstance(split, dict) else {"kind": split}
    source = RollingSource(profile="rolling", **fields)
    return plan_of(DatasetConfiguration(source=source, split=SplitSpec(**split)))


def placed(plan):
    """All records with their places; nothing of them is made but what a plan asks for."""
    records = []
    for number in range(plan.machines * plan.source.records_per_machine):
        name, group = plan.name_of(number), plan.group_of(number // plan.source.records_per_machine)
        label = plan.label_of(number // plan.source.records_per_machine)
        made = MadeRecord(name, name, label, group, 0, plan.time.samples, 30.0, "0" * 64)
        records.append(PlacedRecord(made, 0, plan.place_of(made)))
    return records


def test_records_go_class_by_class_and_machine_by_machine():
    made = plan()
    assert [made.name_of(number) for number in (0, 2, 3, 12)] == [
        "healthy-m0000-0000", "healthy-m0000-0002", "healthy-m0001-0000", "outer_race-m0000-0000",
    ]  # fmt: skip


def test_by_group_no_machine_straddles_and_all_classes_are_equally_many_in_each_split():
    records = placed(plan(machines_per_class=20))
    splits = {}
    for one in records:
        splits.setdefault(one.made.group, set()).add(one.place)
    assert all(len(places) == 1 for places in splits.values())
    counts = Counter((one.place, one.made.label) for one in records)
    assert {count for (place, _), count in counts.items() if place == "test"} == {9}
    assert {count for (place, _), count in counts.items() if place == "train"} == {42}


def test_by_record_it_is_said_to_be_optimistic():
    assert "optimistic" in plan("record").notes()[-1]
    assert "optimistic" not in " ".join(plan().notes())


def test_a_record_is_the_same_whatever_the_shard_that_it_is_made_in():
    made = plan()
    whole = [waveform.samples.copy() for waveform in made.waveforms(PlannedShard(0, 0, 8))]
    parts = [
        waveform.samples.copy()
        for first, count in ((0, 3), (3, 1), (4, 4))
        for waveform in plan().waveforms(PlannedShard(0, first, count))
    ]
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))
    assert len({samples.tobytes() for samples in whole}) == len(whole)


def test_a_machine_keeps_its_speed_and_machines_differ():
    made = [one.shaft_speed_hz for one in plan().waveforms(PlannedShard(0, 0, 6))]
    assert len(set(made[:3])) == len(set(made[3:])) == 1
    assert made[0] != made[3]
    assert all(28 <= speed <= 30 for speed in made)


def test_each_test_record_is_there_once_more_with_noise_at_each_ratio():
    made = plan(noise_copies_db=(10, 0))
    shards = [list(made.waveforms(shard)) for shard in made.shards]
    assert sum(made.values(shard) for shard in made.shards) == sum(map(len, shards)) * made.time.samples
    copies = [one for shard in shards for one in shard if one.place]
    assert Counter(one.place for one in copies) == {"test_snr10": 12, "test_snr0": 12}
    assert all(one.record.startswith(f"{one.group}-") and "@snr" in one.record for one in copies)


def test_shards_of_long_records_are_small_enough_to_be_made_within_a_message():
    made = plan(duration_s=60, sampling_rate_hz=20_000, machines_per_class=20)
    assert max(made.values(shard) for shard in made.shards) <= 8_000_000


def test_machines_may_be_held_out_by_name():
    made = plan({"kind": "group", "held_out": ["ball-m0001", "healthy-m0002", "outer_race-m0000", "inner_race-m0003"]})
    assert {one.made.group for one in placed(made) if one.place == "test"} == {
        "ball-m0001", "healthy-m0002", "outer_race-m0000", "inner_race-m0003",
    }  # fmt: skip
    assert not made.exactly_balanced


def test_small_balls_turn_fast_and_make_the_structure_ring_higher():
    small = BearingGeometry(balls=5, ball_diameter_mm=2, pitch_diameter_mm=40)
    assert lowest_resonance_hz(small, 50) == pytest.approx(3 * 2 * FaultOrders.of(small).ball * 50)


def test_one_geometry_is_said_once_and_several_with_each_record():
    alike, mixed = plan(), plan(bearings=(SKF_6205, OTHER))
    assert alike.data_spec(placed(alike)).bearing == SKF_6205
    assert {one.bearing for one in alike.waveforms(PlannedShard(0, 0, 6))} == {None}
    assert mixed.data_spec(placed(mixed)).bearing is None
    assert [one.bearing for one in mixed.waveforms(PlannedShard(0, 0, 9))] == [SKF_6205] * 3 + [OTHER] * 3 + [
        SKF_6205
    ] * 3


@pytest.mark.parametrize(
    ("source", "pointer", "accepted"),
    [
        ({"sampling_rate_hz": 2_000}, "sampling_rate_hz", "at least 2667 Hz, or slower shafts"),
        ({"shaft_speed_hz": (100, 400)}, "sampling_rate_hz", "at least 28882 Hz"),
        ({"shaft_speed_hz": (5, 30)}, "duration_s", "at least 3.000 s"),
        ({"duration_s": 500}, "duration_s", "at most 4194304 samples"),
        ({"machines_per_class": 10_000, "records_per_machine": 10}, "records_per_machine", "at most 200000 in all"),
        (
            {"bearings": (SKF_6205, OTHER.model_copy(update={"balls": 20}))},
            "bearings/1/ball_diameter_mm",
            "at most 4.46 mm",
        ),
    ],
)  # fmt: skip
def test_what_the_physics_does_not_allow_is_refused_with_the_field_and_what_is_accepted(source, pointer, accepted):
    with pytest.raises(DatasetImpossible) as refused:
        plan(**source)
    (problem,) = refused.value.problem.errors
    assert problem.pointer == f"/configuration/source/{pointer}"
    assert problem.accepted.startswith(accepted)


@pytest.mark.parametrize("kind", ["time", "predefined"])
def test_a_split_that_needs_recordings_is_refused(kind):
    with pytest.raises(DatasetImpossible, match="/configuration/split/kind"):
        plan(kind)
