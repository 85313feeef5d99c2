"""What the quality report finds, and its tables."""

from dataclasses import replace

import numpy as np

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.mappings import ImportedSource, ImportMapping, MappingRule, RecordingFile
from babbitt.contracts.quality import Leakage, QualityReport
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.quality import findings, tables
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.quality.report import Assessed, quality_report
from babbitt.signals.domain.quality.statistics import FIELDS, STATISTICS
from babbitt.signals.domain.records import MadeRecord, MadeShard, PlacedRecord

CLASSES = ("ok", "worn", "cracked")
MAPPING = ImportMapping(rules=(MappingRule(pattern="*", label="ok"),), sampling_rate_hz=12_000, record_duration_s=1)
SOURCE = ImportedSource(files=(RecordingFile(name="a.mat", sha256="0" * 64),), mapping=MAPPING)
SPEC = DataSpec(channels=(Channel(),), sampling_rate_hz=12_000, record_samples=12_000, class_names=CLASSES)
PLACES = ("train", "train", "train", "validation", "test")


def dataset(alter=lambda made, measured: None, *, split=None, **more):
    """Three groups a class, five records each, all alike but for what `alter` changes of (records, statistics)."""
    rng = np.random.default_rng(4)
    made = [
        MadeRecord(name, f"{name}.mat", name.rstrip("0123456789"), name, row, 12_000, None, f"{row:064x}",
                   recorded_at_hz=12_000.0)
        for row, name in enumerate(f"{label}{number}" for label in CLASSES for number in range(5))
    ]  # fmt: skip
    measured = rng.uniform(1, 2, (15, 1, FIELDS)).astype(np.float32)
    measured[:, :, STATISTICS.index("clipping")] = 0
    alter(made, measured)
    shard = MadeShard(0, None, tuple(made), (), ("a.mat: resampled",), ShardQuality(measured, {}))
    placed = [PlacedRecord(record, 0, PLACES[row % 5]) for row, record in enumerate(made)]
    configuration = DatasetConfiguration(source=SOURCE, split=SplitSpec(**(split or {"kind": "group"})))
    fields = {"split_in_time": (), "notes": ()} | more
    return Assessed("d" * 64, configuration, None, (shard,), placed, SPEC, **fields)


def report(*arguments, leakage=None, **more):
    return quality_report(dataset(*arguments, **more), leakage or Leakage(outcome="none"))


def texts(found):
    return "\n".join(finding.text for finding in found.findings)


def test_nothing_is_found_where_there_is_nothing_but_few_groups():
    assert [finding.text for finding in report().findings] == ["Fewer than 3 groups are tested of: cracked, ok, worn."]


def test_a_class_recorded_at_another_rate_is_told_as_the_recorder_and_not_the_machine():
    def faster(made, measured):
        made[:5] = [replace(record, recorded_at_hz=48_000.0) for record in made[:5]]

    found = report(faster)
    assert found.findings[0].level == "warning"
    assert "tells ok from all others: a model may learn the recorder instead of the machine" in texts(found)
    assert "Most was recorded at 12000 Hz, but ok at 48000 Hz." in texts(found)
    assert [(row.label, row.rate_hz) for row in found.recorded] == [
        ("ok", 48_000),
        ("worn", 12_000),
        ("cracked", 12_000),
    ]


def test_a_class_whose_recordings_are_longer_is_told():
    def longer(made, measured):
        made[:5] = [replace(record, recording="ok.mat") for record in made[:5]]

    assert "The length of the recording alone" in texts(report(longer))


def test_clipped_and_dead_records_are_counted_by_class():
    def damaged(made, measured):
        measured[0:2, 0, STATISTICS.index("clipping")] = 0.01
        measured[9, 0, STATISTICS.index("rms")] = 0

    found = report(damaged)
    assert "2 records are clipped: stuck at the highest or lowest value (2 of ok)." in texts(found)
    assert "1 record is constant in a channel: a dead sensor (1 of worn)." in texts(found)
    assert {finding.kind: finding.records for finding in found.findings if finding.records} == {
        "clipping": ("ok0", "ok1"),
        "constant": ("worn4",),
    }


def test_of_the_records_that_a_finding_is_about_the_first_twenty_are_named(monkeypatch):
    def clipped(made, measured):
        measured[:, 0, STATISTICS.index("clipping")] = 0.01

    monkeypatch.setattr(findings, "RECORDS_NAMED", 4)
    (found,) = (finding for finding in report(clipped).findings if finding.kind == "clipping")
    assert found.records == ("ok0", "ok1", "ok2", "ok3")
    assert found.text.startswith("15 records are clipped")


def test_what_was_measured_of_each_record_is_in_the_report_and_can_be_read_again():
    def raw_counts(made, measured):
        measured[1, 0, STATISTICS.index("rms")] = 3e38

    found = report(raw_counts)
    again = QualityReport.read(found.model_dump_json())
    assert again == found
    told = again.measured
    assert told.records == tuple(f"{label}{number}" for label in CLASSES for number in range(5))
    assert list(told.statistics["vibration"]) == ["rms", "crest", "kurtosis", "clipping", "dc"]
    assert told.statistics["vibration"]["rms"][1] == 3e38
    assert [len(levels) for levels in told.levels_db["vibration"]] == [len(told.band_edges_hz) - 1] * 15
    assert told.left_out == 0


def test_of_a_large_dataset_so_many_records_are_told_as_the_bound_says(monkeypatch):
    monkeypatch.setattr(tables, "NUMBERS_TOLD", 6 * FIELDS)
    told = report().measured
    assert (len(told.records), told.left_out) == (6, 9)


def test_how_records_were_kept_apart_is_told_where_it_is_optimistic():
    assert "optimistic" in texts(report(split={"kind": "time"}))
    assert "Class ok has a single group, divided in time" in texts(report(split_in_time=("ok",)))

    def one_machine(made, measured):
        made[:] = [replace(record, group="rig") for record in made]

    for kind in ("record", "group", "predefined"):
        assert "1 group has records in training and test" in texts(report(one_machine, split={"kind": kind}))


def test_classes_that_are_not_tested_and_unequal_classes_are_told():
    def all_but(made, measured):
        made[4] = replace(made[4], label="worn")

    found = report(all_but)
    assert found.split.untested == ("ok",)
    assert "Not tested, as none of it is held out: ok." in texts(found)


def test_classes_of_which_there_are_far_fewer_records_to_train_on_are_told():
    def unequal(made, measured):
        made[5:7] = [replace(record, label="ok") for record in made[5:7]]

    assert "Training has 5 records of class ok, but 1 of class worn." in texts(report(unequal))


def test_leakage_and_duplicates_are_told_with_the_reason_they_were_accepted():
    pair = {"records": ("a", "b"), "places": ("train", "test"), "labels": ("ok", "ok"), "shared": "run"}
    leaking = Leakage(outcome="accepted", reason="a demonstration", across=(pair,), across_count=3, not_compared=7)
    told = texts(report(leakage=leaking))
    assert "3 pairs of records of different splits share samples, a and b among them" in told
    assert "a demonstration" in told
    assert "7 pairs of records of different splits look alike and were not compared" in told
    twice = Leakage(outcome="none", within=(pair,), within_count=1)
    assert "1 pair of records of one split share samples" in texts(report(leakage=twice))


def test_what_was_done_to_recordings_and_the_groups_of_each_split_are_in_the_report():
    found = report()
    assert found.remarks == ("a.mat: resampled.",)
    assert found.split.groups == {"train": 9, "validation": 3, "test": 3}
    assert {(row.place, row.label): row.records for row in found.balance}["train", "ok"] == 3
    assert (found.records, found.seconds) == (15, 15)


def test_the_usual_rate_is_that_of_most_recordings_and_not_of_most_rows():
    def rates(made, measured):
        made[:4] = [replace(record, recorded_at_hz=48_000.0) for record in made[:4]]
        made[5:9] = [replace(record, recorded_at_hz=48_000.0) for record in made[5:9]]

    told = "Most was recorded at 48000 Hz, but cracked at 12000 Hz, ok at 12000 Hz, worn at 12000 Hz."
    assert told in texts(report(rates))


def test_what_the_leakage_gate_cannot_see_is_told():
    def faster(made, measured):
        made[:] = [replace(record, recorded_at_hz=48_000.0) for record in made]

    assert "Recordings were resampled before they were compared" in texts(report(faster))
    assert "resampled" not in texts(report())
    told = texts(report(leakage=Leakage(outcome="none", not_looked_at=1)))
    assert "In 1 recording shared runs could not be looked for: shorter than 1024 samples, or too smooth." in told


def test_shards_made_before_anything_was_measured_leave_a_report_without_statistics():
    old = dataset()
    found = quality_report(replace(old, made=(replace(old.made[0], quality=None),)), Leakage(outcome="none"))
    assert found.probes == found.distributions == ()
    assert "Statistics are missing" in texts(found)
