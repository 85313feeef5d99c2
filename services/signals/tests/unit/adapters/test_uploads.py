"""Uploads on this disk while shards are made of them."""

import errno

import pytest

from babbitt.chassis.errors import StorageRefused
from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.scratch import ScratchFolder
from babbitt.signals.adapters.uploads import UploadedFiles
from babbitt.signals.errors import MakingFailed


async def test_sizes_are_told_of_what_is_there(uploads, fetched):
    await uploads.add("a", b"four")
    await uploads.add("b", b"missing", stored=b"")
    assert await fetched.sizes(uploads.files) == {uploads.files[0].sha256: 4}


async def test_what_was_used_longest_ago_makes_room(uploads, url, tmp_path):
    for number in range(3):
        await uploads.add(f"{number}", bytes([number]) * 100)
    first, second, third = uploads.files
    with ScratchFolder(tmp_path) as scratch:
        files = UploadedFiles(ObjectStore(url, "signals"), scratch, kept_bytes=250)
        for file in (first, second, first, third):
            async with files.fetched(file) as path:
                assert path.read_bytes() == bytes([int(file.name)]) * 100
        kept = {path.name for path in path.parent.iterdir()}
        assert kept == {first.sha256, third.sha256}


async def test_a_file_larger_than_what_is_kept_is_there_while_it_is_in_use(uploads, url, tmp_path):
    await uploads.add("large", bytes(1_000))
    with ScratchFolder(tmp_path) as scratch:
        files = UploadedFiles(ObjectStore(url, "signals"), scratch, kept_bytes=10)
        async with files.fetched(uploads.files[0]) as path:
            assert path.stat().st_size == 1_000


async def test_a_damaged_upload_is_not_kept(uploads, fetched):
    await uploads.add("a", b"right", stored=b"wrong")
    for _ in range(2):
        with pytest.raises(MakingFailed, match=r"a: .* is not what its digest"):
            async with fetched.fetched(uploads.files[0]):
                pass


async def test_a_full_disk_is_rid_of_what_is_only_kept(uploads, fetched, monkeypatch):
    for number in range(2):
        await uploads.add(f"{number}", bytes([number]) * 100)
    first, second = uploads.files
    async with fetched.fetched(first) as kept:
        pass

    async def full(*_):
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(ObjectStore, "fetch", full)
    with pytest.raises(StorageRefused):
        async with fetched.fetched(second):
            pass
    assert not kept.exists()
