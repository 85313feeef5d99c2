"""Records out of a dataset's objects in a local folder."""

import json
import time
import tracemalloc

import numpy as np
import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.scratch import MARKER, ScratchFolder
from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.gateway.datasets.record_schemas import Record, RecordSamples, as_json
from babbitt.gateway.datasets.records import KEPT, DatasetRecords
from babbitt.gateway.errors import Conflict, Gone
from babbitt.recordings.shards import ShardWriter

SPEC = DataSpec(
    channels=(Channel(name="de"), Channel(name="fe")),
    sampling_rate_hz=1_000,
    record_samples=2_000,
    class_names=("worn",),
)


def entry(number, samples=3):
    return {
        "record": f"a/b #{number}", "label": "worn", "split": "test_snr20", "group": "m", "shard": 0, "row": number,
        "samples": samples, "shaft_speed_hz": 29.95, "recording": None, "severity": "mild", "bearing": None,
        "blake3": "b" * 64, "of_a_later_version": 1,
    }  # fmt: skip


@pytest.fixture
async def signals(tmp_path):
    return ObjectStore((tmp_path / "objects").as_uri(), "signals")


@pytest.fixture
def records(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    with ScratchFolder(folder) as scratch:
        yield DatasetRecords(ObjectStore((tmp_path / "objects").as_uri(), "gateway"), scratch)
        left = [path.name for path in scratch.made().iterdir()]
        assert [name for name in left if name != MARKER and not name.startswith(KEPT)] == []
        assert len(left) <= 2, "more than the last manifest is kept"
    assert list(folder.iterdir()) == []


async def manifest_of(signals, count, **more):
    content = {"format": 2, "shards": [], "records": [entry(number) for number in range(count)], **more}
    return await signals.put("signals/datasets/x/1/manifest.json", json.dumps(content).encode())


async def test_records_come_in_the_manifests_order_as_many_as_are_asked_for(signals, records):
    manifest = await manifest_of(signals, 5)
    assert [found.row for found in await records.some(manifest, 0, 2)] == [0, 1]
    assert [found.row for found in await records.some(manifest, 3, 9)] == [3, 4]
    assert await records.some(manifest, 9, 9) == []


async def test_a_record_comes_with_its_samples_as_bytes_or_as_json(signals, records, tmp_path):
    waveform = np.random.default_rng(1).standard_normal((2, 20_000)).astype(np.float32)
    with ShardWriter(tmp_path / "shard", sampling_rate_hz=1_000, channels=2) as shard:
        shard.add("x", "worn", np.zeros((2, 4)))
        shard.add("a/b #1", "worn", waveform)
    stored = await signals.put_addressed("datasets/x/1", tmp_path / "shard")
    manifest = await manifest_of(signals, 2, shards=[stored.model_dump()])
    found, samples = await records.one(manifest, "a/b #1")
    assert samples.tobytes() == waveform.tobytes()
    told = Record.of(found, SPEC)
    read = RecordSamples.model_validate_json("".join(as_json(told, samples)))
    assert np.array_equal(np.array(read.waveform, np.float32), waveform)
    assert (read.record, read.place, read.channels) == ("a/b #1", "test_snr20", ("de", "fe"))
    assert told.headers()["Babbitt-Record"] == "a%2Fb%20%231"
    assert "Babbitt-Recording" not in told.headers()
    assert await records.one(manifest, "a/b #9") is None


async def test_objects_that_are_gone_or_damaged_are_said_to_be(signals, records):
    manifest = await manifest_of(signals, 1)
    with pytest.raises(Gone, match="is not what its digest"):
        await records.some(manifest.model_copy(update={"sha256": "0" * 64}), 0, 1)
    await signals.delete(manifest.key)
    with pytest.raises(Gone, match="ask for the dataset anew"):
        await records.some(manifest, 0, 1)


async def test_the_last_manifest_is_fetched_once_for_all_its_pages(signals, records):
    manifest = await manifest_of(signals, 5)
    assert len(await records.some(manifest, 0, 2)) == 2
    await signals.delete(manifest.key)
    assert [found.row for found in await records.some(manifest, 2, 2)] == [2, 3]
    assert len(await records.some(await manifest_of(signals, 6), 0, 9)) == 6
    with pytest.raises(Gone):
        await records.some(manifest, 0, 1)


async def test_a_manifest_is_read_no_further_than_its_shards_for_a_list_of_them(signals, records):
    shard = {"key": "signals/datasets/x/1/a", "sha256": "a" * 64, "size_bytes": 3}
    half = json.dumps({"format": 2, "shards": [shard], "records": ["x" * 300_000]}).encode()[:-99]
    manifest = await signals.put("signals/datasets/x/1/manifest.json", half)
    assert [found.key for found in await records.shards(manifest, 0, 9)] == [shard["key"]]
    assert await records.shards(manifest, 1, 9) == []
    assert await records.shard(manifest, "b") is None


async def test_a_manifest_of_another_version_is_refused_with_what_to_do(signals, records):
    older = {name: value for name, value in entry(0).items() if name != "blake3"} | {"sha256": "b" * 64}
    manifest = await manifest_of(signals, 0, format=1, records=[older])
    for asked in (lambda: records.some(manifest, 0, 1), lambda: records.one(manifest, older["record"])):
        with pytest.raises(Conflict, match=r"another version of Babbitt, .*: delete it and ask for it anew"):
            await asked()


async def test_a_large_manifest_takes_neither_memory_nor_the_event_loop(signals, records):
    manifest = await manifest_of(signals, 8_000)
    started = time.thread_time(), time.process_time()
    assert len(await records.some(manifest, 7_990, 50)) == 10
    loop_s, all_s = time.thread_time() - started[0], time.process_time() - started[1]
    assert loop_s < all_s / 2
    tracemalloc.start()
    try:
        await records.some(manifest, 7_990, 50)
        assert tracemalloc.get_traced_memory()[1] < manifest.size_bytes / 2
    finally:
        tracemalloc.stop()
