"""A model that was made elsewhere: taken in, judged by the gates, promoted by a person, and served."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.way import CLASSES, ended, ready_dataset, serving, until
from typer.testing import CliRunner

from babbitt.client import NotFound
from babbitt.client.cli import app
from babbitt.contracts.dataspec import ModelSpec

pytestmark = pytest.mark.e2e

RATE_HZ, POOLED = 20_480, 32
BANDS_HZ = ((108, 132), (54, 66), (22, 32))
"""Of a shaft at 60 Hz +-10 %: twice its speed (misalignment), its speed (imbalance), under half of it (oil whirl)."""


def rule_of_thumb():
    """An engineer's rule as an ONNX graph, nothing learnt: the band with most power names the fault."""
    lines_hz = [np.arange(low, high + 1) for low, high in BANDS_HZ]
    seconds = np.arange(RATE_HZ // POOLED) * POOLED / RATE_HZ
    angle = 2 * np.pi * seconds[:, None] * np.concatenate(lines_hz)
    weights = {
        "waves": (np.concatenate([np.cos(angle), np.sin(angle)], axis=1) * 2 / len(seconds)).astype(np.float32),
        "bands": np.tile(np.repeat(np.eye(3), [len(one) for one in lines_hz], axis=0), (2, 1)).astype(np.float32),
        "channel": np.array([1]),
        "before": np.array([0, 1, 0, 0]),
        "quiet": np.float32(3e-3),
    }
    nodes = [
        helper.make_node("AveragePool", ["waveform"], ["slow"], kernel_shape=[POOLED], strides=[POOLED]),
        helper.make_node("MatMul", ["slow", "waves"], ["amplitudes"]),
        helper.make_node("Mul", ["amplitudes", "amplitudes"], ["powers"]),
        helper.make_node("MatMul", ["powers", "bands"], ["by_channel"]),
        helper.make_node("Squeeze", ["by_channel", "channel"], ["by_band"]),
        helper.make_node("Pad", ["by_band", "before", "quiet"], ["found"]),
        helper.make_node("ReduceSum", ["found", "channel"], ["total"]),
        helper.make_node("Div", ["found", "total"], ["probabilities"]),
    ]
    graph = helper.make_graph(
        nodes,
        "rule_of_thumb",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["windows", 1, RATE_HZ])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["windows", len(CLASSES)])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10).SerializeToString()


@pytest.fixture(scope="module")
def bring(stack, client, tmp_path_factory):
    """Runs `babbitt models import thumb` for a file, and tells what it printed."""
    folder = tmp_path_factory.mktemp("brought")
    dataset = ready_dataset(client, seed=1)
    spec = ModelSpec(family="rule_of_thumb", window_samples=RATE_HZ, hop_samples=RATE_HZ, class_names=CLASSES)
    (folder / "data.json").write_text(client.dataset(dataset).data_spec.model_dump_json())
    (folder / "spec.json").write_text(spec.model_dump_json())
    environment = {"BABBITT_URL": stack.gateway_url, "BABBITT_KEY": stack.admin_key}

    def run(content, *options):
        (folder / "file.onnx").write_bytes(content)
        words = ["models", "import", "thumb", folder / "file.onnx", "--data-spec", folder / "data.json"]
        words += ["--model-spec", folder / "spec.json", "--dataset", dataset, "--origin", "the old system", *options]
        said = CliRunner().invoke(app, [str(word) for word in words], env=environment)
        assert said.exit_code == 0, said.output
        return said.stdout

    return run


@pytest.fixture(scope="module")
def wrong_job(bring):
    """The id of a job that runs beside the others: its file answers by another name."""
    graph = onnx.load_from_string(rule_of_thumb())
    graph.graph.output[0].name = graph.graph.node[-1].output[0] = "scores"
    return json.loads(bring(graph.SerializeToString(), "--json"))["id"]


def judged_version(client):
    """The version once the last of the gates has said something of it."""
    try:
        found = client.version("thumb", 1)
    except NotFound:
        return None
    return found if "policy" in {gate.gate for gate in found.gates} else None


def test_a_model_from_elsewhere_is_judged_by_the_gates_promoted_by_a_person_and_serves(
    bring, wrong_job, client, waveform
):
    bring(rule_of_thumb(), "--watch")
    version = until(lambda: judged_version(client), what="the gates' results")
    judged = {gate.gate: gate.outcome for gate in version.gates}
    assert version.evaluation.record_accuracy > 0.8
    assert (judged["digest"], judged["parity"], judged["accuracy_floor"]) == ("passed", "inconclusive", "passed")
    assert not client.model("thumb").aliases
    client.promote("thumb", 1, reason="the rule that the line has always had", wait_s=30)
    assert serving(client, "thumb") == 1
    shaking = waveform + np.sin(2 * np.pi * 60 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    answer = client.predict("thumb", shaking, sampling_rate_hz=RATE_HZ)
    assert (answer.fault, answer.model.digest) == ("desequilibre", version.artifact.sha256)


def test_a_file_that_is_not_what_it_is_said_to_be_ends_its_job_with_the_reason(client, wrong_job):
    job = ended(client, wrong_job)
    assert (job.state, job.failure_kind) == ("failed", "bad_request")
    assert "it has no output probabilities; it has scores" in job.reason
