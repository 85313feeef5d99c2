"""One suite for the object store: on a local folder, and on a real S3 server."""

import asyncio
import errno
import hashlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from babbitt.chassis.errors import StorageRefused, Unavailable
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.native.s3_server import BUCKET

ON_S3 = (pytest.mark.integration, pytest.mark.s3, pytest.mark.timeout(900))


@pytest.fixture(params=["folder", pytest.param("s3", marks=ON_S3)])
def store_at(request, tmp_path, monkeypatch):
    """A store, and where its objects lie."""
    if request.param == "folder":
        place = tmp_path / "objects"
        return ObjectStore(place.as_uri(), "training"), place
    server = request.getfixturevalue("s3")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    prefix = uuid4().hex
    return ObjectStore(f"s3://{BUCKET}/{prefix}", "training"), server.buckets / BUCKET / prefix


@pytest.fixture
def store(store_at):
    return store_at[0]


@pytest.fixture
def folder_store(tmp_path):
    return ObjectStore((tmp_path / "objects").as_uri(), "training")


async def test_what_is_put_is_read_and_addressed_by_its_digest(store, tmp_path):
    reference = await store.put_addressed("artifacts", b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert (reference.key, reference.sha256, reference.size_bytes) == (f"training/artifacts/{digest}", digest, 7)
    assert await store.read(reference.key, reference.sha256) == b"weights"
    fetched = await store.fetch(reference, tmp_path / "cache" / "model.onnx")
    assert fetched.read_bytes() == b"weights"


async def test_what_is_there_is_written_anew_where_that_is_wanted(store):
    reference = await store.put_addressed("artifacts", b"weights")
    await store.put(reference.key, b"damaged")
    await store.put_addressed("artifacts", b"weights")
    assert await store.read(reference.key) == b"damaged"
    await store.put_addressed("artifacts", b"weights", anew=True)
    assert await store.read(reference.key) == b"weights"


async def test_a_file_is_streamed_in_and_out(store, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(bytes(range(256)) * 20_000)
    reference = await store.put("training/big", big)
    assert b"".join([piece async for piece in store.stream("training/big")]) == big.read_bytes()
    assert reference.size_bytes == big.stat().st_size


async def test_a_file_that_nobody_needs_afterwards_is_moved(folder_store, tmp_path):
    file = tmp_path / "shard"
    file.write_bytes(b"samples")
    inode = file.stat().st_ino
    reference = await folder_store.move_addressed("datasets/7/1", file)
    assert reference.key == f"training/datasets/7/1/{hashlib.sha256(b'samples').hexdigest()}"
    assert await folder_store.read(reference.key, reference.sha256) == b"samples"
    assert (tmp_path / "objects" / reference.key).stat().st_ino == inode
    assert not file.exists()


async def test_a_file_that_nobody_needs_afterwards_comes_to_any_store(store, tmp_path):
    file = tmp_path / "shard"
    file.write_bytes(b"samples")
    reference = await store.move_addressed("datasets/7/1", file)
    assert await store.read(reference.key, reference.sha256) == b"samples"


async def test_a_file_on_another_file_system_is_copied(store, tmp_path, monkeypatch):
    def other_file_system(self, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "replace", other_file_system)
    file = tmp_path / "shard"
    file.write_bytes(b"samples")
    reference = await store.move_addressed("datasets/7/1", file)
    assert await store.read(reference.key, reference.sha256) == b"samples"


async def test_a_corrupt_object_is_found_and_leaves_no_file(store, tmp_path):
    reference = (await store.put("training/x", b"weights")).model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ObjectCorrupt, match="training/x"):
        await store.read(reference.key, reference.sha256)
    with pytest.raises(ObjectCorrupt):
        await store.fetch(reference, tmp_path / "model.onnx")
    assert list(tmp_path.glob("*.onnx*")) == list(tmp_path.glob(".*.partial")) == []


async def test_a_missing_object_is_named(store, tmp_path):
    with pytest.raises(ObjectMissing, match="registry/none"):
        await store.read("registry/none")
    assert await store.size_of("registry/none") is None
    await store.delete("training/none")


async def test_a_key_that_is_no_path_names_no_object(store):
    key = "training/artifacts/../../registry/secret"
    assert await store.size_of(key) is None
    with pytest.raises(ObjectMissing, match="no object"):
        await store.read(key)


async def test_a_service_writes_and_deletes_under_its_own_prefix_alone(store):
    for attempt in (store.put("registry/x", b""), store.delete("registry/x")):
        with pytest.raises(ValueError, match="training"):
            await attempt


async def test_what_was_not_written_for_long_is_removed_and_the_rest_stays(store_at):
    store, place = store_at
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert await store.delete_older("training/claims", moment) == 0
    for key in ("training/claims/old", "training/claims/new", "training/other"):
        await store.put(key, b"x")
        at = moment.timestamp() + (1 if key.endswith("new") else -1)
        os.utime(place / key, (at, at))
    assert await store.delete_older("training/claims", moment) == 1
    left = [await store.size_of(f"training/{key}") for key in ("claims/old", "claims/new", "other")]
    assert left == [None, 1, 1]


async def test_one_file_may_be_fetched_twice_at_once(store, tmp_path):
    reference = await store.put("training/big", bytes(5_000_000))
    target = tmp_path / "cache" / "model.onnx"
    await asyncio.gather(*(store.fetch(reference, target) for _ in range(4)))
    assert target.stat().st_size == reference.size_bytes
    assert list(target.parent.iterdir()) == [target]


async def test_the_event_loop_is_not_kept_while_a_large_object_is_verified(folder_store, tmp_path):
    content = bytes(100_000_000)
    reference = await folder_store.put("training/big", content)
    started = time.thread_time()
    await folder_store.fetch(reference, tmp_path / "big")
    spent_s = time.thread_time() - started
    started = time.thread_time()
    hashlib.sha256(content)
    assert spent_s < time.thread_time() - started


@pytest.fixture
def on_s3(s3, monkeypatch):
    """A function: a store on the S3 server, with another environment as named."""

    def store(url=f"s3://{BUCKET}", **changed):
        for name, value in (s3.environment | changed).items():
            monkeypatch.setenv(name, value)
        return ObjectStore(url, "training")

    return store


@pytest.mark.integration
@pytest.mark.s3
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"url": "s3://nobody-made-it"}, "there is no such bucket"),
        ({"AWS_SECRET_ACCESS_KEY": "another"}, "permission denied"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "no such user"),
    ],
)
async def test_a_server_that_takes_nothing_says_why_without_delay(on_s3, changed, why):
    store = on_s3(**changed)
    with pytest.raises(StorageRefused, match=why):
        await store.put("training/x", b"x")
    if "bucket" in why:
        with pytest.raises(StorageRefused, match=why):
            await store.read("training/x")


@pytest.mark.integration
@pytest.mark.s3
@pytest.mark.timeout(900)
async def test_a_server_that_is_away_is_waited_for_and_not_for_minutes_within_one_call(on_s3):
    store = on_s3(AWS_ENDPOINT_URL="http://127.0.0.1:1")
    with pytest.raises(Unavailable, match=r"object store is away.* after 3 retries") as told:
        await store.put("training/x", b"x")
    assert not isinstance(told.value, StorageRefused)
