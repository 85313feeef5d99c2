import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.mappings import ImportedSource, ImportMapping, MappedBearing, MappingRule, RecordingFile
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.cutting import Cut
from babbitt.signals.domain.importing.parts import PART_BYTES, part_of
from babbitt.signals.domain.importing.remarks import MOST_REMARKS, notable
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.shards import MAX_SHARDS, PlannedShard
from babbitt.signals.errors import DatasetImpossible

NAMES = ("a1.mat", "a2.mat", "a3.mat", "b1.mat", "b2.mat", "b3.mat")
BEARING = MappedBearing(balls=8, ball_diameter_mm=6.75, pitch_diameter_mm=28.55)
PREDEFINED = {"kind": "predefined"}


def rule(pattern="*", **fields):
    return MappingRule(**({"pattern": pattern, "label": "ok", "sampling_rate_hz": 12_000} | fields))


AB = (rule("a*"), rule("b*", label="worn", sampling_rate_hz=48_000))


def imported(*rules, names=NAMES, split=None, **mapping):
    fields = {"sampling_rate_hz": 12_000, "record_duration_s": 0.5, "rules": rules or AB} | mapping
    files = tuple(RecordingFile(name=name, sha256=f"{number:064x}") for number, name in enumerate(names))
    source = ImportedSource(files=files, mapping=ImportMapping(**fields))
    return DatasetConfiguration(source=source, split=SplitSpec(**(split or {})))


def made(label="ok", recording="a1.mat", place=None, speed=None):
    return MadeRecord(recording, recording, label, recording, 0, 6_000, speed, "0" * 64, place)


def told(*splits, **fields):
    """A rule for each split that is told: files of both classes, named by split."""
    return tuple(
        rule(f"{label}-{split}-*", label=label, split=split, **fields) for split in splits for label in ("ok", "worn")
    )


@pytest.mark.parametrize(
    ("configuration", "pointer", "accepted"),
    [
        (imported(names=("c.mat",)), "/files/0/name", "a name that a rule's pattern matches"),
        (imported(rule(label=None)), "/mapping/rules/0/label", "a class name, or {label} in the pattern"),
        (imported(rule(unit="um")), "/mapping/rules/0/unit", "g, m/s2"),
        (imported(rule("{shaft_speed_hz}.mat")), "/mapping/rules/0/pattern", "a number above 0"),
        (imported(sampling_rate_hz=20_000), "/mapping/rules/0/sampling_rate_hz", "at least 20000 Hz"),
        (imported(record_duration_s=0.001), "/mapping/record_duration_s", "64 to 16777216 samples"),
        (imported(record_duration_s=None, split={"kind": "time"}), "/mapping/record_duration_s", "a duration"),
    ],
)
def test_what_no_import_can_be_made_of_is_refused_with_the_field_and_what_is_accepted(configuration, pointer, accepted):
    problem = refusal(configuration)
    assert problem.pointer == f"/configuration/source{pointer}"
    assert problem.accepted.startswith(accepted)


def refusal(configuration, sizes=None):
    with pytest.raises(DatasetImpossible) as refused:
        plan_of(configuration, sizes)
    assert refused.value.problem.status == 422
    return refused.value.problem.errors[0]


@pytest.mark.parametrize(
    ("rules", "names", "split", "pointer", "detail"),
    [
        (AB, NAMES, PREDEFINED, "/configuration/source/mapping/rules/0/split", "nothing says in which a1.mat is"),
        (told("train"), ("ok-train-1",), {}, "/configuration/split/kind", "kind 'record' would assign another"),
        (
            (rule(layout="jbfd11", label=None),),
            ("a.h5",),
            {},
            "/configuration/split/kind",
            "the layout jbfd11 says in which split a.h5 is",
        ),
        (
            told("train", "test"),
            [f"{label}-{split}-1" for label in ("ok", "worn") for split in ("train", "test")],
            PREDEFINED,
            "/configuration/source/mapping/rules",
            "class ok has no file in validation",
        ),
        (
            told("train", "validation", "test", group="one machine"),
            ("ok-train-1", "ok-test-1"),
            PREDEFINED,
            "/configuration/source/mapping/rules/4/split",
            "group one machine is in two splits: ok-train-1 in train, ok-test-1 in test",
        ),
    ],
)
def test_a_predefined_split_that_misleads_or_is_not_told_is_refused(rules, names, split, pointer, detail):
    problem = refusal(imported(*rules, names=names, split=split))
    assert problem.pointer == pointer
    assert detail in problem.detail


def test_a_predefined_split_is_taken_as_it_is_told():
    names = [f"{label}-{split}-1" for label in ("ok", "worn") for split in ("train", "validation", "test")]
    plan = plan_of(imported(*told("train", "validation", "test"), names=names, split=PREDEFINED))
    assert plan.place_of(made(place="test_snr20")) == "test_snr20"


def test_a_shard_is_a_file_in_the_order_of_their_names():
    plan = plan_of(imported(names=("b3.mat", "a2.mat", "a1.mat", "b1.mat", "a3.mat", "b2.mat")))
    assert [file.name for file in plan.files][:2] == ["a1.mat", "a2.mat"]
    assert plan.shards == tuple(PlannedShard(number, number, 1) for number in range(6))


def test_a_large_file_is_divided_by_its_size_and_any_replica_knows_its_parts():
    configuration = imported()
    plan = plan_of(configuration, {f"{0:064x}": 2 * PART_BYTES + 1, f"{1:064x}": PART_BYTES})
    assert plan.shards[:4] == (
        *(PlannedShard(part, 0, 1, part, 3) for part in range(3)),
        PlannedShard(3, 1, 1),
    )
    assert len(plan.shards) == 8
    elsewhere = plan_of(configuration)
    assert all(elsewhere.has(shard) for shard in plan.shards)
    assert not any(elsewhere.has(shard) for shard in (PlannedShard(0, 6, 1), PlannedShard(0, 0, 2)))
    assert not elsewhere.has(PlannedShard(0, 0, 1, 3, 3))


def test_files_of_more_shards_than_a_dataset_may_have_are_refused():
    problem = refusal(imported(), {f"{0:064x}": PART_BYTES * MAX_SHARDS})
    assert problem.pointer == "/configuration/source/files"
    assert problem.accepted.startswith("at most 10000 shards")


@pytest.mark.parametrize(("length", "parts"), [(10, 3), (1, 4), (0, 2), (7, 7)])
def test_parts_share_all_that_there_is_once(length, parts):
    whole = list(range(length))
    assert [one for part in range(parts) for one in part_of(whole, part, parts)] == whole


def test_without_a_duration_a_recording_is_one_record_of_any_length():
    plan = plan_of(imported(record_duration_s=None))
    assert plan.cut("a1.mat", 77_777) == [Cut(0, 77_777)]


def test_groups_named_by_rules_or_names_stay_together():
    names = [f"{label}{number}-{part}.mat" for label in "ab" for number in (1, 2, 3) for part in "xy"]
    rules = (rule("{group:a*}-*"), rule("{group:b*}-*", label="worn"))
    plan = plan_of(imported(*rules, names=names, split={"kind": "group"}))
    assert len(plan._splits) == 6


def test_a_bearing_that_is_one_for_all_is_the_datasets_and_others_are_their_records():
    spec = plan_of(imported(bearing=BEARING)).data_spec([PlacedRecord(made(), 0, "train")])
    assert spec.bearing == BEARING
    mixed = plan_of(imported(rule("a*", bearing=BEARING), rule("b*", label="worn")))
    assert mixed.data_spec([PlacedRecord(made(), 0, "train")]).bearing is None
    assert [mixed.bearing_of(name) for name in ("a1.mat", "b1.mat")] == [BEARING, None]


def test_classes_stand_in_the_order_of_the_rules_and_captured_ones_after_them():
    rules = (rule("b*", label="worn"), rule("{label}1*", label=None), rule("*", label="other"))
    plan = plan_of(imported(*rules, split={"kind": "time"}))
    records = [PlacedRecord(made(label), 0, "train") for label in ("a", "c", "worn")]
    assert plan.data_spec(records).class_names == ("worn", "a", "c")


def test_the_speed_is_known_when_it_is_of_every_record():
    plan = plan_of(imported())
    records = [PlacedRecord(made(speed=speed), 0, "train") for speed in (30.0, None)]
    assert [plan.data_spec(some).shaft_speed for some in (records[:1], records)] == ["per_record", "none"]


def test_more_remarks_than_people_read_are_counted():
    assert notable(["a"]) == ("a.",)
    assert notable(["a"] * (MOST_REMARKS + 5))[-1] == "And 5 more of the kind."
