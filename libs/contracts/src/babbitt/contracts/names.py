"""Names, ids and digests: the string types that every contract shares."""

import re
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints
from uuid_utils.compat import uuid7

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
ALIAS_PATTERN = r"^[a-z][a-z0-9-]{0,62}$"
VERSION_PATTERN = r"[1-9][0-9]{0,8}"
TEXT_PATTERN = r"^[^\x00-\x1f\x7f]*$"
_DIGEST_PATTERN = r"^[0-9a-f]{64}$"


def _saying_something(reason: str) -> str:
    if not any(character.isalnum() for character in reason):
        raise ValueError("a reason with a letter or a digit is accepted")
    return reason


type Text = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=TEXT_PATTERN)]
"""A line that people wrote: no control characters, of which PostgreSQL does not take NUL."""
type Reason = Annotated[Text, AfterValidator(_saying_something), Field(description="With a letter or a digit.")]
"""Why somebody wants what has consequences. No pattern: to JSON Schema's `\\w` letters are those of ASCII alone."""
type Label = Annotated[str, StringConstraints(max_length=200, pattern=TEXT_PATTERN)]
"""A short line that may be empty: who asks, what something is called."""

type ModelName = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
type MachineName = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
type ClassName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
type FigureName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A figure of a report: part of a path, and of a file's name."""
type AliasName = Annotated[str, StringConstraints(pattern=ALIAS_PATTERN)]
type Reference = Annotated[str, StringConstraints(pattern=rf"^([a-z][a-z0-9-]{{0,62}}|{VERSION_PATTERN})$")]
"""An alias (`champion`) or a version number as text (`7`)."""
type VersionNumber = Annotated[int, Field(ge=1, le=999_999_999)]
type Sha256 = Annotated[str, StringConstraints(pattern=_DIGEST_PATTERN)]
type Blake3 = Annotated[str, StringConstraints(pattern=_DIGEST_PATTERN)]
type ObjectKey = Annotated[str, StringConstraints(pattern=r"^[a-z]+(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$", max_length=512)]
"""A key in the object store, never a URL; its first part is the owning service's prefix."""
type UtcDatetime = AwareDatetime

CHAMPION = "champion"

UPLOADS = "gateway/uploads"
"""Folder of the object store where uploaded recordings lie, by their SHA-256."""
CLAIMS = "gateway/claims"
SENSOR_CLAIMS = "sensors/claims"
"""Folders of samples that were too large for a message."""

_ID_NAMESPACE = UUID("6f1d5a52-8f0e-5f4e-9d0e-0a3c1d7c5b11")


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by its time of making."""
    return uuid7()


def derived_id(*parts: object) -> UUID:
    """A UUIDv5 of `parts`: the same parts give the same id everywhere."""
    return uuid5(_ID_NAMESPACE, "\x1f".join(str(part) for part in parts))


def version_of(reference: str) -> int | None:
    """The version number that a reference is; None: it is an alias, or no reference at all."""
    return int(reference) if re.fullmatch(VERSION_PATTERN, reference) else None
