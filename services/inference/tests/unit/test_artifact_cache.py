import os

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectStore
from babbitt.inference.adapters.artifact_cache import ArtifactCache
from babbitt.inference.errors import ModelUnusable


@pytest.fixture
def registry(tmp_path):
    return ObjectStore((tmp_path / "objects").as_uri(), "registry")


@pytest.fixture
def cache(tmp_path):
    return ArtifactCache(ObjectStore((tmp_path / "objects").as_uri(), "inference"), tmp_path / "cache", kept=2)


async def test_an_artifact_is_fetched_once_and_kept(registry, cache):
    reference = await registry.put_addressed("artifacts", b"onnx")
    assert await cache.read(reference) == b"onnx"
    await registry.delete(reference.key)
    assert await cache.read(reference) == b"onnx"


async def test_a_kept_file_that_was_damaged_is_fetched_again(registry, cache, tmp_path):
    reference = await registry.put_addressed("artifacts", b"onnx")
    await cache.read(reference)
    (tmp_path / "cache" / reference.sha256).write_bytes(b"damaged")
    assert await cache.read(reference) == b"onnx"


async def test_what_is_not_what_its_digest_says_is_unusable_and_not_kept(registry, cache, tmp_path):
    reference = await registry.put_addressed("artifacts", b"onnx")
    await registry.put(reference.key, b"other")
    with pytest.raises(ModelUnusable, match="digest"):
        await cache.read(reference)
    assert not list((tmp_path / "cache").iterdir())


async def test_what_is_not_there_is_unusable(registry, cache):
    reference = await registry.put_addressed("artifacts", b"onnx")
    await registry.delete(reference.key)
    with pytest.raises(ModelUnusable, match="no object"):
        await cache.read(reference)


async def test_those_not_read_for_longest_make_room(registry, cache, tmp_path):
    references = [await registry.put_addressed("artifacts", content) for content in (b"1", b"2", b"3")]
    for age, reference in enumerate(references[:2]):
        await cache.read(reference)
        os.utime(tmp_path / "cache" / reference.sha256, (100 - age, 100 - age))
    await cache.read(references[2])
    kept = {path.name for path in (tmp_path / "cache").iterdir()}
    assert kept == {references[0].sha256, references[2].sha256}


async def test_a_folder_that_cannot_be_written_is_a_reason_to_wait(registry, tmp_path):
    reference = await registry.put_addressed("artifacts", b"onnx")
    (tmp_path / "file").write_bytes(b"")
    cache = ArtifactCache(registry, tmp_path / "file" / "cache", kept=2)
    with pytest.raises(Unavailable, match="cache folder"):
        await cache.read(reference)
