"""Shards on a store: in a local folder, and on a real S3 server."""

import shutil
from uuid import uuid4

import h5py
import numpy as np
import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetReady
from babbitt.native.s3_server import BUCKET
from babbitt.recordings.digests import samples_blake3
from babbitt.recordings.shards import ShardReader
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed, ShardUnknown

ON_S3 = (pytest.mark.integration, pytest.mark.s3, pytest.mark.timeout(900))


@pytest.fixture(params=["folder", pytest.param("s3", marks=ON_S3)])
def url(request, tmp_path, monkeypatch):
    if request.param == "folder":
        return (tmp_path / "objects").as_uri()
    for name, value in request.getfixturevalue("s3").environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{uuid4().hex}"


async def test_a_simulated_shard_is_what_its_manifest_says(make, manifest_of, small, url, tmp_path):
    ready = await make(small())
    assert isinstance(ready, DatasetReady)
    manifest = await manifest_of(ready)
    readers = {}
    for index, reference in enumerate(manifest.shards):
        assert reference.key.startswith(f"signals/datasets/{manifest.dataset_id}/1/")
        path = await ObjectStore(url, "training").fetch(reference, tmp_path / f"{index}.h5")
        readers[index] = ShardReader(path)
    for entry in manifest.records:
        reader = readers[entry.shard]
        there = reader.records[entry.row]
        assert (there.record, there.label, there.samples) == (entry.record, entry.label, entry.samples)
        assert there.shaft_speed_hz == entry.shaft_speed_hz
        assert samples_blake3(reader.read(entry.row)) == entry.blake3
    for reader in readers.values():
        reader.close()


async def test_copies_channels_and_conditions_of_a_simulated_dataset_are_there(make, manifest_of, small, url, tmp_path):
    ready = await make(small(effects=("axial",), noise_copies_db=(20, 5)))
    assert isinstance(ready, DatasetReady)
    assert ready.counts["test_snr20"] == ready.counts["test_snr5"] == ready.counts["test"] == {"oilwhirl": 1, "sain": 1}
    manifest = await manifest_of(ready)
    assert [channel.name for channel in manifest.data_spec.channels] == ["vibration", "axial"]
    copies = {entry.record: entry for entry in manifest.records if "@" in entry.record}
    assert len(copies) == 4
    for name, copy in copies.items():
        (origin,) = (entry for entry in manifest.records if entry.record == name.partition("@")[0])
        assert (origin.split, origin.shard, origin.severity) == ("test", copy.shard, copy.severity)
    reference = manifest.shards[copy.shard]
    path = await ObjectStore(url, "training").fetch(reference, tmp_path / "shard.h5")
    with ShardReader(path) as reader, h5py.File(path) as file:
        assert reader.read(copy.row).shape == (2, 1536)
        conditions = np.asarray(file["conditions"])
        assert 30 <= conditions["load_percent"][copy.row] <= 100
        assert conditions[copy.row] == conditions[origin.row]


async def test_the_same_dataset_made_twice_has_the_same_shards(stored, small):
    once, again = [
        await stored.make(small(), small().dataset_id(), attempt, PlannedShard(1, 2, 2)) for attempt in (1, 2)
    ]
    assert once.reference.sha256 == again.reference.sha256
    assert once.records == again.records


@pytest.mark.parametrize("planned", [PlannedShard(0, 0, 5), PlannedShard(0, 1, 2), PlannedShard(99, 198, 2)])
async def test_a_shard_that_the_dataset_does_not_have_is_refused(stored, small, planned):
    with pytest.raises(ShardUnknown):
        await stored.make(small(), small().dataset_id(), 1, planned)


async def test_what_was_stored_of_an_attempt_is_discarded(stored, small, url):
    made = await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    await stored.discard(small().dataset_id(), 1)
    assert await ObjectStore(url, "signals").size_of(made.reference.key) is None
    await stored.discard(small().dataset_id(), 1)


async def test_a_shard_that_is_lost_fails_instead_of_waiting_for_ever(stored, small):
    made = await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    assert (await stored.read(made, [1]))[0].shape == (1, 1536)
    await stored.discard(small().dataset_id(), 1)
    with pytest.raises(MakingFailed, match="a shard is lost"):
        await stored.read(made, [1])


async def test_a_scratch_folder_that_is_missing_is_waited_for(stored, small, tmp_path):
    made = await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    shutil.rmtree(tmp_path / "scratch")
    with pytest.raises(Unavailable, match="scratch folder is away"):
        await stored.read(made, [1])
    with pytest.raises(Unavailable, match="scratch folder is away"):
        await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    (tmp_path / "scratch").mkdir()
