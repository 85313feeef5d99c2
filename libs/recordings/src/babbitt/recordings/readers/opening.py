"""A file of any format that is imported."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from babbitt.contracts.mappings import TextFormat
from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import HEAD_BYTES, MAX_FILE_BYTES, format_of
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.isolation import isolated
from babbitt.recordings.readers.leaves import LeafReader
from babbitt.recordings.readers.matlab5 import matlab5_leaves
from babbitt.recordings.readers.numpy_arrays import npy_leaves
from babbitt.recordings.readers.reader import RecordingReader
from babbitt.recordings.readers.text import text_leaves
from babbitt.recordings.readers.wav import wav_leaves

_READ_IN_PARTS = {"hdf5", "matlab73", "npy", "parquet", "wav"}
"""Nothing of them is read but what is asked for, so they may be of any size."""

READ_WITHIN_S = 200.0
"""What a file may take from when it is opened until it is closed, where the caller says nothing else."""


@contextmanager
def open_file(
    path: Path, name: str, text: TextFormat | None = None, *, within_s: float = READ_WITHIN_S
) -> Generator[RecordingReader]:
    """What a file holds; its kind is told by its content.

    Args:
        path: where it lies.
        name: what messages call it; its ending says nothing.
        text: how numbers stand in it, where it is text and that is known.
        within_s: what it may take until it is closed; a call after that, or during which that is over, raises.

    Raises:
        FileNotFoundError: there is none.
        RecordingUnreadable: nothing that is imported, damaged, out of bounds, or not read in time.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    format_, deadline = format_of(head, name), Deadline(name, within_s)
    if (size := path.stat().st_size) > MAX_FILE_BYTES and format_ not in _READ_IN_PARTS:
        raise RecordingUnreadable(f"{name}: {size} bytes; at most {MAX_FILE_BYTES} of {format_} are read")
    match format_:
        case "csv":
            yield LeafReader(name, "csv", text_leaves(path, name, text, deadline), deadline=deadline)
        case "matlab5":
            yield LeafReader(name, "matlab5", matlab5_leaves(path, name, deadline), deadline=deadline)
        case "npy":
            yield LeafReader(name, "npy", npy_leaves(path, name), deadline=deadline)
        case "wav":
            sampling_rate_hz, leaves = wav_leaves(path, name)
            yield LeafReader(name, "wav", leaves, sampling_rate_hz, deadline)
        case "hdf5" | "matlab73" | "npz" | "parquet":
            with isolated(path, name, format_, deadline) as reader:
                yield reader
