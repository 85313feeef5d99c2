"""What a caller knows of what it wants to change (RFC 9110): `If-Match` with an ETag, `If-None-Match: *`."""

import re
from typing import Annotated

from fastapi import Depends, Header

from babbitt.contracts.names import VERSION_PATTERN
from babbitt.gateway.errors import InvalidInput

_TAG = re.compile(rf'"({VERSION_PATTERN})"')


def tag_of(number: int) -> str:
    """The ETag of an alias, by the version that it points at, or of rules, by their revision."""
    return f'"{number}"'


def read_expected(if_match: str | None, if_none_match: str | None) -> int | None:
    """What the caller thinks an alias points at, or which rules hold; 0: none; None: it does not say.

    Raises:
        InvalidInput: it says what is nobody's ETag, or both.
    """
    if if_match is not None and if_none_match is not None:
        raise InvalidInput.at("If-None-Match", "to be given instead of If-Match")
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise InvalidInput.at("If-None-Match", "it is there or is not", "*")
        return 0
    if if_match is None:
        return None
    if (tag := _TAG.fullmatch(if_match.strip())) is None:
        raise InvalidInput.at("If-Match", "one ETag is needed", '"7"')
    return int(tag[1])


def _expected(
    if_match: Annotated[
        str | None, Header(description="The ETag of what is to be changed: only if it still holds")
    ] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: only if there is none yet")] = None,
) -> int | None:
    return read_expected(if_match, if_none_match)


Expected = Annotated[int | None, Depends(_expected)]
"""What the caller expects of what it wants to change, as a FastAPI parameter."""
