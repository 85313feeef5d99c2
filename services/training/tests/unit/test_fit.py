import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable, ParityExceeded
from babbitt.training.fitting.export import measured_parity, write_onnx
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.progress import Completed, Progress
from babbitt.training.fitting.windows import Windows

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def fitted(dataset, make_request, tmp_path_factory):
    """Output folder and what was said of one fit."""
    folder, manifest = dataset
    out = tmp_path_factory.mktemp("out")
    said: list[Progress] = []
    request = make_request(out / "request.json", manifest)
    threads = torch.get_num_threads()
    Fit(load_presets(), request, DatasetFolder(folder), out, said.append).run(resume=False, threads=1, device=CPU)
    yield out, said
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=False)


def test_a_fit_tells_what_happens_in_order(fitted):
    _, said = fitted
    assert [progress.event for progress in said] == ["started", *["epoch", "checkpoint"] * 6, "completed"]


def test_the_exported_file_is_evaluated_on_the_test_split(fitted, dataset):
    out, said = fitted
    completed, manifest = said[-1], dataset[1]
    assert isinstance(completed, Completed)
    assert completed.evaluation.record_accuracy == 1.0
    assert completed.evaluation.records == len(manifest.split("test")) == 6
    assert completed.evaluation.test_split_sha256 == manifest.split_digest("test")
    paired = json.loads((out / "predictions.json").read_text())
    assert [record["record"] for record in paired["records"]] == [entry.record for entry in manifest.split("test")]
    assert all(sum(record["probabilities"]) == pytest.approx(1.0, abs=1e-5) for record in paired["records"])


def test_the_report_names_all_that_the_weights_follow_from(fitted, dataset):
    out, _ = fitted
    report = json.loads((out / "report.json").read_text())
    assert report["lineage"]["dataset"] == dataset[1].dataset_id
    assert report["lineage"]["threads"] == 1
    assert report["test"]["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 0, 2]]
    assert len(report["history"]) == 6


def test_the_graph_has_no_fourier_node_and_any_batch(fitted):
    out, _ = fitted
    graph = onnx.load(out / "model.onnx").graph
    assert not {node.op_type for node in graph.node} & {"DFT", "STFT"}
    assert {entry.name for entry in graph.output} == {"logits", "probabilities", "embedding"}
    session = onnxruntime.InferenceSession(out / "model.onnx")
    for batch in (1, 3, 17):
        waveform = np.zeros((batch, 1, 2048), np.float32)
        logits, probabilities, embedding = session.run(None, {"waveform": waveform})
        assert logits.shape == probabilities.shape == (batch, 3)
        assert embedding.shape == (batch, 24)


def test_the_file_says_itself_what_it_is(fitted, dataset):
    out, said = fitted
    metadata = onnxruntime.InferenceSession(out / "model.onnx").get_modelmeta().custom_metadata_map
    assert DataSpec.model_validate_json(metadata["babbitt.data_spec"]) == dataset[1].data_spec
    assert ModelSpec.model_validate_json(metadata["babbitt.model_spec"]) == said[-1].model_spec
    assert metadata["babbitt.dataset_sha256"] == dataset[1].dataset_id
    assert metadata["babbitt.classes"].split("\n") == ["sain", "desequilibre", "oilwhirl"]


def test_the_file_tells_nothing_of_the_machine_it_was_made_on(fitted):
    assert b".py" not in (fitted[0] / "model.onnx").read_bytes()


def test_a_graph_that_answers_otherwise_than_its_module_is_not_let_through(dataset, tmp_path):
    folder = DatasetFolder(dataset[0])
    preset = load_presets().named("spectral_small")
    spec = preset.config.model_spec(preset.name, folder.manifest.data_spec)
    windows = Windows.of(folder.records("validation"), spec)
    model = preset.config.build(folder.manifest.data_spec, spec).eval()
    write_onnx(model, windows, tmp_path / "model.onnx")
    assert measured_parity(model, tmp_path / "model.onnx", windows, 1).max_abs_difference < 1e-5
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1)
    with pytest.raises(ParityExceeded, match=r"allowed is 0\.001"):
        measured_parity(model, tmp_path / "model.onnx", windows, 1)


def test_the_test_split_is_not_read_before_there_is_a_model(dataset, make_request, tmp_path):
    folder, manifest = dataset
    read: list[str] = []

    class Watched(DatasetFolder):
        def records(self, split):
            read.append(split)
            return super().records(split)

    def until_the_last_epoch(progress: Progress) -> None:
        read.append(progress.event)

    request = make_request(tmp_path / "request.json", manifest, overrides={"epochs": 1})
    Fit(load_presets(), request, Watched(folder), tmp_path, until_the_last_epoch).run(
        resume=False, threads=1, device=CPU
    )
    assert read == ["train", "validation", "started", "epoch", "checkpoint", "test", "completed"]


def test_a_fit_that_begins_anew_is_not_disturbed_by_what_an_earlier_one_left(dataset, make_request, tmp_path):
    folder, manifest = dataset
    (tmp_path / "checkpoints").mkdir()
    for epoch in (7, 8):
        (tmp_path / "checkpoints" / f"epoch-{epoch:05d}.pt").write_bytes(b"of an earlier request")
    request = make_request(tmp_path / "request.json", manifest, overrides={"epochs": 1})
    Fit(load_presets(), request, DatasetFolder(folder), tmp_path, lambda _: None).run(
        resume=False, threads=1, device=CPU
    )
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["epoch-00001.pt"]


def test_an_unknown_preset_is_a_bad_request_that_lists_the_known_ones(dataset, make_request, tmp_path):
    request = make_request(tmp_path / "request.json", dataset[1], preset="nonsense")
    with pytest.raises(BadRequest, match="spectral_base, spectral_small"):
        Fit(load_presets(), request, DatasetFolder(dataset[0]), tmp_path, lambda _: None)


def test_a_folder_with_another_dataset_is_a_bad_request(dataset, make_request, tmp_path):
    request = make_request(tmp_path / "request.json", dataset[1], dataset="f" * 64)
    with pytest.raises(BadRequest, match="the folder holds"):
        Fit(load_presets(), request, DatasetFolder(dataset[0]), tmp_path, lambda _: None)


def test_records_too_short_for_the_preset_make_the_dataset_unusable(make_dataset, make_request, tmp_path):
    manifest = make_dataset(tmp_path / "data", samples=300)
    request = make_request(tmp_path / "request.json", manifest)
    with pytest.raises(DatasetUnusable, match="at least 512"):
        Fit(load_presets(), request, DatasetFolder(tmp_path / "data"), tmp_path, lambda _: None)
