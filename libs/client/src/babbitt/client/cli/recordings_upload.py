"""Recordings on their way to the gateway."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from babbitt.client.api.uploads import sha256_of
from babbitt.client.cli.output import console
from babbitt.client.cli.recordings_source import SourceFile
from babbitt.client.clients import Babbitt
from babbitt.client.errors import NotFound
from babbitt.contracts.mappings import ImportMapping, RecordingFile
from babbitt.recordings.formats import HEAD_BYTES, format_of
from babbitt.recordings.readers.text_layout import layout_of
from babbitt.recordings.rules import named


def send(
    babbitt: Babbitt, files: Sequence[SourceFile], mapping: ImportMapping, *, again: bool
) -> tuple[RecordingFile, ...]:
    """Upload files and show how far it is.

    Args:
        babbitt: where to.
        files: the files.
        mapping: what they are.
        again: whether those are sent that the gateway has already, too.

    Raises:
        RecordingUnreadable: by its first bytes a file is of no format that is imported; it is not sent.
    """
    return tuple(_sent(babbitt, files, mapping, again=again))


def _sent(
    babbitt: Babbitt, files: Sequence[SourceFile], mapping: ImportMapping, *, again: bool
) -> Iterator[RecordingFile]:
    sizes = [file.size_bytes for file in files]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("uploading", total=sum(sizes))
        before = 0
        for file, size in zip(files, sizes, strict=True):
            bar.update(task, description=file.name, completed=before)
            with file.on_disk() as path:
                _check(path, file.name, mapping)
                sha256 = sha256_of(path)
                if again or not _is_there(babbitt, sha256):
                    babbitt.upload(path, sent=lambda done, before=before: bar.update(task, completed=before + done))
            before += size
            yield RecordingFile(name=file.name, sha256=sha256)


def _is_there(babbitt: Babbitt, sha256: str) -> bool:
    try:
        babbitt.find_upload(sha256)
    except NotFound:
        return False
    return True


def _check(path: Path, name: str, mapping: ImportMapping) -> None:
    with path.open("rb") as content:
        head = content.read(HEAD_BYTES)
    if format_of(head, name) == "csv":
        layout_of(head, name, named(mapping, name).rule.text, whole=len(head) < HEAD_BYTES)
