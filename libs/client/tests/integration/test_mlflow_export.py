"""A version in a real MLflow server, read back by MLflow's own client."""

import hashlib
import json
import socket
import subprocess
import sys
import time
from importlib import import_module

import httpx
import numpy as np
import pytest
from libs.client.tests.versions import REPORT, version_of
from starlette.responses import Response

from babbitt.client.cli.model_export import QUIETLY

from .test_model_files import ARTIFACT, DIGEST, graph, versions

__all__ = ["versions"]
pytestmark = pytest.mark.integration


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """The address of a server of our own, on a database and a folder of its own."""
    folder = tmp_path_factory.mktemp("mlflow")
    url = f"http://127.0.0.1:{(port := free_port())}"
    stored = [
        "--backend-store-uri",
        f"sqlite:///{folder}/runs.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    command = [sys.executable, "-m", "mlflow", "server", *stored, "--port", str(port), "--workers", "1"]
    command += ["--gunicorn-opts", "--log-level warning --graceful-timeout 1"]
    with pytest.MonkeyPatch.context() as patched, (folder / "log").open("w") as log:
        for name, value in QUIETLY.items():
            patched.setenv(name, value)
        patched.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        patched.setenv("MLFLOW_TRACKING_URI", url)  # for what reads models:/…
        patched.setenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
        patched.setenv("MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES", "http")  # for a store that takes nothing
        with subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
            try:
                import_module("mlflow.onnx")  # takes about as long as the server does: meanwhile
                end = time.monotonic() + 90
                while not answers(url):
                    assert process.poll() is None, (folder / "log").read_text()
                    assert time.monotonic() < end, (folder / "log").read_text()
                    time.sleep(0.1)
                yield url
            finally:
                process.terminate()


def answers(url):
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def mlflow(mlflow_server):
    """MLflow's own client, beside the commands that are to be tested."""
    return import_module("mlflow").MlflowClient(mlflow_server, registry_uri=mlflow_server)


EPOCHS = [
    {"epoch": number, "train_loss": 1 / number, "validation_loss": 2 / number, "validation_accuracy": 0.9}
    for number in (1, 2, 3)
]
RUNS = [
    {"name": "seed 0", "kept_epoch": 3, "epochs": EPOCHS},
    {"name": "seed 1", "kept_epoch": 2, "epochs": EPOCHS[:2]},
]
SEEDS = [
    {"seed": 0, "validation_loss": 0.7, "record_accuracy": 0.75, "chosen": True},
    {"seed": 1, "validation_loss": 0.8, "record_accuracy": 0.25},
]


@pytest.fixture
def exported(versions, run, mlflow_server):
    """Exports a version of a job with two seeds, and tells what the command said."""
    gate = {"gate": "parity", "outcome": "inconclusive", "detail": "", "evaluated_at": "2026-01-02T03:04:05Z"}
    told = version_of(7, ARTIFACT, DIGEST) | {"seeds": SEEDS, "gates": [gate], "lineage": {"commit": "c0ffee"}}
    place = "GET /v1/models/pump/versions/7"
    versions.answers(place, told, told | {"gates": [gate | {"outcome": "passed"}]})
    versions.answers(f"{place}/report", REPORT | {"runs": RUNS})
    versions.answers(f"{place}/card", Response("# pump version 7\n", media_type="text/markdown"))
    versions.answers(f"{place}/artifact", Response(ARTIFACT))
    versions.answers(f"{place}/figures/confusion", Response(b"PNG", media_type="image/png"))

    def export(experiment, *, status=0):
        said = run("models", "export", "pump", 7, "--mlflow", mlflow_server, "--experiment", experiment, "--json")
        assert said.exit_code == status, said.output
        return said.stderr if status else json.loads(said.stdout)

    return export


def test_a_version_is_read_back_from_a_real_mlflow_server_and_answers_as_its_file(exported, mlflow, tmp_path):
    told = exported("bearings")
    found = mlflow.get_run(told["run_id"])
    assert (found.info.run_name, found.info.status) == ("pump@7", "FINISHED")
    assert found.data.tags.items() >= {
        "babbitt.model": "pump", "babbitt.version": "7", "babbitt.artifact_sha256": DIGEST, "babbitt.dataset": "d" * 64,
        "babbitt.job": "01890000-0000-7000-8000-000000000000", "babbitt.gate.parity": "inconclusive",
        "mlflow.source.git.commit": "c0ffee",
    }.items()  # fmt: skip
    assert found.data.params.items() >= {
        "preset": "any_small", "request.overrides.epochs": "40", "data_spec.sampling_rate_hz": "100.0",
        "model_spec.class_names": '["healthy", "inner"]', "model_spec.calibration.temperature": "2.0",
    }.items()  # fmt: skip
    assert found.data.metrics.items() >= {
        "test/record_accuracy": 2 / 3, "test/inner/recall": 0.5, "record_snr_db/10": 0.75, "latency/median_ms": 1.25,
        "seeds/record_accuracy_mean": 0.5,
    }.items()  # fmt: skip
    parts = mlflow.search_runs([found.info.experiment_id], f"tags.`mlflow.parentRunId` = '{told['run_id']}'")
    assert {one.info.run_name: one.data.metrics["test/record_accuracy"] for one in parts} == {
        "seed 0": 0.75,
        "seed 1": 0.25,
    }
    curve = mlflow.get_metric_history(
        next(one for one in parts if one.info.run_name == "seed 0").info.run_id, "train_loss"
    )
    assert [(point.step, point.value) for point in curve] == [(1, 1.0), (2, 0.5), (3, 1 / 3)]

    folder = tmp_path / "came"
    folder.mkdir()
    mlflow.download_artifacts(told["run_id"], "", str(folder))
    assert json.loads((folder / "report.json").read_text())["preset"] == "any_small"
    assert (folder / "card.md").read_text() == "# pump version 7\n"
    assert (folder / "figures" / "confusion.png").read_bytes() == b"PNG"
    assert hashlib.sha256((folder / "model" / "model.onnx").read_bytes()).hexdigest() == DIGEST
    registered = mlflow.get_model_version("pump", str(told["registered_version"]))
    assert (registered.run_id, registered.tags["babbitt.version"]) == (told["run_id"], "7")
    place = f"models:/pump/{told['registered_version']}"
    assert import_module("mlflow.onnx").load_model(place) == graph()
    windows = np.random.default_rng(0).standard_normal((3, 2, 8)).astype(np.float32)
    likely = np.exp(windows.mean(axis=2))
    answer = import_module("mlflow.pyfunc").load_model(place).predict({"waveform": windows})
    np.testing.assert_allclose(answer["probabilities"], likely / likely.sum(axis=1, keepdims=True), atol=1e-6)


def test_exported_again_it_is_found_and_only_what_the_gates_say_is_told_anew(exported, mlflow):
    first, again = exported("twice"), exported("twice")
    assert again == first | {"new": False}
    runs = mlflow.search_runs([mlflow.get_experiment_by_name("twice").experiment_id])
    assert len(runs) == 3
    assert mlflow.get_run(first["run_id"]).data.tags["babbitt.gate.parity"] == "passed"
    assert len(mlflow.search_model_versions(f"run_id='{first['run_id']}'")) == 1


def test_an_export_that_broke_off_is_replaced(exported, mlflow):
    experiment = mlflow.create_experiment("broken off")
    tags = {"babbitt.model": "pump", "babbitt.version": "7", "babbitt.artifact_sha256": DIGEST}
    left = mlflow.create_run(experiment, tags=tags).info.run_id
    part = mlflow.create_run(experiment, tags={"mlflow.parentRunId": left}).info.run_id
    told = exported("broken off")
    assert told["new"]
    assert {left, part}.isdisjoint(one.info.run_id for one in mlflow.search_runs([experiment]))
    assert mlflow.get_run(told["run_id"]).info.status == "FINISHED"


def test_a_server_that_is_away_is_told_of_and_so_is_a_file_that_is_not_what_was_registered(
    versions, run, mlflow, mlflow_server
):
    away = run("models", "export", "pump", 1, "--mlflow", f"http://127.0.0.1:{free_port()}")
    assert away.exit_code == 1
    assert "babbitt: the MLflow server did not take it: " in away.stderr
    versions.answers("GET /v1/models/pump/versions/3", version_of(3, ARTIFACT, "e" * 64))
    versions.answers("GET /v1/models/pump/versions/3/report", REPORT)
    versions.answers("GET /v1/models/pump/versions/3/artifact", Response(ARTIFACT))
    other = run("models", "export", "pump", 3, "--mlflow", mlflow_server, "--experiment", "other")
    assert (other.exit_code, f"not {'e' * 64}" in other.stderr) == (1, True)
    assert not mlflow.search_runs([mlflow.get_experiment_by_name("other").experiment_id])


def test_a_store_of_artifacts_that_takes_nothing_is_told_of(exported, mlflow, mlflow_server):
    mlflow.create_experiment("nowhere", artifact_location=f"{mlflow_server}/nowhere")
    assert "babbitt: the MLflow server did not take it: 40" in exported("nowhere", status=1)


def test_without_the_extra_the_command_says_what_brings_it(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.delitem(sys.modules, "babbitt.client.mlflow_server", raising=False)
    missing = run("models", "export", "pump", 7, "--mlflow", "http://127.0.0.1:1")
    assert missing.exit_code == 1
    assert "mlflow is not installed: pip install 'babbitt-client[mlflow]' brings it" in missing.stderr
    assert run("models", "export", "pump", 7, "--mlflow", "runs.db").exit_code == 2
