import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.learnt import LearntRecords
from babbitt.training.domain.place import Place
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable, ParityExceeded
from babbitt.training.fitting.export import measured_parity, write_onnx
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.laid_out import LIST, LaidOut
from babbitt.training.fitting.layout import checkpoint_name
from babbitt.training.fitting.progress import PROGRESS, Completed, Epoch, Progress, Progressed
from babbitt.training.fitting.windows import Windows

pytestmark = pytest.mark.thorough

HARDWARE = Hardware(torch.device("cpu"))


def test_a_fit_tells_what_happens_in_order(fitted):
    _, said = fitted
    events = [progress.event for progress in said if not isinstance(progress, Progressed)]
    assert events == ["started", *["epoch", "checkpoint"] * 6, "completed"]
    phases = [progress.phase for progress in said if isinstance(progress, Progressed)]
    assert list(dict.fromkeys(phases)) == ["preparing", "exporting", "measuring", "evaluating"]


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
    assert report["provenance"]["dataset"] == dataset[1].dataset_id
    assert report["provenance"]["threads"] == 1
    assert report["test"]["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 0, 2]]
    assert len(report["runs"][0]["epochs"]) == 6


def test_what_serving_needs_to_know_was_fitted_on_records_that_nothing_was_chosen_by(fitted, dataset):
    spec = fitted[1][-1].model_spec
    assert 0 < spec.calibration.groups < len(dataset[1].split("validation"))
    assert spec.calibration.nominal_coverage is None
    low, high = spec.rms_range
    assert 0.05 < low < high < 0.5


def test_every_file_that_is_told_of_is_there_and_is_what_its_digest_says(fitted):
    out, said = fitted
    completed = said[-1]
    told = [completed.artifact, completed.report, completed.predictions, completed.weights, completed.train_records]
    told += [*completed.figures.values(), *(one.file for one in completed.variants if one.file)]
    for file in told:
        assert hashlib.sha256((out / file.file).read_bytes()).hexdigest() == file.sha256
    assert {"confusion", "learning", "record_snr_db", "variants"} <= completed.figures.keys()
    assert [one.variant.name for one in completed.variants if one.variant.chosen]


def test_whoever_learnt_from_a_record_is_known(fitted, dataset):
    learnt = LearntRecords.read((fitted[0] / "train-records.json").read_bytes())
    expected = {entry.blake3 for split in ("train", "validation") for entry in dataset[1].split(split)}
    assert set(learnt.blake3) == expected


def test_the_graph_has_no_fourier_node_and_any_batch(fitted):
    out, _ = fitted
    graph = onnx.load(out / "model.onnx").graph
    assert not {node.op_type for node in graph.node} & {"DFT", "STFT"}
    assert {entry.name for entry in graph.output} == {"logits", "probabilities", "embedding", "novelty"}
    session = onnxruntime.InferenceSession(out / "model.onnx")
    for batch in (1, 3, 17):
        waveform = np.zeros((batch, 1, 2048), np.float32)
        logits, probabilities, embedding, novelty = session.run(None, {"waveform": waveform})
        assert logits.shape == probabilities.shape == (batch, 3)
        assert embedding.shape == (batch, 24)
        assert novelty.shape == (batch,)


def test_the_file_says_itself_what_it_is(fitted, dataset):
    out, said = fitted
    metadata = onnxruntime.InferenceSession(out / "model.onnx").get_modelmeta().custom_metadata_map
    assert DataSpec.model_validate_json(metadata["babbitt.data_spec"]) == said[-1].data_spec
    assert ModelSpec.model_validate_json(metadata["babbitt.model_spec"]) == said[-1].model_spec
    assert metadata["babbitt.dataset_sha256"] == dataset[1].dataset_id
    provenance = json.loads((out / "report.json").read_text())["provenance"]
    assert metadata["babbitt.lock_sha256"] == provenance["lock_sha256"] != ""
    assert metadata["babbitt.commit"] == (provenance["commit"] or "")
    assert metadata["babbitt.classes"].split("\n") == ["sain", "desequilibre", "oilwhirl"]


def test_the_file_tells_nothing_of_the_machine_it_was_made_on(fitted):
    assert b".py" not in (fitted[0] / "model.onnx").read_bytes()


def test_a_graph_that_answers_otherwise_than_its_module_is_not_let_through(dataset, tmp_path):
    folder = DatasetFolder(dataset[0])
    preset = load_presets().named("spectral_small")
    data = folder.manifest.data_spec
    spec = preset.config.model_spec(preset.name, data)
    windows = Windows.of(folder.records("validation"), data, spec, Labelling.of(data, None, {}))
    model = preset.config.build(folder.manifest.data_spec, spec).eval()
    write_onnx(model, windows, tmp_path / "model.onnx")
    assert measured_parity(model, tmp_path / "model.onnx", windows, 1).max_abs_difference < 1e-5
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1)
    with pytest.raises(ParityExceeded, match=r"allowed is 0\.001"):
        measured_parity(model, tmp_path / "model.onnx", windows, 1)


def test_a_fit_begins_anew_beside_what_another_left_and_reads_the_test_split_when_there_is_a_model(
    dataset, make_request, tmp_path
):
    folder, manifest = dataset
    (tmp_path / "checkpoints").mkdir()
    for epoch in (7, 8):
        (tmp_path / "checkpoints" / checkpoint_name(Place(1, epoch))).write_bytes(b"of an earlier request")
    read: list[str] = []

    class Watched(DatasetFolder):
        def records(self, split):
            read.append(split)
            return super().records(split)

    def tell(progress: Progress) -> None:
        if not isinstance(progress, Progressed):
            read.append(progress.event)

    request = make_request(tmp_path / "request.json", manifest, quick=True, overrides={"epochs": 1})
    Fit(load_presets(), request, Watched(folder), tmp_path, tell).run(resume=False, threads=1, hardware=HARDWARE)
    assert read == ["train", "validation", "started", "epoch", "checkpoint", "test", "completed"]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [checkpoint_name(Place(1, 1))]


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


@pytest.fixture
def fit(dataset, make_request, tmp_path):
    """What came of a quick fit with these fields of the request."""

    def run(*, bases=None, **fields):
        said: list[Progress] = []

        def tell(progress):
            said.append(PROGRESS.validate_json(progress.model_dump_json()))  # as the service hears it

        request = make_request(tmp_path / "request.json", dataset[1], **{"quick": True} | fields)
        Fit(load_presets(), request, DatasetFolder(dataset[0]), tmp_path / "out", tell, bases).run(
            resume=False, threads=1, hardware=HARDWARE
        )
        return said

    return run


def test_an_override_that_the_family_does_not_know_is_refused_naming_those_it_knows(fit):
    with pytest.raises(BadRequest, match=r"config/hiden: there is no such field; accepted: .*hidden"):
        fit(overrides={"config": {"hiden": 3}})
    with pytest.raises(BadRequest, match="config/hidden: int is accepted"):
        fit(overrides={"config": {"hidden": "many"}})


@pytest.fixture
def base(fitted, tmp_path):
    """The first fit as a version that another goes on from, and as the champion."""
    out, said = fitted
    completed, folder = said[-1], tmp_path / "bases"
    folder.mkdir()
    for name in ("model.onnx", "weights.pt", "train-records.json"):
        (folder / name).write_bytes((out / name).read_bytes())
    laid = [
        LaidOut(
            role=role,
            version=4,
            file="model.onnx",
            sha256=completed.artifact.sha256,
            data_spec=completed.data_spec,
            model_spec=completed.model_spec,
            weights="weights.pt",
            train_records="train-records.json",
        )
        for role in ("base", "champion")
    ]
    (folder / "bases.json").write_bytes(LIST.dump_json(tuple(laid)))
    return Bases(folder)


def test_folds_then_seeds_go_on_from_a_version_and_the_champion_is_tested_on_the_same_split(
    fit, base, dataset, tmp_path
):
    manifest = dataset[1]
    known = LearntRecords(blake3=("0" * 64,))  # of the base: nothing of this dataset
    (tmp_path / "bases" / "train-records.json").write_text(known.model_dump_json())
    said = fit(
        quick=False,
        base_version=4,
        bases=base,
        folds=2,
        seeds=[1, 2],
        overrides={"epochs": 1, "learning_rate": 1e-9, "average_decay": 0.0},
    )
    completed = said[-1]
    names = [one.run_name for one in said if isinstance(one, Epoch)]
    assert len(names) == 4
    assert names[2:] == ["seed 1", "seed 2"]
    assert completed.lineage.base_version == 4
    assert [(one.seed, one.record_accuracy) for one in completed.seeds] == [(1, 1.0), (2, 1.0)]  # as the base was
    # nothing is held out of them: there is no loss to choose by, the first serves, and what is said can be read
    assert [(one.seed, one.validation_loss, one.chosen) for one in completed.seeds] == [
        (1, None, True),
        (2, None, False),
    ]
    assert completed.lineage.seed == 1
    assert {one.validation_loss for one in said if isinstance(one, Epoch) and one.run_name.startswith("seed")} == {None}
    assert all(PROGRESS.validate_json(one.model_dump_json()) == one for one in said)
    records = len(manifest.split("train")) + len(manifest.split("validation"))
    assert completed.cross_validation.records == completed.model_spec.calibration.groups == records
    assert completed.model_spec.calibration.nominal_coverage == 0.9
    pooled, (low, high) = completed.cross_validation, completed.cross_validation.record_accuracy_interval
    assert low <= pooled.record_accuracy <= high
    assert len(pooled.by_fold) == len(pooled.folds) == 2
    assert completed.champion.version == 4
    assert completed.champion.evaluation.test_split_sha256 == manifest.split_digest("test")
    # nothing was held out of the last runs: nothing is said of validation, and no form but float32 is proven
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["validation"] is None
    assert {one.variant.name for one in completed.variants if one.variant.chosen} == {"float32"}
    assert {one.variant.record_accuracy for one in completed.variants} == {None}
    assert completed.parity.windows == records


def test_what_was_fitted_on_the_calibration_records_is_not_judged_on_them(fitted, dataset):
    report = json.loads((fitted[0] / "report.json").read_text())
    calibrated = fitted[1][-1].model_spec.calibration.groups
    assert report["validation"]["records"] == len(dataset[1].split("validation")) - calibrated


def test_a_version_of_another_family_cannot_be_gone_on_from(fit, base):
    with pytest.raises(BadRequest, match="is of family spectral; resnet1d is accepted"):
        fit(preset="resnet1d_small", base_version=4, bases=base)
