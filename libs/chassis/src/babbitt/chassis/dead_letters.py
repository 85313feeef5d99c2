"""Dead letters: what could not be read or handled, as it was, with the reason and where it lay."""

import hashlib
from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import utc_now
from babbitt.chassis.outbox import insert_row
from babbitt.chassis.tables import INBOX
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.topics import dead_letters

DEAD_LETTER_LIMIT_BYTES = 2_000_000
LARGEST_VALUE_BYTES = 1_500_000
LARGEST_HEADERS_BYTES = 200_000


def fitting(value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> tuple[bytes | None, list[tuple[str, bytes]]]:
    """Value and headers of a message, cut to what a dead letter can hold; what was cut is told by size and digest.

    The broker's limit is on what is compressed, so what comes out of it may be larger.
    """
    kept, cut = list(headers), len(value or b"") > LARGEST_VALUE_BYTES
    if sum(len(name) + len(text) for name, text in kept) > LARGEST_HEADERS_BYTES:
        kept, cut = [("dlq_headers_dropped", str(len(kept)).encode())], True
    if not cut:
        return value, kept
    whole = value or b""
    kept += [
        ("dlq_truncated_from", str(len(whole)).encode()),
        ("dlq_sha256", hashlib.sha256(whole).hexdigest().encode()),
    ]
    return value and value[:LARGEST_VALUE_BYTES], kept


def dead_letter_headers(
    headers: Sequence[tuple[str, bytes]], origin: Origin, *, kind: str, reason: str, consumer: str
) -> list[tuple[str, bytes]]:
    """The message's own headers, and what became of it: `dlq_kind` is `malformed` or `bug`."""
    said = {
        "dlq_kind": kind,
        "dlq_reason": reason[:2000],
        "dlq_consumer": consumer,
        "dlq_topic": origin.topic,
        "dlq_partition": str(origin.partition),
        "dlq_offset": str(origin.offset),
        "dlq_time": utc_now().isoformat(),
    }
    return [*headers, *((name, text.encode(errors="backslashreplace")) for name, text in said.items())]


def dead_letter(
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    origin: Origin,
    *,
    kind: str,
    reason: str,
    consumer: str,
) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]:
    """Key, value and headers of a dead letter: the message as it was, as far as it fits, and what became of it."""
    value, headers = fitting(value, headers)
    if key is None and value is None:
        value = b""  # the client sends nothing that has neither
    told = dead_letter_headers(headers, origin, kind=kind, reason=reason, consumer=consumer)
    return key and key[:LARGEST_HEADERS_BYTES], value, told


async def bury(
    session: AsyncSession,
    service: str,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    origin: Origin,
    *,
    kind: str,
    reason: str,
) -> bool:
    """Write a dead letter into the outbox, once for a place in a topic; False: it lies there already.

    A topic that was made anew begins at the same offsets, so the time belongs to the place.
    """
    identity = f"{origin.partition}/{origin.offset}/{origin.time.isoformat()}"
    place = {"handler": "dead-letters", "source": origin.topic, "id": identity}
    first = await session.execute(
        insert(INBOX).values(**place, digest=kind).on_conflict_do_nothing().returning(INBOX.c.id)
    )
    if first.first() is None:
        return False
    key, value, told = dead_letter(key, value, headers, origin, kind=kind, reason=reason, consumer=service)
    await insert_row(session, dead_letters(service).name, key, value, told, limit_bytes=DEAD_LETTER_LIMIT_BYTES)
    return True
