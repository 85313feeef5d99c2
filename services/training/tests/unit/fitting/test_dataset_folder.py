import pytest

from babbitt.contracts.manifests import DatasetManifest
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import DatasetUnusable


def rewritten(folder, manifest: DatasetManifest, **changes) -> DatasetFolder:
    (folder / "manifest.json").write_text(manifest.model_copy(update=changes).model_dump_json())
    return DatasetFolder(folder)


def test_a_split_is_read_in_the_manifests_order_with_what_is_said_of_its_records(dataset):
    folder, manifest = dataset
    records = DatasetFolder(folder).records("validation")
    assert records.names == tuple(entry.record for entry in manifest.split("validation"))
    assert [entry.label for entry in records.entries] == [entry.label for entry in manifest.split("validation")]
    assert all(waveform.shape == (1, 2048) for waveform in records.waveforms)


def test_a_folder_without_manifest_is_unusable(tmp_path):
    with pytest.raises(DatasetUnusable, match=r"there is no manifest\.json"):
        DatasetFolder(tmp_path)


def test_a_manifest_that_makes_no_sense_is_unusable_and_says_where(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    with pytest.raises(DatasetUnusable, match="format: "):
        DatasetFolder(tmp_path)


def test_a_missing_shard_is_unusable(tmp_path, make_dataset):
    make_dataset(tmp_path)
    (tmp_path / "shard-00001.h5").unlink()
    with pytest.raises(DatasetUnusable, match=r"shard-00001\.h5: shard is missing"):
        DatasetFolder(tmp_path).verify()


def test_an_altered_shard_is_unusable(tmp_path, make_dataset):
    make_dataset(tmp_path)
    content = bytearray((tmp_path / "shard-00000.h5").read_bytes())
    content[-1] ^= 1
    (tmp_path / "shard-00000.h5").write_bytes(content)
    with pytest.raises(DatasetUnusable, match="SHA-256 is"):
        DatasetFolder(tmp_path).verify()


def test_an_empty_split_is_unusable(tmp_path, make_dataset):
    manifest = make_dataset(tmp_path)
    only_training = tuple(entry.model_copy(update={"split": "train"}) for entry in manifest.records)
    with pytest.raises(DatasetUnusable, match="the test split is empty"):
        rewritten(tmp_path, manifest, records=only_training).records("test")


def test_a_label_that_the_specification_does_not_name_is_unusable(tmp_path, make_dataset):
    manifest = make_dataset(tmp_path)
    other = tuple(entry.model_copy(update={"label": "usure"}) for entry in manifest.records)
    with pytest.raises(DatasetUnusable, match="labels usure"):
        rewritten(tmp_path, manifest, records=other).records("train")


def test_a_row_that_is_not_there_is_unusable(tmp_path, make_dataset):
    manifest = make_dataset(tmp_path)
    far = tuple(entry.model_copy(update={"row": 99}) for entry in manifest.records)
    with pytest.raises(DatasetUnusable, match="row 99"):
        rewritten(tmp_path, manifest, records=far).records("train")
