"""The outbox: what is to be said is written in the transaction that makes it true."""

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import Clock, utc_now
from babbitt.chassis.tables import OUTBOX
from babbitt.chassis.telemetry import traceparent
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope, Message
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import Topic

MAX_MESSAGE_BYTES = 1_000_000
"""Below the broker's own limit of 1 MiB, headers included."""


class MessageTooLarge(ValueError):
    """A message would not fit the broker: its data belongs into the object store."""


class Outbox:
    """The outbox of one transaction. `publish` inserts and never commits.

    Writers lock the aggregate before they publish: that is what keeps order per key.

    Args:
        session: the transaction.
        source: who speaks: `/babbitt/registry`.
        cause: envelope of the message that is being answered.
    """

    def __init__(
        self, session: AsyncSession, source: str, cause: Envelope | None = None, *, now: Clock = utc_now
    ) -> None:
        self._session = session
        self._source = source
        self._cause = cause
        self._now = now

    async def publish(
        self, message: Message, *, sequence: int, topic: Topic | None = None, event_id: UUID | None = None
    ) -> Envelope:
        """Write a message into the outbox.

        Args:
            message: what is to be said.
            sequence: the aggregate's revision: readers of state keep the higher one.
            topic: where, for messages that are said on several topics.
            event_id: for messages whose id follows from what they say; else a new one.

        Raises:
            MessageTooLarge: it would not fit the broker.
        """
        envelope = Envelope.of(
            message,
            id=event_id or new_id(),
            source=self._source,
            time=self._now(),
            sequence=sequence,
            cause=self._cause,
            traceparent=traceparent(),
        )
        await insert_row(
            self._session,
            (topic or message.topic()).name,
            message.key().encode(),
            message.model_dump_json().encode(),
            headers_of(envelope),
        )
        return envelope

    async def tombstone(self, topic: Topic, key: str) -> None:
        """Write the end of a key on a compacted topic."""
        await insert_row(self._session, topic.name, key.encode(), None, [])


async def insert_row(
    session: AsyncSession,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    *,
    limit_bytes: int = MAX_MESSAGE_BYTES,
) -> None:
    """Write one outbox row.

    Raises:
        MessageTooLarge: key, value and headers are over `limit_bytes`.
    """
    size = len(key or b"") + len(value or b"") + sum(len(name) + len(text) for name, text in headers)
    if size > limit_bytes:
        raise MessageTooLarge(f"a message of {size} bytes on {topic}: {limit_bytes} is the limit")
    row = insert(OUTBOX).values(topic=topic, key=key, value=value, headers=stored_headers(headers))
    await session.execute(row)


def stored_headers(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """Headers as the outbox keeps them."""
    return json.dumps([[name, raw.decode("latin-1")] for name, raw in headers]).encode()


def read_headers(stored: bytes) -> list[tuple[str, bytes]]:
    """What `stored_headers` made bytes of."""
    return [(name, text.encode("latin-1")) for name, text in json.loads(stored)]
