"""Versions that exist: tested on a dataset, or taken in from elsewhere."""

import resource
from argparse import Namespace

import onnx
import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import NoveltyRule
from babbitt.contracts.training_requests import EvaluationRequested, ImportRequested
from babbitt.training.fitting import foreign_model
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.champion import champion_result
from babbitt.training.fitting.command import COMMANDS
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable
from babbitt.training.fitting.foreign_model import check_windows
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.laid_out import LIST, LaidOut
from babbitt.training.fitting.memory import FOREIGN_BYTES
from babbitt.training.fitting.model_import import ModelImport
from babbitt.training.fitting.tested_version import VersionTest
from babbitt.training.fitting.testing import Testing as OfTestSplit

pytestmark = pytest.mark.thorough


@pytest.fixture
def folder(fitted, tmp_path):
    """Lays out a version with these changes; the folder of the fit's file without them."""

    def lay(content: bytes | None = None, **changes) -> Bases:
        out, said = fitted
        completed = said[-1]
        (tmp_path / "model").write_bytes((out / "model.onnx").read_bytes() if content is None else content)
        fields = {"data_spec": completed.data_spec, "model_spec": completed.model_spec} | changes
        laid = LaidOut(role="tested", version=4, file="model", sha256=completed.artifact.sha256, **fields)
        (tmp_path / "bases.json").write_bytes(LIST.dump_json((laid,)))
        return Bases(tmp_path)

    return lay


def evaluated(dataset, bases, out, **fields):
    said = []
    request = EvaluationRequested(model="pump", version=4, dataset=dataset[1].dataset_id, **fields)
    VersionTest(request, DatasetFolder(dataset[0]), bases, out, said.append).run(threads=1)
    return said[-1]


def test_a_version_that_is_tested_again_does_as_it_did(folder, dataset, fitted, tmp_path):
    found = evaluated(dataset, folder(), tmp_path / "out")
    before = fitted[1][-1].evaluation
    assert found.evaluation.model_copy(update={"latency_ms": None}) == before.model_copy(update={"latency_ms": None})
    assert (tmp_path / "out" / found.report.file).exists()
    assert "confusion" in found.figures


def test_classes_that_the_version_does_not_name_have_to_be_mapped(folder, dataset, tmp_path, fitted):
    spec = fitted[1][-1].model_spec.model_copy(update={"class_names": ("healthy", "desequilibre", "oilwhirl")})
    bases = folder(model_spec=spec)
    with pytest.raises(BadRequest, match="does not name sain; rename them to one of healthy"):
        evaluated(dataset, bases, tmp_path / "out")
    found = evaluated(dataset, bases, tmp_path / "out", class_map={"sain": "healthy", "oilwhirl": None})
    assert found.evaluation.per_class == {"healthy": 1.0, "desequilibre": 1.0}


def test_a_version_that_reads_another_rate_is_not_tested(folder, dataset, fitted, tmp_path):
    other = fitted[1][-1].data_spec.model_copy(update={"sampling_rate_hz": 8192.0})
    with pytest.raises(DatasetUnusable, match="sampled at 4096 Hz; the version reads 8192"):
        evaluated(dataset, folder(data_spec=other), tmp_path / "out")


def test_a_champion_that_reads_what_the_dataset_does_not_tell_is_not_compared_with(folder, dataset, fitted, tmp_path):
    spec = fitted[1][-1].model_spec
    bases = folder()
    champion = bases.all[0].model_copy(
        update={"role": "champion", "model_spec": spec.model_copy(update={"inputs": ("waveform", "shaft_speed_hz")})}
    )
    (tmp_path / "bases.json").write_bytes(LIST.dump_json((champion,)))
    data = fitted[1][-1].data_spec
    labelling = Labelling.of(data, None, {})
    testing = OfTestSplit(DatasetFolder(dataset[0]), tmp_path, spec, labelling, threads=1)
    assert champion_result(Bases(tmp_path), testing, data, spec) is None


def requested(dataset, laid, **changes):
    return ImportRequested(
        model="pump",
        artifact=ObjectReference(key="gateway/uploads/x", sha256=laid.sha256, size_bytes=1),
        data_spec=laid.data_spec,
        model_spec=laid.model_spec.model_copy(
            update={"calibration": None, "novelty": None, "family": "elsewhere"} | changes
        ),
        dataset=dataset[1].dataset_id,
    )


def imported(dataset, bases, out, **changes):
    said, request = [], requested(dataset, bases.all[0], **changes)
    ModelImport(request, DatasetFolder(dataset[0]), bases, out, said.append).run(threads=1)
    return said[-1]


def test_a_file_from_elsewhere_is_calibrated_tested_and_says_what_it_is(folder, dataset, tmp_path):
    completed = imported(dataset, folder(), tmp_path / "out")
    assert completed.evaluation.record_accuracy == 1.0
    assert completed.model_spec.family == "elsewhere"
    assert completed.model_spec.calibration.groups == 6
    assert completed.parity.windows == 0
    metadata = {one.key: one.value for one in onnx.load(tmp_path / "out/model.onnx").metadata_props}
    assert metadata["babbitt.model_spec"] == completed.model_spec.model_dump_json()
    assert metadata["babbitt.lock_sha256"] == completed.lineage.lock_sha256


def test_what_the_importer_says_stands_and_validation_tells_the_rest(folder, dataset, tmp_path):
    rule, ranges = NoveltyRule(threshold=1e9, note="of the bench"), {"shaft_speed_range_hz": (20.0, 30.0)}
    told = imported(dataset, folder(), tmp_path / "out", novelty=rule, rms_range=None, **ranges).model_spec
    assert (told.novelty, told.shaft_speed_range_hz, told.rms_range) == (rule, (20.0, 30.0), None)
    assert told.calibration.groups == 6


def test_the_champion_is_tested_beside_a_file_from_elsewhere(folder, dataset, fitted, tmp_path):
    bases = folder()
    both = (bases.all[0], bases.all[0].model_copy(update={"role": "champion", "version": 3}))
    (tmp_path / "bases.json").write_bytes(LIST.dump_json(both))
    champion = imported(dataset, Bases(tmp_path), tmp_path / "out").champion
    assert (champion.version, champion.artifact_sha256) == (3, both[0].sha256)
    assert champion.evaluation.record_accuracy == fitted[1][-1].evaluation.record_accuracy
    assert (tmp_path / "out" / champion.predictions.file).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class_names": ("healthy", "desequilibre", "oilwhirl")}, "the dataset tells sain, which the file does not"),
        ({"inputs": ("waveform", "shaft_speed_hz")}, "the file reads waveform, not waveform, shaft_speed_hz"),
        ({"class_names": ("sain", "desequilibre", "oilwhirl", "jeu")}, r"shape \(1, 3\); \(1, 4\) is accepted"),
        ({"window_samples": 1024}, "it does not run"),
        ({"window_samples": 10**12}, "model_spec/window_samples: 1000000000000; the dataset's shortest record has"),
    ],
)
def test_a_file_that_is_not_what_it_is_said_to_be_is_refused(folder, dataset, tmp_path, changes, said):
    with pytest.raises(BadRequest, match=said):
        imported(dataset, folder(), tmp_path / "out", **changes)


def test_a_hop_that_cuts_a_record_into_too_many_windows_is_refused(folder, dataset, tmp_path, monkeypatch):
    longest = max(entry.samples for entry in dataset[1].records)
    window = folder().all[0].model_spec.window_samples
    monkeypatch.setattr(foreign_model, "MOST_WINDOWS", longest - window)
    with pytest.raises(BadRequest, match=f"hop_samples: 1 cuts .* into {longest - window + 1} windows; at most"):
        imported(dataset, folder(), tmp_path / "out", hop_samples=1)
    monkeypatch.setattr(foreign_model, "MOST_WINDOWS", longest - window + 1)
    check_windows(dataset[1], folder().all[0].model_spec.model_copy(update={"hop_samples": 1}))


def without_novelty(path):
    """The file, silent about how unlike a window is to what it learnt from."""
    model = onnx.load(path)
    (output,) = (one for one in model.graph.output if one.name == "novelty")
    model.graph.output.remove(output)
    return model.SerializeToString()


def test_a_file_from_elsewhere_that_tells_no_novelty_has_no_rule_for_it_and_its_card_says_so(
    folder, dataset, fitted, tmp_path
):
    bases, out = folder(without_novelty(fitted[0] / "model.onnx")), tmp_path / "out"
    assert imported(dataset, bases, out).model_spec.novelty is None
    assert "`novel` is null" in (out / "card.md").read_text()
    with pytest.raises(BadRequest, match="the file has no output novelty; it has "):
        imported(dataset, bases, out, novelty=NoveltyRule(threshold=1.0))


def test_what_is_no_onnx_file_is_refused(folder, dataset, tmp_path):
    with pytest.raises(BadRequest, match="it is no ONNX file"):
        imported(dataset, folder(b"not a graph"), tmp_path / "out")


def test_weights_that_lie_in_other_files_are_refused(folder, dataset, fitted, tmp_path):
    model = onnx.load(fitted[0] / "model.onnx")
    onnx.save_model(model, tmp_path / "apart.onnx", save_as_external_data=True, location="apart.bin", size_threshold=0)
    with pytest.raises(BadRequest, match=r"other files|it is no ONNX file"):
        imported(dataset, folder((tmp_path / "apart.onnx").read_bytes()), tmp_path / "out")


def test_operators_that_are_not_known_here_are_refused(folder, dataset, fitted, tmp_path):
    model = onnx.load(fitted[0] / "model.onnx")
    model.opset_import[0].version = 999
    with pytest.raises(BadRequest, match=r"of opset 999; up to \d+ is accepted"):
        imported(dataset, folder(model.SerializeToString()), tmp_path / "out")


@pytest.mark.parametrize("name", ["evaluate", "import"])
def test_a_process_that_runs_a_file_of_others_is_bounded_in_memory(name, folder, dataset, tmp_path):
    class Told(Exception):
        pass

    def tell(_):
        raise Told(resource.getrlimit(resource.RLIMIT_DATA)[0])

    evaluation = EvaluationRequested(model="pump", version=4, dataset=dataset[1].dataset_id)
    request = evaluation if name == "evaluate" else requested(dataset, folder().all[0])
    folder()
    (tmp_path / "request.json").write_text(request.model_dump_json())
    given = {"request": tmp_path / "request.json", "data": dataset[0], "out": tmp_path / "out", "bases": tmp_path}
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(Told) as told:
        COMMANDS[name].work(Namespace(**given, threads=1), tell)
    assert FOREIGN_BYTES < told.value.args[0] < 100 * FOREIGN_BYTES
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
