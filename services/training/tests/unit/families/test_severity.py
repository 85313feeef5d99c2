"""How far a fault has gone, told beside which one it is."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from babbitt.contracts.dataspec import Targets
from babbitt.contracts.simulations import SEVERITIES
from babbitt.training.families.registry import load_presets
from babbitt.training.families.severity import SeverityHead
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.losses import severity_loss

ONE_STEP = 1 / (len(SEVERITIES) - 1)
CPU = Hardware(torch.device("cpu"))


def test_the_share_goes_from_incipient_to_severe_and_its_first_logits_do_not_contradict_each_other():
    head = SeverityHead(1)
    torch.nn.init.constant_(head.direction.weight, 1.0)
    with torch.no_grad():
        embedding = torch.linspace(-6.0, 6.0, 25)[:, None]
        share, further = head.share(embedding), head(embedding)
    assert (share[0].item(), share[-1].item()) == pytest.approx((0.0, 1.0), abs=0.01)
    assert (share.diff() > 0).all()
    assert (further.diff(dim=1) < 0).all()


def test_the_loss_is_of_those_whose_level_is_known():
    logits = torch.tensor([[9.0, 9.0, -9.0], [9.0, 9.0, 9.0]])
    right = severity_loss(logits[:1], torch.tensor([2]))
    assert right.item() < 1e-3
    assert severity_loss(logits, torch.tensor([2, -1])).item() == pytest.approx(right.item())
    assert severity_loss(logits, torch.tensor([2, 0])).item() > 1
    assert severity_loss(logits, torch.tensor([-1, -1])).item() == 0.0


def graded(one):
    """The case with faults at four levels: the louder, the further; healthy records have none."""
    label = [entry.label for entry in one.windows.entries]
    levels = [None if name == "healthy" else SEVERITIES[row // 3 % 4] for row, name in enumerate(label)]
    gains = torch.tensor([4.0 ** SEVERITIES.index(level) if level else 1.0 for level in levels])[one.windows.record]
    entries = tuple(
        entry.model_copy(update={"severity": s}) for entry, s in zip(one.windows.entries, levels, strict=True)
    )
    louder = one.windows.inputs | {"waveform": one.windows.inputs["waveform"] * gains[:, None, None]}
    data = one.data.model_copy(update={"targets": Targets(severity=True)})
    return replace(one, data=data, windows=replace(one.windows, inputs=louder, entries=entries))


@pytest.mark.thorough
def test_severity_is_learnt_beside_the_class_and_the_exported_graph_tells_the_same(case):
    one = graded(case("spectral_small"))
    model = one.learnt(epochs=30, severity_weight=1.0, learning_rate=1e-2)
    inputs = one.windows.inputs
    with torch.no_grad():
        answer = model(*inputs.values())
    levels = one.windows.severity_levels()
    known = levels >= 0
    assert int(known.sum()) == 24
    assert (answer.severity[known] - ONE_STEP * levels[known]).abs().mean() < ONE_STEP / 2
    assert (answer.probabilities.argmax(dim=1) == one.windows.targets.argmax(dim=1)).float().mean() > 0.9
    assert (model.severity.thresholds.diff() < 0).all()
    content = model.to_onnx(one.windows.rows(slice(0, 2))).SerializeToString()
    assert {node.name for node in onnx.load_from_string(content).graph.output} == set(answer.outputs())
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (told,) = session.run(["severity"], {name: values[:5].numpy() for name, values in inputs.items()})
    assert np.allclose(told, answer.severity[:5].numpy(), atol=1e-3)


@pytest.mark.parametrize("name", ["resnet1d_small", "cnn_lstm_small", "tcn_small"])
def test_waveform_nets_tell_the_severity_where_the_data_have_it_and_else_do_not(case, name):
    one = case(name)
    two = tuple(values[:2] for values in one.windows.inputs.values())
    with torch.no_grad():
        assert graded(one).build().eval()(*two).severity.shape == (2,)
        assert "severity" not in one.build().eval()(*two).outputs()


@pytest.mark.parametrize(
    ("preset", "why"), [("logistic_small", "logistic_small cannot tell how far"), ("spectral_small", "no record")]
)
def test_severity_is_refused_where_the_family_cannot_tell_it_or_the_dataset_does_not(
    dataset, make_request, tmp_path, preset, why
):
    folder, manifest = dataset
    overrides = {"severity_weight": 1.0}
    request = make_request(tmp_path / "request.json", manifest, preset=preset, overrides=overrides)
    fit = Fit(load_presets(), request, DatasetFolder(folder), tmp_path, lambda progress: None)
    with pytest.raises(BadRequest, match=f"overrides/severity_weight: {why}"):
        fit.run(resume=False, threads=1, hardware=CPU)
