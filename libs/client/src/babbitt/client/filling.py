"""A folder that is filled with files by their digests: resumed file by file, and never half of it taken for all.

What is on its way is called `NAME.part` and is kept only if it is what it must be. The last of the files is what makes
the folder whole: it is brought last, and taken away first where another one is missing.
"""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from babbitt.client.api.dataset_files import StoredFile, dataset_file
from babbitt.client.calls import Call
from babbitt.client.downloads import DownloadFailed

PIECE_BYTES = 1_048_576

type Arrived = Callable[[int, int], None]
"""Told how many bytes are there, of how many."""
type Take = Callable[[bytes], object]


def untold(done: int, total: int) -> None:
    """Where nobody asks how far it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, and the call that it comes by."""

    file: StoredFile
    call: Call[None]


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a folder: how many files it holds, of how many bytes, and how many were brought now."""

    folder: Path
    files: int
    size_bytes: int
    brought: int


class Filling:
    """A folder on its way to be whole.

    Args:
        folder: is made if there is none.
        wanted: all its files, the one that makes it whole last.
        arrived: is told of every piece.
    """

    def __init__(self, folder: Path, wanted: Sequence[Wanted], arrived: Arrived) -> None:
        self._folder, self._wanted, self._arrived = folder, wanted, arrived
        self._total = sum(one.file.size_bytes for one in wanted)
        self._done = 0

    def missing(self) -> list[Wanted]:
        """What is not there as it must be; reads all that is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        missing = [one for one in self._wanted if not self._is_there(one.file)]
        if missing and (last := self._wanted[-1]) not in missing:
            (self._folder / last.file.name).unlink()
            missing.append(last)
        self._done = self._total - sum(one.file.size_bytes for one in missing)
        return missing

    @contextmanager
    def arriving(self, file: StoredFile) -> Generator[Take]:
        """Takes the pieces of one file; it is there once the context has closed.

        Raises:
            DownloadFailed: what came is another file; it is not kept.
        """
        part = self._folder / f"{file.name}.part"
        digest, come = hashlib.sha256(), 0

        def take(piece: bytes) -> None:
            nonlocal come
            come += len(piece)
            if come > file.size_bytes:
                raise DownloadFailed(f"{file.name}: longer than the {file.size_bytes} bytes that it has: not kept")
            digest.update(piece)
            opened.write(piece)
            self._arrived(self._done + come, self._total)

        try:
            with part.open("wb") as opened:
                yield take
            if (found := digest.hexdigest()) != file.sha256:
                raise DownloadFailed(f"{file.name}: what came has the SHA-256 {found}, not {file.sha256}: not kept")
            part.replace(self._folder / file.name)
        finally:
            part.unlink(missing_ok=True)
        self._done += file.size_bytes

    def filled(self, brought: int) -> Filled:
        """What it is now."""
        return Filled(self._folder, len(self._wanted), self._total, brought)

    def _is_there(self, file: StoredFile) -> bool:
        path = self._folder / file.name
        return path.is_file() and path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256


def in_dataset(dataset_id: str, file: StoredFile) -> Wanted:
    """A file of a dataset."""
    return Wanted(file, dataset_file(dataset_id, file.name))


def as_folder(files: Sequence[Wanted], folder: Path, whole: str) -> list[Wanted]:
    """A listed folder's files, the one that makes it whole last.

    Raises:
        DownloadFailed: there is no such one, or the folder holds another: files of two would lie side by side.
    """
    ordered = sorted(files, key=lambda one: one.file.name == whole)
    if not ordered or ordered[-1].file.name != whole:
        raise DownloadFailed(f"{whole} is not among the files: the service has given another folder")
    there = folder / whole
    if there.is_file() and sha256_of(there) != ordered[-1].file.sha256:
        raise DownloadFailed(f"{folder} holds another dataset: give another folder, or empty it")
    return ordered


def sha256_of(path: Path) -> str:
    """Of a file, without holding it."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
