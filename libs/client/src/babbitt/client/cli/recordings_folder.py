"""A folder of recordings on its way to the gateway."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from babbitt.client.api.uploads import sha256_of
from babbitt.client.cli.output import console
from babbitt.client.clients import Babbitt
from babbitt.client.errors import NotFound
from babbitt.contracts.mappings import ImportMapping, RecordingFile
from babbitt.recordings.errors import NoRuleMatches
from babbitt.recordings.mapping import rule_for


def matching_files(folder: Path, mapping: ImportMapping) -> tuple[Path, ...]:
    """The files of a folder that a rule is for, by name; folders below it are not looked at.

    Raises:
        NoRuleMatches: there is none.
    """
    found = tuple(file for file in sorted(folder.iterdir()) if file.is_file() and _has_rule(mapping, file.name))
    if not found:
        patterns = ", ".join(rule.pattern for rule in mapping.rules)
        raise NoRuleMatches(f"{folder}: no file matches a rule of the mapping; the patterns are {patterns}")
    return found


def send(babbitt: Babbitt, files: Sequence[Path]) -> tuple[RecordingFile, ...]:
    """Upload files, those that the gateway has already excepted, and show how far it is."""
    return tuple(_sent(babbitt, files))


def _sent(babbitt: Babbitt, files: Sequence[Path]) -> Iterator[RecordingFile]:
    sizes = [file.stat().st_size for file in files]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("uploading", total=sum(sizes))
        for number, file in enumerate(files):
            before = sum(sizes[:number])
            bar.update(task, description=file.name, completed=before)
            sha256 = sha256_of(file)
            try:
                babbitt.find_upload(sha256)
            except NotFound:
                babbitt.upload(file, sent=lambda done, before=before: bar.update(task, completed=before + done))
            yield RecordingFile(name=file.name, sha256=sha256)


def _has_rule(mapping: ImportMapping, name: str) -> bool:
    try:
        rule_for(mapping, name)
    except NoRuleMatches:
        return False
    return True
