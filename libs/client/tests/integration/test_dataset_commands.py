import json

import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.mappings import MappedBearing
from babbitt.contracts.simulations import NOISE_LAYERS, JournalSource, RollingSource
from babbitt.contracts.splits import SplitSpec

from .conftest import streaming

NOW = "2026-01-02T03:04:05Z"


def row(wanted: DatasetConfiguration, state: str, **more) -> dict:
    return {"id": wanted.dataset_id(), "state": state, "created_at": NOW, "updated_at": NOW} | more


def frame(type_: str, place: int, **data) -> bytes:
    said = {"id": f"e{place}", "source": "/babbitt/signals", "type": type_, "time": NOW, "data": data}
    return f"id: p{place}\nevent: {type_}\ndata: {json.dumps(said)}\n\n".encode()


def test_a_simulated_dataset_is_what_the_options_say(counterpart, run):
    source = JournalSource(classes=("sain", "oilwhirl"), records_per_class=8, duration_s=1.0, seed=5)
    wanted = DatasetConfiguration(source=source, split=SplitSpec(test=0.3))
    counterpart.answers("POST /v1/datasets", row(wanted, "requested"))
    result = run(
        "datasets", "simulate", "--classes", "sain,oilwhirl", "--records-per-class", 8, "--duration-s", 1, "--seed", 5,
        "--test", 0.3, "--label", "small", "--json",
    )  # fmt: skip
    assert json.loads(result.stdout)["state"] == "requested"
    said = json.loads(counterpart.requests[0].body)
    assert said.pop("label") == "small"
    assert DatasetConfiguration.model_validate(said) == wanted


def test_an_option_that_no_dataset_can_have_is_named_before_anything_is_sent(counterpart, run):
    result = run("datasets", "simulate", "--records-per-class", 3)
    assert result.exit_code == 2
    assert "/source/records_per_class" in result.stderr
    assert not counterpart.requests


def posted(counterpart, run, *arguments) -> DatasetConfiguration:
    counterpart.answers("POST /v1/datasets", row(DatasetConfiguration(source=JournalSource()), "requested"))
    result = run("datasets", "simulate", *arguments)
    assert result.exit_code == 0, result.output
    said = json.loads(counterpart.requests[0].body)
    said.pop("label", None)
    return DatasetConfiguration.model_validate(said)


def test_a_profile_without_more_is_the_whole_benchmark(counterpart, run):
    assert posted(counterpart, run, "--profile", "jbfd11") == DatasetConfiguration(source=JournalSource())


def test_layers_left_out_effects_and_noise_copies_are_said_in_words(counterpart, run):
    asked = posted(
        counterpart, run, "--without", "mains,walk", "--effects", "run_up, axial", "--noise-copies", "15,0"
    )  # fmt: skip
    assert set(NOISE_LAYERS) - set(asked.source.noise_layers) == {"mains", "walk"}
    assert asked.source.effects == ("run_up", "axial")
    assert asked.source.noise_copies_db == (15, 0)


def test_rolling_bearings_are_told_by_their_numbers_or_as_json_and_split_by_machine(counterpart, run):
    turning = {"balls": 9, "ball_diameter_mm": 7.94, "pitch_diameter_mm": 39.04, "turning_ring": "outer"}
    asked = posted(
        counterpart, run, "--profile", "rolling", "--classes", "healthy,ball", "--machines-per-class", 5,
        "--bearing", "8,15.1,65,10", "--bearing", json.dumps(turning), "--speed", 20, 25, "--snr", "-20", "-3.5",
        "--rate", 25_600, "--noise-copies", "none",
    )  # fmt: skip
    steep = MappedBearing(balls=8, ball_diameter_mm=15.1, pitch_diameter_mm=65, contact_angle_deg=10)
    source = RollingSource(
        profile="rolling", classes=("healthy", "ball"), machines_per_class=5, sampling_rate_hz=25_600,
        bearings=(steep, MappedBearing(**turning)), shaft_speed_hz=(20, 25), signal_to_noise_db=(-20, -3.5),
    )  # fmt: skip
    assert asked == DatasetConfiguration(source=source, split=SplitSpec(kind="group"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "rolling", "--effects", "run_up"), "--effects: an option of profile jbfd11"),
        (("--speed", 20, 25), "--speed: an option of profile rolling"),
        (("--without", "hum"), "--without hum: layers of noise are measurement, mains"),
        (("--profile", "rolling", "--bearing", "9,7.94"), "--bearing 9,7.94: three or four numbers"),
        (("--profile", "rolling", "--bearing", "{9}"), "--bearing {9}: no JSON"),
        (("--profile", "rolling", "--bearing", "2,1,9"), "/source/bearings/0/balls"),
        (("--profile", "rolling", "--snr", 8, "-16"), "the lowest first, then the highest"),
    ],
)
def test_an_option_that_does_not_fit_its_profile_or_is_wrong_says_so(counterpart, run, arguments, said):
    result = run("datasets", "simulate", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not counterpart.requests


def test_a_dataset_is_waited_for_until_it_is_ready(counterpart, run):
    wanted = DatasetConfiguration(source=JournalSource())
    progressed = frame("DatasetProgressed", 1, dataset_id=wanted.dataset_id(), shards_done=1, shards=2)
    over = frame("DatasetFailed", 2, dataset_id=wanted.dataset_id(), reason="disk full")
    counterpart.answers("GET /v1/events", streaming(progressed, then="ends"), streaming(over))
    counterpart.answers("POST /v1/datasets", row(wanted, "requested"))
    counterpart.answers("GET /v1/datasets/*", row(wanted, "building"), row(wanted, "ready", split_kind="record"))
    result = run("datasets", "simulate", "--wait", "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (0, "ready")
    stream, posted, *looks = counterpart.requests[:1] + counterpart.of("POST *") + counterpart.of("GET /v1/datasets/*")
    assert stream.query == {"topics": "datasets.events.v1", "subject": wanted.dataset_id()}
    assert counterpart.requests.index(stream) < counterpart.requests.index(posted)
    assert [look.headers["prefer"] for look in looks] == ["wait=20", "wait=20"]


def test_a_dataset_that_is_there_is_not_waited_for(counterpart, run):
    wanted = DatasetConfiguration(source=JournalSource())
    counterpart.answers("GET /v1/events", streaming())
    counterpart.answers("POST /v1/datasets", row(wanted, "ready"))
    assert run("datasets", "simulate", "--wait").exit_code == 0


def test_a_dataset_that_cannot_be_made_says_why_and_exits_with_3(counterpart, run):
    wanted = DatasetConfiguration(source=JournalSource())
    over = frame("DatasetFailed", 2, dataset_id=wanted.dataset_id(), reason="disk full")
    counterpart.answers("GET /v1/events", streaming(over))
    counterpart.answers("POST /v1/datasets", row(wanted, "building"))
    counterpart.answers("GET /v1/datasets/*", row(wanted, "failed", reason="disk full"))
    result = run("datasets", "simulate", "--wait", "--json")
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1] == "babbitt: the dataset is failed: disk full"


def test_datasets_are_listed_and_shown(counterpart, run):
    wanted = DatasetConfiguration(source=JournalSource())
    counts = {"train": {"sain": 56, "oilwhirl": 56}, "test": {"sain": 12, "oilwhirl": 12}}
    ready = row(wanted, "ready", label="first", counts=counts, source_kind="simulated")
    counterpart.answers("GET /v1/datasets", {"items": [ready], "next_cursor": None})
    counterpart.answers("GET /v1/datasets/*", ready)
    assert "136" in run("datasets", "list", "--state", "ready").stdout.split()
    assert counterpart.requests[0].query == {"state": "ready"}
    assert json.loads(run("datasets", "show", wanted.dataset_id(), "--json").stdout)["label"] == "first"
