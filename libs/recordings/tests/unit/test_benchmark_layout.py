import json

import h5py
import numpy as np
import pytest

from babbitt.contracts.mappings import ImportMapping, MappingRule
from babbitt.recordings.benchmark_layout import benchmark_recordings, read_benchmark
from babbitt.recordings.errors import RateTooLow, RecordingUnreadable
from babbitt.recordings.readers.hdf5 import leaves
from babbitt.recordings.readers.leaves import LeafReader

SAMPLES = 64


@pytest.fixture
def benchmark(tmp_path):
    """A function: the file of the layout with so many records a group, changed as `change` does."""

    def write(change=lambda file: None, **rows):
        path = tmp_path / "jbfd11.h5"
        with h5py.File(path, "w") as file:
            for number, (group, count) in enumerate(
                (rows or {"train": 5, "val": 2, "test": 3, "test_snr5": 3}).items()
            ):
                made = file.create_group(group)
                signals = np.arange(count * SAMPLES, dtype=np.float32).reshape(count, SAMPLES) + 1000 * number
                made["signals"] = signals
                made["labels"] = np.arange(count) % 11
                made["severities"] = np.arange(count) % 4
                made["metadata"] = [json.dumps({"shaft_speed_hz": 60.0 + row}) for row in range(count)]
            change(file)
        return path

    return write


def mapping(**fields):
    rule = MappingRule(pattern="*.h5", layout="jbfd11")
    return ImportMapping(**({"rules": (rule,), "sampling_rate_hz": 20_480} | fields))


def read(path, part=0, parts=1, **fields):
    """In this process: one of its own takes longer than all of these tests."""
    reader = LeafReader("jbfd11.h5", "hdf5", leaves(path, "jbfd11.h5"))
    return list(benchmark_recordings(reader, "jbfd11.h5", mapping(**fields), part=part, parts=parts))


def test_an_untrusted_file_is_read_in_a_process_of_its_own(benchmark):
    path = benchmark()
    apart, here = list(read_benchmark(path, "jbfd11.h5", mapping())), read(path)
    assert [one.name for one in apart] == [one.name for one in here]
    np.testing.assert_array_equal(apart[7].samples, here[7].samples)


def test_each_row_is_a_recording_with_its_class_severity_speed_and_place(benchmark):
    recordings = read(benchmark())
    assert [one.name for one in recordings][4:8] == [
        "jbfd11.h5#train-00004",
        "jbfd11.h5#validation-00000",
        "jbfd11.h5#validation-00001",
        "jbfd11.h5#test-00000",
    ]
    third = recordings[2]
    assert (third.label, third.severity, third.shaft_speed_hz, third.place) == (
        "desequilibre",
        "moderate",
        62.0,
        "train",
    )
    np.testing.assert_array_equal(third.samples, [np.arange(2 * SAMPLES, 3 * SAMPLES)])
    assert third.recorded_at_hz == 20_480


def test_a_noisy_copy_belongs_to_the_group_of_its_record_and_is_no_part_of_the_test(benchmark):
    recordings = {one.name: one for one in read(benchmark())}
    copy = recordings["jbfd11.h5#test-00001@snr5"]
    assert (copy.place, copy.group) == ("test_snr5", recordings["jbfd11.h5#test-00001"].group)


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 20])
def test_the_parts_of_a_file_are_the_file(benchmark, parts):
    path = benchmark()
    whole = [one.name for one in read(path)]
    assert [one.name for part in range(parts) for one in read(path, part=part, parts=parts)] == whole


@pytest.mark.parametrize("where", ["beside the groups", "an attribute"])
def test_class_names_of_the_file_come_before_the_benchmarks(benchmark, where):
    def name(file):
        (file.attrs if where == "an attribute" else file)["class_names"] = ["one", "two"]
        for group in ("train", "test"):
            del file[group]["labels"]
        file["train"]["labels"] = np.array([0, 1, 1, 0, 1])
        file["test"]["labels"] = ["two", "one", "two"]

    recordings = read(benchmark(name, train=5, val=2, test=3))
    assert [one.label for one in recordings] == ["one", "two", "two", "one", "two", "one", "two", "two", "one", "two"]


def test_a_class_that_no_dataset_may_call_so_is_refused_with_what_is_read(benchmark):
    def name(file):
        file.attrs["class_names"] = ["inner_race", "Normal Condition"]

    with pytest.raises(RecordingUnreadable, match=r"jbfd11\.h5: @class_names holds 'Normal Condition'; small letters"):
        read(benchmark(name))


def test_attributes_without_end_hide_no_group(benchmark):
    def describe(file):
        for number in range(1200):
            file.attrs[f"note {number}"] = number

    assert len(read(benchmark(describe))) == 13


class Asked(LeafReader):
    """Notes what beside the samples was asked for."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = []

    def vector(self, variable):
        self.asked.append((variable,))
        return super().vector(variable)

    def texts(self, variable, start=0, stop=None):
        read = super().texts(variable, start, stop)
        self.asked.append((variable, len(read)))
        return read


def test_what_stands_beside_the_samples_is_asked_for_once_a_group_and_only_for_the_rows_of_the_part(benchmark):
    reader = Asked("jbfd11.h5", "hdf5", leaves(benchmark(train=200), "jbfd11.h5"))
    assert len(list(benchmark_recordings(reader, "jbfd11.h5", mapping(), part=1, parts=2))) == 100
    assert reader.asked == [("train/labels",), ("train/severities",), ("train/metadata", 100)]


@pytest.mark.parametrize("parts", [2, 20])
def test_resampling_is_remarked_on_once_a_file(benchmark, parts):
    path = benchmark()
    told = [one.remarks for part in range(parts) for one in read(path, part=part, parts=parts, sampling_rate_hz=10_240)]
    assert told == [("jbfd11.h5: resampled from 20480 Hz",), *[()] * 12]
    assert not any(one.remarks for one in read(path))


def without(what):
    def change(file):
        del file["train"][what]

    return change


def with_(what, values):
    def change(file):
        del file["train"][what]
        file["train"][what] = values

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without("labels"), "group train has no labels"),
        (
            with_("labels", [0, 1]),
            r"group train has labels \(2,\), .*; signals \[n, samples\], all others \[n\] are read",
        ),
        (with_("labels", np.zeros((5, 2))), r"group train has labels \(5, 2\), .*, all others \[n\] are read"),
        (with_("metadata", [["{}", "{}"]] * 5), r"group train has .*metadata \(5, 2\)"),
        (with_("labels", [0, 1, 2, 3, 11]), "train/labels holds 11.0; one of sain, .*, or their numbers from 0"),
        (with_("severities", ["mild"] * 4 + ["bad"]), "train/severities holds 'bad'; one of incipient"),
        (with_("metadata", ["{"] * 5), "train/metadata is no JSON"),
        *[
            (
                with_("metadata", [f'{{"shaft_speed_hz": null, "speed_rpm": {speed}}}'] * 5),
                r"train/metadata holds speed_rpm .{1,80}; numbers above 0, up to 600000, are read$",
            )
            for speed in ("true", "9" * 400, '"1800"', "-1")
        ],
        (with_("signals", np.ones(5)), r"group train has .*signals \(5,\)"),
        (with_("signals", np.full((5, SAMPLES), np.nan)), "group train holds samples that are no finite numbers"),
        (lambda file: file.move("val", "dev"), "group 'dev'; the layout jbfd11 .* is read"),
        (lambda file: file.clear(), "holds no group with signals and labels"),
    ],
)
def test_a_file_of_another_layout_is_refused_with_what_is_read(benchmark, change, reason):
    with pytest.raises(RecordingUnreadable, match=rf"jbfd11\.h5: {reason}"):
        read(benchmark(change))


def test_what_a_file_says_is_cut_in_the_reason(benchmark):
    def describe(file):
        with_("labels", ["x" * 100_000] * 5)(file)
        file.attrs["class_names"] = [f"class-{number}" for number in range(1000)]

    with pytest.raises(RecordingUnreadable, match=r"^.{,500}$"):
        read(benchmark(describe))
    with pytest.raises(RecordingUnreadable, match=r"^.{,500}$"):
        read(benchmark(lambda file: file.move("val", "x" * 10_000)))


def test_a_higher_rate_than_the_benchmarks_is_refused_and_a_lower_one_is_made(benchmark):
    assert read(benchmark(), sampling_rate_hz=10_240)[0].samples.shape == (1, SAMPLES // 2)
    with pytest.raises(RateTooLow, match=r"jbfd11\.h5#train-00000: sampled at 20480 Hz"):
        read(benchmark(), sampling_rate_hz=48_000)
