"""Where the recordings of an import lie: a file, a folder, an object store."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import TypeAdapter, ValidationError

from babbitt.client.cli.recordings_folder import local_files
from babbitt.contracts.mappings import MAX_FILES, ImportMapping, RecordingName, too_many_comparisons
from babbitt.recordings.errors import NoRuleMatches, RecordingUnreadable, RuleInvalid
from babbitt.recordings.rules import named, patterns_of

_NAME = TypeAdapter[str](RecordingName)
STORES = ("s3", "gs", "az")


class SourceFile(Protocol):
    """A file at a source.

    Attributes:
        name: its path there, with `/` between its parts.
        size_bytes: how large it is.
    """

    @property
    def name(self) -> str: ...

    @property
    def size_bytes(self) -> int: ...

    def on_disk(self) -> AbstractContextManager[Path]:
        """Where it lies on this machine, for as long as the context lasts."""
        ...


def files_at(source: str) -> Iterator[SourceFile]:
    """The files of a source, by name. Hidden ones are left out, and links that lead out of a folder.

    Args:
        source: a file, a folder, or an address: file://, s3://, gs:// or az://.

    Raises:
        RecordingUnreadable: there is no such thing, or the store says no.
    """
    address = urlsplit(source)
    if address.scheme in STORES:
        from babbitt.client.cli.recordings_store import stored_files  # noqa: PLC0415 - an extra that few install

        return iter(stored_files(source))
    return local_files(Path(url2pathname(address.path)) if address.scheme == "file" else Path(source))


def sorted_out(source: str, mapping: ImportMapping) -> tuple[Sequence[SourceFile], Sequence[str]]:
    """The files that a rule is for, and the names of those that none is for.

    Raises:
        NoRuleMatches: there is no file at all that a rule is for.
        RecordingUnreadable: a file that a rule is for has a name that no recording may have, or there are too many.
    """
    matching: list[SourceFile] = []
    others: list[str] = []
    for file in files_at(source):
        if not _has_rule(mapping, file.name):
            others.append(file.name)
            continue
        try:
            _NAME.validate_python(file.name)
            file.name.encode()
        except (ValidationError, UnicodeEncodeError) as error:
            accepted = "parts without control characters and backslashes, in UTF-8, at most 500 characters"
            raise RecordingUnreadable(f"{file.name!r} is no name of a recording: {accepted} are accepted") from error
        matching.append(file)
    if not matching:
        patterns = patterns_of(mapping)
        raise NoRuleMatches(f"{source}: no file matches a rule of the mapping; the patterns are {patterns}")
    if len(matching) > MAX_FILES:
        raise RecordingUnreadable(f"{source}: {len(matching)} files match a rule; at most {MAX_FILES} make a dataset")
    if too_many := too_many_comparisons([file.name for file in matching], mapping):
        raise RecordingUnreadable(f"{source}: {too_many}")
    return matching, others


def _has_rule(mapping: ImportMapping, name: str) -> bool:
    try:
        named(mapping, name)
    except NoRuleMatches:
        return False
    except RuleInvalid:
        return True  # told where the file is looked at
    return True
