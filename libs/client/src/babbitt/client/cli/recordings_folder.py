"""Recordings on this machine."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from babbitt.recordings.errors import RecordingUnreadable


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file here. `name` is its path below the folder that is imported."""

    name: str
    path: Path

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size

    @contextmanager
    def on_disk(self) -> Generator[Path]:
        """Where it lies."""
        yield self.path


def local_files(source: Path) -> Iterator[LocalFile]:
    """A file, or all files below a folder by name; hidden ones are left out.

    Links to folders are not followed, and links to files only where they stay below the folder; those are told of.

    Raises:
        RecordingUnreadable: there is no such file or folder.
    """
    if source.is_file():
        yield LocalFile(source.name, source)
        return
    if not source.is_dir():
        raise RecordingUnreadable(f"{source}: no such file or folder; s3://, gs:// and az:// are read too")
    root = source.resolve()
    for path in sorted(_below(source), key=lambda path: path.relative_to(source).parts):
        name = path.relative_to(source).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            typer.echo(f"babbitt: {name}: a link that leads out of {source}: left out", err=True)
        elif path.is_file():
            yield LocalFile(name, path)


def _below(source: Path) -> Iterator[Path]:
    for folder, folders, files in source.walk():
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (folder / name for name in files if not name.startswith("."))
