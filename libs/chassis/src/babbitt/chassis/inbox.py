"""The inbox: a message is handled once, whatever the broker repeats."""

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.errors import Refused
from babbitt.chassis.tables import INBOX, INBOX_KEPT_DAYS
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message


class IdReused(Refused):
    """The sender used one id for two different messages."""

    slug = "message-id-reused"
    status = 422
    title = "The message id was used before, for other data"


async def first_time(session: AsyncSession, handler: str, delivery: Delivery[Message]) -> bool:
    """Take note of a message; False: it was handled before.

    A second transaction with the same message waits here for the end of the first.

    Raises:
        IdReused: the same source and id came before with other data.
    """
    if await note(session, handler, delivery):
        return True
    known = await session.scalar(select(INBOX.c.digest).filter_by(**_key(handler, delivery)))
    if known != delivery.digest:
        raise IdReused(f"message {delivery.envelope.id} of {delivery.envelope.source} came before with other data")
    return False


async def note(session: AsyncSession, handler: str, delivery: Delivery[Message]) -> bool:
    """Take note of a message without asking what came before; False: there was a note already."""
    row = insert(INBOX).values(**_key(handler, delivery), digest=delivery.digest)
    noted = await session.execute(row.on_conflict_do_nothing().returning(INBOX.c.id))
    return noted.first() is not None


def _key(handler: str, delivery: Delivery[Message]) -> dict[str, str]:
    return {"handler": handler, "source": delivery.envelope.source, "id": delivery.envelope.id}


async def forget_old(session: AsyncSession) -> None:
    """Drop what no topic that forgets its messages holds any more."""
    horizon = func.now() - text(f"interval '{INBOX_KEPT_DAYS} days'")
    await session.execute(delete(INBOX).where(INBOX.c.received_at < horizon))
