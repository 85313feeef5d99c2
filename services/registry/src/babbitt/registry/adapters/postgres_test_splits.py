"""How often each test split has decided, in PostgreSQL, within one transaction."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.registry.adapters.tables import TEST_SPLITS


class PostgresTestSplits:
    """The port `TestSplits`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def decide(self, model: str, sha256: str) -> int:
        """As the port says."""
        first = insert(TEST_SPLITS).values(model=model, sha256=sha256, decisions=1)
        counted = first.on_conflict_do_update(
            index_elements=["model", "sha256"], set_={"decisions": TEST_SPLITS.c.decisions + 1}
        )
        return (await self._session.execute(counted.returning(TEST_SPLITS.c.decisions))).scalar_one()
