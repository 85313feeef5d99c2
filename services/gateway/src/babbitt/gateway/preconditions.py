"""What a caller knows of what it wants to change (RFC 9110): `If-Match` with an ETag, `If-None-Match: *`."""

import re
from typing import Annotated

from fastapi import Depends, Header

from babbitt.contracts.names import VERSION_PATTERN
from babbitt.gateway.errors import InvalidInput

_TAG = re.compile(rf'"({VERSION_PATTERN})"')


def tag_of(version: int) -> str:
    """The ETag of an alias: what it points at."""
    return f'"{version}"'


def read_expected(if_match: str | None, if_none_match: str | None) -> int | None:
    """The version that the caller thinks an alias points at, 0: none; None: it does not say.

    Raises:
        InvalidInput: it says what no alias has as its ETag, or both.
    """
    if if_match is not None and if_none_match is not None:
        raise InvalidInput.at("If-None-Match", "to be given instead of If-Match")
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise InvalidInput.at("If-None-Match", "an alias is there or is not", "*")
        return 0
    if if_match is None:
        return None
    if (tag := _TAG.fullmatch(if_match.strip())) is None:
        raise InvalidInput.at("If-Match", "one ETag of the alias is needed", '"7"')
    return int(tag[1])


def _expected(
    if_match: Annotated[str | None, Header(description="The ETag of the alias: move it only from there")] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: only if there is no such alias")] = None,
) -> int | None:
    return read_expected(if_match, if_none_match)


Expected = Annotated[int | None, Depends(_expected)]
"""What the caller expects of an alias, as a FastAPI parameter."""
