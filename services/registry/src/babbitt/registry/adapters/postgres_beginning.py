"""An empty schema that is filled from the topics, within one transaction."""

from sqlalchemy import exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.database import limit_silence
from babbitt.chassis.inbox import note
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message
from babbitt.registry.adapters.tables import MODELS, TEST_SPLITS
from babbitt.registry.application.past import NotEmpty

FILLED_WITHIN_S = 600


class PostgresBeginning:
    """The port `Beginning`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self) -> None:
        """As the port says."""
        await limit_silence(self._session, FILLED_WITHIN_S)
        await self._session.execute(text("LOCK TABLE models IN EXCLUSIVE MODE"))
        if await self._session.scalar(select(exists().select_from(MODELS))):
            raise NotEmpty("the schema holds models: a rebuild fills an empty one, after `migrate`")

    async def counted(self, model: str, sha256: str, decisions: int) -> None:
        """As the port says."""
        counted = insert(TEST_SPLITS).values(model=model, sha256=sha256, decisions=decisions)
        highest = func.greatest(TEST_SPLITS.c.decisions, counted.excluded.decisions)
        await self._session.execute(
            counted.on_conflict_do_update(index_elements=["model", "sha256"], set_={"decisions": highest})
        )

    async def handled(self, delivery: Delivery[Message]) -> None:
        """As the port says; the consumer's handler is called as its topic."""
        await note(self._session, delivery.origin.topic, delivery)
