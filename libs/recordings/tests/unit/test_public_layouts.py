"""The mappings in `examples/mappings`, on small files of the layouts that they are for."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from babbitt.contracts.bearings import FaultOrders
from babbitt.recordings.mapping import complete, parse_mapping
from babbitt.recordings.recordings import read_recording
from babbitt.recordings.rules import named

REPOSITORY = Path(__file__).parents[4]
MAPPINGS = REPOSITORY / "examples" / "mappings"
CWRU = REPOSITORY.parent / "shared" / "data" / "cwru"


def mapping(name):
    return complete(parse_mapping((MAPPINGS / f"{name}.yaml").read_text()))


def wave(samples, seed=0):
    return np.random.default_rng(seed).standard_normal(samples)


@pytest.fixture
def read(tmp_path):
    """A function: what is read of a file by a mapping; `write` makes the file."""

    def read(mapping_name, name, write):
        write(tmp_path / "file")
        return read_recording(tmp_path / "file", name, mapping(mapping_name))

    return read


@pytest.mark.parametrize("name", sorted(path.stem for path in MAPPINGS.glob("*.yaml")))
def test_a_mapping_lacks_nothing(name):
    assert mapping(name).rules


def centre(number, rate_hz=12_000, **more):
    """A file of the bearing data centre: two ends, and most often the speed."""
    held = {f"X{number}_DE_time": wave(rate_hz), f"X{number}_FE_time": wave(rate_hz, 1), f"X{number}RPM": 1_797.0}
    return lambda path: savemat(path, held | more, appendmat=False)


@pytest.mark.parametrize(
    ("name", "number", "label", "group", "rate_hz"),
    [
        ("97.mat", "097", "normal", "healthy", 48_000),
        ("normal/normal_1.mat", "098", "normal", "healthy", 48_000),
        ("105.mat", "105", "inner_race", "IR007", 12_000),
        ("12k_DE/IR007_0.mat", "105", "inner_race", "IR007", 12_000),
        ("3001.mat", "056", "inner_race", "IR028", 12_000),
        ("109.mat", "109", "inner_race", "IR007", 48_000),
        ("48k_DE/IR007_0.mat", "109", "inner_race", "IR007", 48_000),
        ("118.mat", "118", "ball", "B007", 12_000),
        ("B014_3.mat", "188", "ball", "B014", 12_000),
        ("130.mat", "130", "outer_race", "OR007", 12_000),
        ("OR007@12_0.mat", "156", "outer_race", "OR007", 12_000),
        ("265.mat", "265", "outer_race", "OR021", 48_000),
    ],
)
def test_the_bearing_data_centre_by_number_and_by_fault(read, name, number, label, group, rate_hz):
    recording = read("cwru_drive_end", name, centre(number, rate_hz))
    assert (recording.label, recording.group, recording.recorded_at_hz) == (label, group, rate_hz)
    assert recording.shaft_speed_hz == pytest.approx(29.95)
    assert recording.samples.shape == (1, 12_000)


def test_of_a_file_that_also_holds_another_its_own_recording_is_read(read):
    own = wave(48_000, 2)
    recording = read("cwru_drive_end", "99.mat", centre("098", 48_000, X099_DE_time=own))
    assert np.corrcoef(recording.samples[0], own[::4])[0, 1] > 0.3


def test_numbers_of_the_bearing_data_centre_stand_for_one_rate_each():
    rules = mapping("cwru_drive_end")
    numbers = [*range(97, 101), *range(105, 113), *range(118, 126), *range(130, 134), *range(135, 139)]
    told = [named(rules, f"{number}.mat") for number in numbers]
    assert [one.rule.sampling_rate_hz for one in told].count(48_000) == 4 + 4 + 4 + 4
    healthy, first = 4, 0
    assert {one.label for one in told[first:healthy]} == {"normal"}


@pytest.mark.skipif(not CWRU.is_dir(), reason="no real recordings in ../shared/data/cwru beside the repository")
@pytest.mark.parametrize("name", ["cwru", "cwru_drive_end"])
def test_the_real_recordings_of_the_bearing_data_centre(name):
    rules = mapping(name)
    orders = FaultOrders.of(rules.bearing)
    assert (orders.outer_race, orders.inner_race) == pytest.approx((3.5848, 5.4152), abs=1e-3)
    labels = set()
    for path in sorted(CWRU.glob("*.mat")):
        recording = read_recording(path, path.name, rules)
        assert recording.shaft_speed_hz == pytest.approx(29.94, abs=0.05)
        assert recording.recorded_at_hz == (48_000 if path.name == "97.mat" else 12_000)
        assert 5.0 < recording.samples.shape[1] / 12_000 < 10.3
        labels.add(recording.label)
    assert len(labels) == {"cwru": 10, "cwru_drive_end": 4}[name]


def paderborn(code):
    """A structure called as the file, whose Y is an array of quantities with Name and Data."""
    quantities = np.empty(3, dtype=[("Name", object), ("Type", object), ("Data", object)])
    for place, (name, data) in enumerate(
        [("speed", 1_500 + wave(40)), ("temp_2_bearing_module", np.ones(4)), ("vibration_1", wave(640))]
    ):
        quantities[place] = (name, "Y", data)
    name = f"N15_M07_F10_{code}_1"
    held = {name: {"Info": "about", "Y": quantities, "Description": "x"}}
    return f"{code}/{name}", lambda path: savemat(path, held, appendmat=False)


@pytest.mark.parametrize(
    ("code", "label"), [("K001", "healthy"), ("KA04", "outer_race"), ("KI14", "inner_race"), ("KB23", "both_races")]
)
def test_paderborn_in_matlab(read, code, label):
    name, write = paderborn(code)
    recording = read("paderborn_mat", f"{name}.mat", write)
    assert (recording.label, recording.group) == (label, code)
    np.testing.assert_array_equal(recording.samples[0], wave(640).astype(np.float32))
    assert recording.shaft_speed_hz == pytest.approx(25, rel=1e-3)


def test_paderborn_in_csv(read):
    rows = [f"{sample:.9f},{1_500 + step / 16 if step % 16 == 0 else ''},0.7" for step, sample in enumerate(wave(640))]
    text = "\n".join(["vibration_1,speed,torque", *rows])
    recording = read("paderborn_csv", "KI14/N15_M07_F10_KI14_1.csv", lambda path: path.write_text(text))
    assert (recording.label, recording.group) == ("inner_race", "KI14")
    np.testing.assert_allclose(recording.samples[0], wave(640), rtol=1e-5, atol=1e-8)
    assert recording.shaft_speed_hz == pytest.approx(25.3, abs=0.1)


@pytest.mark.parametrize(
    ("name", "label", "rate_hz"),
    [
        ("baseline_1.mat", "healthy", 97_656),
        ("OuterRaceFault_3.mat", "outer_race", 97_656),
        ("OuterRaceFault_vload_7.mat", "outer_race", 48_828),
        ("InnerRaceFault_vload_1.mat", "inner_race", 48_828),
    ],
)
def test_mfpt(read, name, label, rate_hz):
    bearing = {"sr": float(rate_hz), "gs": wave(rate_hz // 10), "load": 270.0, "rate": 25.0}
    recording = read("mfpt", name, lambda path: savemat(path, {"bearing": bearing}, appendmat=False))
    assert (recording.label, recording.recorded_at_hz, recording.shaft_speed_hz) == (label, rate_hz, 25)
    assert recording.samples.shape == (1, pytest.approx(4_882, abs=2))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("normal/12.288.csv", "normal"),
        ("imbalance/6g/12.288.csv", "imbalance"),
        ("full/horizontal-misalignment/0.5mm/12.288.csv", "horizontal-misalignment"),
        ("overhang/cage_fault/35g/12.288.csv", "overhang_cage_fault"),
        ("underhang/outer_race/0g/12.288.csv", "underhang_outer_race"),
    ],
)
def test_mafaulda(read, name, label):
    table = wave(8 * 500).reshape(500, 8)
    text = "\n".join(",".join(f"{value:.5e}" for value in row) for row in table)
    recording = read("mafaulda", name, lambda path: path.write_text(text))
    assert (recording.label, recording.shaft_speed_hz, recording.recorded_at_hz) == (label, 12.288, 50_000)
    np.testing.assert_allclose(recording.samples, table[:, 1:7].T, rtol=1e-4)
