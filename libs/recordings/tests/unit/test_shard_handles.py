"""Handles of shards: none is left open, whatever went wrong, and threads do not disturb one another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from babbitt.native.full_disk import full_disk
from babbitt.recordings.digests import samples_blake3
from babbitt.recordings.errors import RecordingError, ShardError
from babbitt.recordings.shards import ShardReader, ShardWriter

RECORDS, SAMPLES, THREADS = 6, 500, 8


def write(path):
    """The digests of its records."""
    chance = np.random.default_rng(3)
    with ShardWriter(path, sampling_rate_hz=1_000) as shard:
        return [shard.add(f"r{row}", "a", chance.standard_normal((1, SAMPLES))) for row in range(RECORDS)]


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "shard.h5"
    return path, write(path)


def handles():
    """Open descriptors of this process, and what HDF5 has open of files (types of its own stay)."""
    kinds = h5py.h5f.OBJ_FILE | h5py.h5f.OBJ_DATASET | h5py.h5f.OBJ_GROUP | h5py.h5f.OBJ_ATTR
    return len(list(Path("/proc/self/fd").iterdir())), h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, kinds)


def test_many_opens_leave_no_handle(shard):
    path, _ = shard
    before = handles()
    for _ in range(200):
        with ShardReader(path) as reader:
            reader.read(0)
    assert handles() == before


def test_what_cannot_be_read_leaves_no_handle(shard, tmp_path):
    path, _ = shard
    content = path.read_bytes()
    damaged = tmp_path / "damaged.h5"
    before = handles()
    for size in range(0, len(content), len(content) // 40):
        damaged.write_bytes(content[:size])
        with pytest.raises(RecordingError):
            ShardReader(damaged)
    with h5py.File(damaged, "w") as file:
        file["samples"] = [1.0]
    with pytest.raises(RecordingError):
        ShardReader(damaged)
    with ShardReader(path) as reader, pytest.raises(IndexError):
        reader.read(RECORDS)
    assert handles() == before


@pytest.mark.parametrize("size_bytes", [0, 1_000, 4_000, 9_000, 12_000])
def test_a_disk_that_fills_up_is_told_leaves_neither_file_nor_handle_and_the_next_shard_is_whole(tmp_path, size_bytes):
    before = handles()
    for _ in range(10):
        with full_disk(size_bytes), pytest.raises(OSError, match="File too large"):
            write(tmp_path / "shard.h5")
    assert list(tmp_path.iterdir()) == []
    assert handles() == before
    digests = write(tmp_path / "shard.h5")
    with ShardReader(tmp_path / "shard.h5") as reader:
        assert [samples_blake3(samples) for samples in reader] == digests


def test_threads_read_one_shard_while_others_open_and_close_their_own(shard):
    path, digests = shard
    before = handles()
    begin = threading.Barrier(THREADS)

    def read(reader):
        begin.wait()
        for turn in range(40):
            row = turn % RECORDS
            assert samples_blake3(reader.read(row)) == digests[row]

    def open_and_close():
        begin.wait()
        for turn in range(40):
            with ShardReader(path) as own:
                assert samples_blake3(own.read(turn % RECORDS)) == digests[turn % RECORDS]

    with ShardReader(path) as shared, ThreadPoolExecutor(THREADS) as pool:
        half = THREADS // 2
        work = [*(pool.submit(read, shared) for _ in range(half)), *(pool.submit(open_and_close) for _ in range(half))]
        for one in work:
            one.result()
    assert handles() == before


def test_a_reader_closed_while_threads_read_it_ends_them_with_an_error_and_leaves_no_handle(shard):
    path, digests = shard
    before = handles()
    reader = ShardReader(path)
    reading = threading.Barrier(THREADS + 1)

    def read():
        reader.read(0)
        reading.wait()
        while True:
            try:
                samples = reader.read(1)
            except ShardError:
                return
            assert samples_blake3(samples) == digests[1]

    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(read) for _ in range(THREADS)]
        reading.wait()
        reader.close()
        for one in work:
            one.result()
    assert handles() == before
