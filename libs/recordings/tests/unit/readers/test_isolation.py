"""What a file does to the process that reads it stays there."""

import contextlib
import io
import os
import resource
import select
import signal
import struct
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers import isolation
from babbitt.recordings.readers.deadline import Deadline


def hdf5(**more):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("x", data=np.arange(1000.0), **more)
    return stream.getvalue()


def test_a_process_that_takes_too_long_is_ended(opened):
    reader = opened(hdf5(), "a.h5")
    reader._process.send_signal(signal.SIGSTOP)  # as in the midst of a library
    reader._deadline = Deadline("a.h5", 0.2)
    with pytest.raises(RecordingUnreadable, match=r"a\.h5: reading it took over 0\.2 s"):
        reader.vector("x")
    assert reader._process.returncode == -signal.SIGKILL


def test_the_time_of_a_file_is_one_for_all_answers(opened, ends_after):
    reader = opened(hdf5(), "a.h5")
    reader.vector("x")
    reader._deadline = ends_after(0)
    with pytest.raises(RecordingUnreadable, match="reading it took over 60 s"):
        reader.vector("x")


def test_a_process_has_no_more_of_the_processor_than_its_file_has_time(opened):
    reader = opened(hdf5(), "a.h5", within_s=99.5)
    assert resource.prlimit(reader._process.pid, resource.RLIMIT_CPU) == (101, 101)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process learns of it when it next reads or writes")
def test_a_process_that_is_busy_ends_with_the_one_that_asked(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(hdf5())
    asking = (
        "import sys, pathlib; from babbitt.recordings.readers.opening import open_file\n"
        "with open_file(pathlib.Path(sys.argv[1]), 'a.h5') as reader:\n"
        "    print(reader._process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", asking, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        pid = int(parent.stdout.readline())
        reading = os.pidfd_open(pid)
        os.kill(pid, signal.SIGSTOP)  # sees nothing, as in the midst of a library
        parent.kill()
    try:
        assert select.select([reading], [], [], 30)[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(reading, signal.SIGKILL)
        os.close(reading)


def test_more_text_than_one_answer_may_hold_is_refused(opened):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["notes"] = ["x" * 1_100_000] * 64
    reader = opened(stream.getvalue(), "a.h5")
    with pytest.raises(RecordingUnreadable, match=r"a\.h5: over 67108864 bytes of text at once"):
        reader.texts("notes")
    assert len(reader.texts("notes", 60)) == 4


def test_a_process_that_is_brought_down_is_told_of_as_damage(opened):
    reader = opened(hdf5(), "a.h5")
    reader._process.send_signal(11)
    with pytest.raises(RecordingUnreadable, match=r"a\.h5: damaged: it ends the process that reads it \(SIGSEGV\)"):
        reader.vector("x")


def test_memory_is_refused_beyond_the_bound(opened, monkeypatch):
    monkeypatch.setattr(isolation, "MEMORY_BYTES", 500 * 1024 * 1024)
    unfolds = io.BytesIO()
    with h5py.File(unfolds, "w") as file:
        file.create_dataset("x", (60_000_000,), "f8", chunks=(1000,))
    with pytest.raises(RecordingUnreadable, match=r"a\.h5: takes more memory than a file may"):
        opened(unfolds.getvalue(), "a.h5").vector("x")


def test_nothing_of_this_process_is_told_to_the_other(monkeypatch, opened):
    monkeypatch.setenv("BABBITT_SECRET", "s3cret")
    reader = opened(hdf5(), "a.h5")
    told = Path(f"/proc/{reader._process.pid}/environ").read_bytes()
    assert b"s3cret" not in told
    assert b"HDF5_PLUGIN_PRELOAD=::" in told


def test_a_file_that_crashes_the_library_is_refused(opened):
    """A packed chunk of no bytes: HDF5 2.0 reads it from nowhere."""
    whole = hdf5(chunks=(100,), compression="gzip", shuffle=True, fletcher32=True)
    with h5py.File(io.BytesIO(whole)) as file:
        size = file["x"].id.get_chunk_info(0).size
    entry = struct.pack("<IIQ", size, 0, 0)
    assert whole.count(entry) == 1
    with pytest.raises(RecordingUnreadable, match=r"a\.h5: damaged: "):
        opened(whole.replace(entry, struct.pack("<IIQ", 0, 0, 0)), "a.h5").vector("x")


def test_damaged_files_are_refused_whatever_they_do(opened):
    whole = hdf5(chunks=(100,), compression="gzip")
    for content in (whole[: len(whole) // 2], whole[:8] + bytes(92) + whole[100:]):
        with pytest.raises(RecordingUnreadable, match=r"a\.h5: "):
            opened(content, "a.h5").vector("x")
