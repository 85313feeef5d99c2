"""Where a reader of the stream stands, as the id of an event: any replica resumes from it.

The next offset of every chosen partition, in the selection's order, as LEB128 numbers between a version byte with the
selection's fingerprint and a check; base64url without padding.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping

from babbitt.gateway.errors import InvalidCursor
from babbitt.gateway.events.selection import Place, Selection

_VERSION = 1
_LARGEST = 2**63 - 1
_WRONG = "Last-Event-ID: this is none that this stream gave"


def write_position(selection: Selection, offsets: Mapping[Place, int]) -> str:
    """The id of the event after which the reader stands at `offsets`."""
    raw = bytearray((_VERSION,)) + selection.fingerprint()
    for place in selection.places():
        left = offsets[place]
        while left > 0x7F:  # noqa: PLR2004 - seven bits a byte
            raw.append(0x80 | left & 0x7F)
            left >>= 7
        raw.append(left)
    raw += zlib.crc32(raw).to_bytes(4, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_position(selection: Selection, text: str) -> dict[Place, int]:
    """What `write_position` wrote.

    Raises:
        InvalidCursor: garbage, or of another selection.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor(_WRONG) from error
    body, check = raw[:-4], raw[-4:]
    if len(raw) < 11 or body[0] != _VERSION or zlib.crc32(body).to_bytes(4, "big") != check:  # noqa: PLR2004 - the head's length
        raise InvalidCursor(_WRONG)
    if body[1:7] != selection.fingerprint():
        raise InvalidCursor("Last-Event-ID: topics, type or subject are not those that it was given for")
    places, offsets = selection.places(), _numbers(body[7:])
    if len(offsets) != len(places) or any(offset > _LARGEST for offset in offsets):
        raise InvalidCursor(_WRONG)
    return dict(zip(places, offsets, strict=True))


def _numbers(raw: bytes) -> list[int]:
    numbers: list[int] = []
    number = shift = 0
    for byte in raw:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise InvalidCursor(_WRONG)
    return numbers
