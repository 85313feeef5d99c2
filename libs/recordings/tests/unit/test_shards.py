import threading
import time

import h5py
import numpy as np
import pytest
from blake3 import blake3

from babbitt.recordings.digests import samples_blake3
from babbitt.recordings.errors import NotAShard, ShardError, ShardFormatUnknown, ShardTruncated
from babbitt.recordings.shards import ShardReader, ShardWriter


def waveforms(lengths=(7, 1, 5), channels=2):
    rng = np.random.default_rng(1)
    return [rng.standard_normal((channels, length)).astype(np.float32) for length in lengths]


def written(path, blocks, channels=2):
    with ShardWriter(path, sampling_rate_hz=12_000.0, channels=channels) as shard:
        return [shard.add(f"r-{row}", "outer_race", block, 29.95) for row, block in enumerate(blocks)]


def test_records_of_unequal_length_come_back_as_they_were_written(tmp_path):
    blocks = waveforms()
    written(tmp_path / "a.h5", blocks)
    with ShardReader(tmp_path / "a.h5") as shard:
        assert shard.sampling_rate_hz == 12_000.0
        assert [(entry.record, entry.label, entry.samples) for entry in shard.records] == [
            ("r-0", "outer_race", 7),
            ("r-1", "outer_race", 1),
            ("r-2", "outer_race", 5),
        ]
        assert shard.records[0].shaft_speed_hz == 29.95
        for there, block in zip(shard, blocks, strict=True):
            np.testing.assert_array_equal(there, block)
            assert there.dtype == np.float32


def test_an_unknown_shaft_speed_stays_unknown_and_labels_keep_their_letters(tmp_path):
    with ShardWriter(tmp_path / "a.h5", sampling_rate_hz=1.0) as shard:
        shard.add("récord", "usé", np.ones((1, 3)))
    with ShardReader(tmp_path / "a.h5") as shard:
        assert (shard.records[0].record, shard.records[0].label, shard.records[0].shaft_speed_hz) == (
            "récord",
            "usé",
            None,
        )


def test_the_digest_of_a_record_is_blake3_by_its_published_vector():
    published = "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"
    counted = bytes(number % 251 for number in range(1024))
    assert samples_blake3(np.frombuffer(counted, "<f4").reshape(1, -1)) == published


def test_the_digest_of_a_record_is_that_of_its_little_endian_float32_bytes(tmp_path):
    block = np.array([[1.5, -2.0], [0.0, 3.25]])
    (digest,) = written(tmp_path / "a.h5", [block])
    assert digest == blake3(block.astype("<f4").tobytes()).hexdigest()
    (of_the_transposed,) = written(tmp_path / "b.h5", [np.asfortranarray(block)])
    assert of_the_transposed == digest


def test_the_same_records_give_the_same_bytes_in_another_second_too(tmp_path):
    written(tmp_path / "a.h5", waveforms())
    before = int(time.time())
    while int(time.time()) == before:  # HDF5 keeps times in seconds, where it is let
        time.sleep(0.02)
    written(tmp_path / "b.h5", waveforms())
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_records_written_as_they_come_give_the_bytes_of_records_kept_until_the_end(tmp_path):
    blocks = waveforms()
    kept = written(tmp_path / "a.h5", blocks)
    reused = np.empty((2, 7), np.float32)
    with ShardWriter(tmp_path / "b.h5", sampling_rate_hz=12_000.0, channels=2, values=26) as shard:
        for row, block in enumerate(blocks):
            memory = reused[:, : block.shape[1]]
            memory[:] = block
            assert shard.add(f"r-{row}", "outer_race", memory, 29.95) == kept[row]
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("values", [25, 27])
def test_another_number_of_values_than_announced_leaves_nothing_behind(tmp_path, values):
    with (
        pytest.raises(ShardError, match="announced"),
        ShardWriter(tmp_path / "a.h5", sampling_rate_hz=1.0, channels=2, values=values) as shard,
    ):
        for block in waveforms():
            shard.add("r", "x", block)
    assert list(tmp_path.iterdir()) == []


def test_conditions_are_a_table_with_a_field_a_quantity(tmp_path):
    with ShardWriter(tmp_path / "a.h5", sampling_rate_hz=1.0) as shard:
        shard.add("r", "x", np.ones((1, 3)), None, {"load_percent": 80.0, "temperature_c": 55.0})
        shard.add("s", "x", np.ones((1, 3)))
    with h5py.File(tmp_path / "a.h5") as file:
        there = np.asarray(file["conditions"])
    assert there.dtype.names == ("load_percent", "temperature_c")
    assert there["load_percent"].tolist() == pytest.approx([80.0, np.nan], nan_ok=True)


def test_samples_lie_in_one_piece_so_that_any_hdf5_reader_can_map_them(tmp_path):
    blocks = waveforms()
    written(tmp_path / "a.h5", blocks)
    with h5py.File(tmp_path / "a.h5") as file:
        dataset = file["samples"]
        assert dataset.chunks is None
        assert dataset.compression is None
        start = dataset.id.get_offset()
    flat = np.memmap(tmp_path / "a.h5", dtype="<f4", mode="r", offset=start, shape=(26,))
    np.testing.assert_array_equal(flat[:14].reshape(2, 7), blocks[0])


def test_a_shard_that_was_not_finished_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"what was there")

    def interrupted():
        with ShardWriter(tmp_path / "a.h5", sampling_rate_hz=1.0) as shard:
            shard.add("r", "x", np.ones((1, 3)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
    assert (tmp_path / "a.h5").read_bytes() == b"what was there"


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    with pytest.raises(FileNotFoundError):
        written(tmp_path / "absent" / "a.h5", waveforms())
    (tmp_path / "a.h5").mkdir()
    with pytest.raises(OSError, match=r"a\.h5"):
        written(tmp_path / "a.h5", waveforms())
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


@pytest.mark.parametrize("samples", [np.ones(3), np.ones((2, 3)), np.ones((1, 0)), np.ones((1, 1, 3))])
def test_a_record_of_another_shape_is_refused(tmp_path, samples):
    with pytest.raises(ShardError, match=r"record r: shape .*\[1, samples\] is written"):
        ShardWriter(tmp_path / "a.h5", sampling_rate_hz=1.0).add("r", "x", samples)


def test_a_truncated_file_is_called_truncated(tmp_path):
    written(tmp_path / "a.h5", waveforms((5000,)))
    whole = (tmp_path / "a.h5").read_bytes()
    (tmp_path / "a.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ShardTruncated, match=r"a\.h5"):
        ShardReader(tmp_path / "a.h5")


def test_what_is_no_hdf5_file_or_another_one_is_no_shard(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"no HDF5")
    with pytest.raises(NotAShard, match="no HDF5 file"):
        ShardReader(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["samples"] = [1.0]
    with pytest.raises(NotAShard, match=r"babbitt\.shard"):
        ShardReader(tmp_path / "b.h5")
    with pytest.raises(FileNotFoundError):
        ShardReader(tmp_path / "absent.h5")


def test_a_newer_format_is_refused_with_the_formats_that_are_read(tmp_path):
    written(tmp_path / "a.h5", waveforms())
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file.attrs["format"] = 2
    with pytest.raises(ShardFormatUnknown, match="format 2; this version reads 1"):
        ShardReader(tmp_path / "a.h5")


@pytest.mark.parametrize("part", ["samples", "starts", "record", "label", "shaft_speed_hz"])
def test_a_shard_with_a_part_missing_is_damaged(tmp_path, part):
    written(tmp_path / "a.h5", waveforms())
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file[part]
    with pytest.raises(ShardError, match=f"damaged shard: no dataset '{part}'"):
        ShardReader(tmp_path / "a.h5")


def test_a_shard_whose_parts_do_not_fit_is_damaged(tmp_path):
    written(tmp_path / "a.h5", waveforms())
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file["samples"]
        file["samples"] = np.ones(25, dtype="<f4")
    with pytest.raises(ShardError, match="damaged shard: not the 26 values announced"):
        ShardReader(tmp_path / "a.h5")


def test_a_row_that_is_not_there_is_named(tmp_path):
    written(tmp_path / "a.h5", waveforms())
    with ShardReader(tmp_path / "a.h5") as shard:
        assert len(shard) == 3
        for row in (-1, 3):
            with pytest.raises(IndexError, match=f"row {row}; there are 3"):
                shard.read(row)


def test_threads_read_one_reader_at_once_each_by_its_own_handle(tmp_path):
    blocks = waveforms(range(1, 60))
    written(tmp_path / "a.h5", blocks)
    together = threading.Barrier(4)
    wrong = []
    with ShardReader(tmp_path / "a.h5") as shard:

        def read_all(start):
            together.wait()
            for row in range(len(shard)):
                at = (row + start) % len(shard)
                if not np.array_equal(shard.read(at), blocks[at]):
                    wrong.append(at)

        threads = [threading.Thread(target=read_all, args=(start,)) for start in (0, 17, 31, 44)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        handles = shard._opened.copy()
        assert len(handles) == 5
    assert not any(handles)


def test_a_closed_reader_says_so(tmp_path):
    written(tmp_path / "a.h5", waveforms())
    with ShardReader(tmp_path / "a.h5") as shard:
        pass
    with pytest.raises(ShardError, match="the reader is closed"):
        shard.read(0)
