"""The tables that carry messages: inbox, outbox and the relay's lease. Every service's schema has them."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, MetaData, String, Table, func

MESSAGING = MetaData()

INBOX = Table(
    "inbox",
    MESSAGING,
    Column("handler", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("received_at", DateTime(timezone=True), server_default=func.now(), nullable=False, index=True),
)
"""What was handled; the digest tells a repeat from an id used twice.

Kept longer than any topic that forgets keeps its messages. What lies in a topic for ever may come again afterwards, to
a group whose offsets are lost: there the sequence tells that it is old.
"""

OUTBOX = Table(
    "outbox",
    MESSAGING,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("topic", String, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
)
"""What is to be sent, oldest id first. Headers are JSON pairs [name, value as Latin-1], kept as bytes."""

RELAY = Table(
    "relay",
    MESSAGING,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String),
    Column("held_until", DateTime(timezone=True)),
)
"""One row: which replica sends, and until when it may be thought alive."""

INBOX_KEPT_DAYS = 45
