"""How training speaks: as whom, and in answer to what."""

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.outbox import Outbox
from babbitt.training.application.ports import Answering

SOURCE = "/babbitt/training"


def answering(session: AsyncSession) -> Answering:
    """What is said of a job or study answers its request."""
    return lambda asked: Outbox(session, SOURCE, asked.cause)
