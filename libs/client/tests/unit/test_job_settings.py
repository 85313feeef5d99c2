"""Settings of jobs as they are typed."""

import json

import pytest
import typer

from babbitt.client.api.further_jobs import tune
from babbitt.client.cli.job_settings import class_map_of, folds_of, numbers_of, overrides_of
from babbitt.client.cli.tune import space_of
from babbitt.contracts.tuning import TuningRequested


def test_settings_are_set_by_name_with_dots_into_what_they_hold():
    found = overrides_of(
        ["weight_decay=0.1", "config.hidden=128", "config.kind=wide", "loss.name=focal", "loss.gamma=1.5",
         'schedule={"name": "linear"}', "compile=false"],
        epochs=3, patience=None,
    )  # fmt: skip
    assert found.model_dump(exclude_unset=True) == {
        "weight_decay": 0.1,
        "config": {"hidden": 128, "kind": "wide"},
        "loss": {"name": "focal", "gamma": 1.5},
        "schedule": {"name": "linear"},
        "compile": False,
        "epochs": 3,
    }


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["colour=red"], "colour"),
        (["learning_rate=fast"], "learning_rate"),
        (["epochs=2"], "twice"),
        (["patience"], "NAME=VALUE"),
        (["loss=focal", "loss.gamma=1"], "as a whole"),
    ],
)
def test_a_setting_that_is_none_is_named(said, told):
    with pytest.raises(typer.BadParameter, match=told):
        overrides_of(said, epochs=1)


def test_classes_are_renamed_dropped_and_taken_apart_by_pairs_or_by_a_file(tmp_path):
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"worn": "faulty", "sound": []}))
    assert class_map_of([str(file), "odd=null", 'both=["bent","unbalanced"]', "worn=faulty_2"]) == {
        "worn": "faulty_2", "sound": (), "odd": None, "both": ("bent", "unbalanced"),
    }  # fmt: skip
    file.write_text("worn: faulty")
    with pytest.raises(typer.BadParameter, match="is no JSON"):
        class_map_of([str(file)])


def test_numbers_and_folds_are_written_as_they_are_said():
    assert numbers_of("0,1, 2", "--seeds") == (0, 1, 2)
    assert numbers_of(None, "--seeds") == ()
    assert (folds_of("5"), folds_of("leave-one-group-out"), folds_of(None)) == (5, "leave_one_group_out", None)
    with pytest.raises(typer.BadParameter):
        numbers_of("0,one", "--seeds")
    with pytest.raises(typer.BadParameter, match="leave-one-group-out"):
        folds_of("some")


def test_a_space_has_intervals_whole_numbers_and_choices():
    space = space_of(
        [
            "learning_rate=1e-4..1e-2,log",
            "weight_decay=0..1",
            "epochs=5..40",
            "config.hidden=[64,128]",
            'views={"low":0,"high":2}',
        ]
    )
    base = {"model": "pump", "dataset": "ab" * 32, "class_map": {"odd": None}}
    study = TuningRequested.model_validate({"base": base, "space": space, "trials": 4})
    sent = tune(study).json
    assert sent["space"] == {
        "learning_rate": {"kind": "float", "low": 1e-4, "high": 1e-2, "log": True},
        "weight_decay": {"kind": "float", "low": 0, "high": 1, "log": False},
        "epochs": {"kind": "int", "low": 5, "high": 40, "log": False},
        "config.hidden": {"kind": "choice", "values": [64, 128]},
        "views": {"low": 0, "high": 2},
    }
    assert sent["base"].pop("job_id")
    assert (sent["base"], sent["trials"]) == (base, 4)
