import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.mappings import ImportedSource, ImportMapping, MappingRule, RecordingFile
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.shards import FEWEST_SHARDS, MAX_SHARD_SAMPLES, divide
from babbitt.signals.errors import DatasetImpossible


def simulated(split=None, **source):
    return DatasetConfiguration(source=JournalSource(**source), split=SplitSpec(**(split or {})))


def imported(names=("a1.mat", "a2.mat", "a3.mat", "b1.mat", "b2.mat", "b3.mat"), split=None, rules=None, **mapping):
    rules = rules or (
        MappingRule(pattern="a*", label="ok", variable="x", sampling_rate_hz=12_000),
        MappingRule(pattern="b*", label="worn", variable="x", sampling_rate_hz=48_000),
    )
    fields = {"sampling_rate_hz": 12_000, "record_duration_s": 0.5, "rules": rules} | mapping
    files = tuple(RecordingFile(name=name, sha256="0" * 64) for name in names)
    source = ImportedSource(files=files, mapping=ImportMapping(**fields))
    return DatasetConfiguration(source=source, split=SplitSpec(**(split or {})))


def refusal(configuration):
    with pytest.raises(DatasetImpossible) as refused:
        plan_of(configuration)
    assert refused.value.problem.status == 422
    return refused.value.problem.errors[0]


@pytest.mark.parametrize(("records", "samples"), [(320, 102_400), (3_520, 102_400), (5, 10), (8, 10), (100, 2**23)])
def test_shards_hold_every_record_once_and_none_is_too_large(records, samples):
    shards = divide(records, samples)
    assert [number for shard in shards for number in range(shard.first, shard.first + shard.count)] == [*range(records)]
    assert [shard.index for shard in shards] == [*range(len(shards))]
    assert max(shard.count for shard in shards) * samples <= MAX_SHARD_SAMPLES
    assert len(shards) >= min(records, FEWEST_SHARDS) - 2


def test_a_record_as_large_as_a_shard_is_a_shard():
    assert len(divide(10, MAX_SHARD_SAMPLES)) == 10


def test_records_of_a_simulation_go_class_by_class_with_all_levels_in_turn():
    plan = plan_of(simulated(classes=("sain", "oilwhirl"), records_per_class=4, duration_s=0.2))
    assert [plan.name_of(number) for number in (0, 3, 4)] == ["sain-00000", "sain-00003", "oilwhirl-00000"]
    assert [plan.make(number).level.name for number in range(4)] == ["INCIPIENT", "MILD", "MODERATE", "SEVERE"]
    assert plan.make(4).level.name == "INCIPIENT"


@pytest.mark.parametrize(
    ("configuration", "pointer", "accepted"),
    [
        (simulated(classes=("sain", "jeu")), "/configuration/source/classes/1", "sain, desalignement"),
        (simulated(duration_s=0.1), "/configuration/source/duration_s", "at least 0.185 s"),
        (simulated(duration_s=600, sampling_rate_hz=1e6), "/configuration/source/duration_s", "at most 16777216"),
        (simulated(records_per_class=100_000), "/configuration/source/records_per_class", "at most 200000"),
        (
            simulated(records_per_class=10_000, duration_s=60, sampling_rate_hz=100_000),
            "/configuration/source/records_per_class",
            "at most 10000",
        ),
        (simulated(split={"kind": "time"}), "/configuration/split/kind", "record, group"),
        (simulated(records_per_class=4, split={"validation": 0.45, "test": 0.49}), "/configuration/split", "at least"),
        (imported(names=("c.mat",)), "/configuration/source/files/0/name", "a name that a rule's pattern matches"),
        (imported(names=("a.mat", "a.wav")), "/configuration/source/files/1/name", ".mat, .npy, .csv"),
        (
            imported(sampling_rate_hz=20_000),
            "/configuration/source/mapping/rules/0/sampling_rate_hz",
            "at least 20000 Hz",
        ),
        (
            imported(record_duration_s=0.001),
            "/configuration/source/mapping/record_duration_s",
            "64 to 16777216 samples",
        ),
        (imported(names=("a1.mat", "b1.mat"), split={"kind": "group"}), "/configuration/split", "at least 3 groups"),
        (imported(names=("a1.mat", "b1.mat")), "/configuration/split", "at least 3 recordings"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_field_and_what_is_accepted(configuration, pointer, accepted):
    problem = refusal(configuration)
    assert problem.pointer == pointer
    assert problem.accepted.startswith(accepted)


def test_a_class_with_one_group_can_be_split_in_time():
    plan = plan_of(imported(names=("a1.mat", "b1.mat"), split={"kind": "time", "test": 0.3}))
    cuts = plan.cut("a1.mat", 120_000)
    assert {cut.split for cut in cuts} == {"train", "validation", "test"}
    assert "optimistic" in " ".join(plan.notes())


def test_a_shard_is_a_file_in_the_order_of_their_names():
    plan = plan_of(imported(names=("b3.mat", "a2.mat", "a1.mat", "b1.mat", "a3.mat", "b2.mat")))
    assert [file.name for file in plan.files][:2] == ["a1.mat", "a2.mat"]
    assert len(plan.shards) == 6


def test_a_class_recorded_at_another_rate_is_noted():
    notes = plan_of(imported()).notes()
    assert any("b1.mat, b2.mat, b3.mat" in note and "rate" in note for note in notes)


def test_groups_named_by_rules_stay_together():
    rules = tuple(
        MappingRule(pattern=f"{label}{n}*", label=label, variable="x", sampling_rate_hz=12_000, group=f"{label}{n}")
        for label in "ab"
        for n in (1, 2, 3)
    )
    names = [f"{rule.pattern[:-1]}-{part}.mat" for rule in rules for part in "xy"]
    plan = plan_of(imported(names=names, rules=rules, split={"kind": "group"}))
    assert len(plan._splits) == 6
