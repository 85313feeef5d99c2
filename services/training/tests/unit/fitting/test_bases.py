"""Versions that a job goes on from or asks, and what is known of what they learnt from."""

import pytest

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.learnt import LearntRecords
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.laid_out import LIST, LaidOut

RECORDS = "train-records.json"


@pytest.fixture
def bases(dataset, tmp_path):
    """Lays out versions; each has a name of a file of what it learnt from, or none."""
    data = dataset[1].data_spec

    def lay(*files: str | None) -> Bases:
        laid = [
            LaidOut(
                role="base",
                version=version,
                file="model.onnx",
                sha256="0" * 64,
                data_spec=data,
                model_spec=ModelSpec(
                    family="spectral_small", window_samples=2048, hop_samples=2048, class_names=data.class_names
                ),
                train_records=file,
            )
            for version, file in enumerate(files, start=1)
        ]
        (tmp_path / "bases.json").write_bytes(LIST.dump_json(tuple(laid)))
        return Bases(tmp_path)

    return lay


@pytest.fixture
def learnt_from(tmp_path):
    def write(*digests: str) -> None:
        (tmp_path / RECORDS).write_text(LearntRecords(blake3=digests).model_dump_json())

    return write


def test_of_several_versions_it_is_known_what_they_learnt_from_only_if_it_is_of_each(bases, learnt_from):
    learnt_from("0" * 64)
    assert bases(RECORDS, RECORDS).train_records() == {"0" * 64}
    assert bases(RECORDS, None).train_records() is None
    assert bases().train_records() == set()


@pytest.mark.parametrize("file", [RECORDS, None])
def test_folds_are_refused_where_the_base_may_have_learnt_from_what_they_hold_out(
    bases, learnt_from, dataset, tmp_path, file
):
    folder, manifest = dataset
    learnt_from(manifest.split("validation")[0].blake3)
    request = TrainRequested(model="pump", dataset=manifest.dataset_id, base_version=1, folds=2)
    with pytest.raises(BadRequest, match="folds: what base_version learnt from no fold can hold out"):
        Fit(load_presets(), request, DatasetFolder(folder), tmp_path, print, bases(file))


def test_a_base_that_learnt_from_other_records_may_be_gone_on_from_in_folds(bases, learnt_from, dataset, tmp_path):
    folder, manifest = dataset
    learnt_from("0" * 64)
    request = TrainRequested(model="pump", dataset=manifest.dataset_id, base_version=1, folds=2)
    Fit(load_presets(), request, DatasetFolder(folder), tmp_path, print, bases(RECORDS))
