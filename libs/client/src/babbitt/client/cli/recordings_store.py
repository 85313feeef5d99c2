"""Recordings in an object store, read with the credentials that its own tools find in the environment."""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from babbitt.recordings.errors import RecordingUnreadable

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import ObjectStore, from_url
except ImportError as error:
    raise RecordingUnreadable("object stores are read with the extra: pip install 'babbitt-client[stores]'") from error

PIECE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object. `name` is its key below the address that is imported, `key` the one that its store knows."""

    name: str
    size_bytes: int
    store: ObjectStore
    key: str

    @contextmanager
    def on_disk(self) -> Generator[Path]:
        """A copy, removed with the context."""
        with tempfile.NamedTemporaryFile(prefix="babbitt-import-") as copy:
            try:
                for piece in obstore.get(self.store, self.key).stream(min_chunk_size=PIECE_BYTES):
                    copy.write(piece)
            except BaseError as error:
                raise RecordingUnreadable(f"{self.name}: {error}") from error
            copy.flush()
            yield Path(copy.name)


def stored_files(address: str) -> Sequence[StoredFile]:
    """The objects below an address by name, or the one object that it is; hidden ones are left out.

    Raises:
        RecordingUnreadable: the store cannot be read, or there is nothing.
    """
    address = address.rstrip("/")
    try:
        store = from_url(address)
        listed = [one for some in obstore.list(store) for one in some]
        found = [StoredFile(one["path"], one["size"], store, one["path"]) for one in listed]
        if not found:
            folder, _, name = address.rpartition("/")
            store = from_url(folder)
            found = [StoredFile(name, obstore.head(store, name)["size"], store, name)]
    except (BaseError, FileNotFoundError, ValueError) as error:
        raise RecordingUnreadable(f"{address}: {error}") from error
    shown = [one for one in found if not any(part.startswith(".") for part in PurePosixPath(one.name).parts)]
    return sorted(shown, key=lambda file: PurePosixPath(file.name).parts)
