"""Dead letters: what could not be read or handled, as it was, with the reason and where it lay."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import utc_now
from babbitt.chassis.outbox import insert_row
from babbitt.chassis.tables import INBOX
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.topics import dead_letters

DEAD_LETTER_LIMIT_BYTES = 2_000_000


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
    return [*headers, *((name, text.encode()) for name, text in said.items())]


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
    """Write a dead letter into the outbox, once for a place in a topic; False: it lies there already."""
    place = {"handler": "dead-letters", "source": origin.topic, "id": f"{origin.partition}/{origin.offset}"}
    first = await session.execute(
        insert(INBOX).values(**place, digest=kind).on_conflict_do_nothing().returning(INBOX.c.id)
    )
    if first.first() is None:
        return False
    told = dead_letter_headers(headers, origin, kind=kind, reason=reason, consumer=service)
    if key is None and value is None:
        value = b""  # the client sends nothing that has neither
    await insert_row(session, dead_letters(service).name, key, value, told, limit_bytes=DEAD_LETTER_LIMIT_BYTES)
    return True
