"""A file of any format that is imported."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from babbitt.contracts.mappings import TextFormat
from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import HEAD_BYTES, MAX_FILE_BYTES, format_of
from babbitt.recordings.readers.leaves import LeafReader
from babbitt.recordings.readers.matlab5 import matlab5_leaves
from babbitt.recordings.readers.numpy_arrays import npy_leaves
from babbitt.recordings.readers.reader import RecordingReader
from babbitt.recordings.readers.text import text_leaves


@contextmanager
def open_file(path: Path, name: str, text: TextFormat | None = None) -> Generator[RecordingReader]:
    """What a file holds; its kind is told by its content.

    Args:
        path: where it lies.
        name: what messages call it; its ending says nothing.
        text: how numbers stand in it, where it is text and that is known.

    Raises:
        FileNotFoundError: there is none.
        RecordingUnreadable: nothing that is imported, damaged, or out of bounds.
    """
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise RecordingUnreadable(f"{name}: {size} bytes; at most {MAX_FILE_BYTES} are read")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    match format_of(head, name, text):
        case "matlab5":
            yield LeafReader(name, "matlab5", matlab5_leaves(path, name))
        case "npy":
            yield LeafReader(name, "npy", npy_leaves(path, name))
        case "csv":
            yield LeafReader(name, "csv", text_leaves(path, name, text))
        case format_:
            raise RecordingUnreadable(f"{name}: {format_} is not read yet")
