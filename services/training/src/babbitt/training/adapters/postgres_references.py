"""What points at which version of which model, as the alias topic said last, within the session of one transaction."""

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.models import AliasAssigned
from babbitt.training.adapters.tables import REFERENCES
from babbitt.training.domain.known_reference import KnownReference


class PostgresReferences:
    """Known aliases and version numbers; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def locked(self, model: str, reference: str) -> KnownReference:
        """A reference that nobody else learns of until the transaction ends, also one never heard of."""
        unknown = insert(REFERENCES).values(model=model, reference=reference, sequence="")
        await self._session.execute(unknown.on_conflict_do_nothing())
        this = (REFERENCES.c.model == model) & (REFERENCES.c.reference == reference)
        row = (await self._session.execute(select(REFERENCES).where(this).with_for_update())).one()
        assigned = AliasAssigned.model_validate(row.assigned) if row.assigned else None
        return KnownReference(model, reference, row.sequence, assigned)

    async def save(self, known: KnownReference) -> None:
        """Keep what was changed of a locked reference."""
        this = (REFERENCES.c.model == known.model) & (REFERENCES.c.reference == known.reference)
        values = {
            "sequence": known.sequence,
            "assigned": known.assigned.model_dump(mode="json") if known.assigned else None,
            "updated_at": func.clock_timestamp(),
        }
        await self._session.execute(update(REFERENCES).where(this).values(**values))

    async def pointed(self, model: str, references: Collection[str]) -> dict[str, AliasAssigned]:
        """What each of these points at now; those that point at nothing are left out."""
        these = (
            (REFERENCES.c.model == model) & REFERENCES.c.reference.in_(references) & REFERENCES.c.assigned.is_not(None)
        )
        rows = await self._session.execute(select(REFERENCES.c.reference, REFERENCES.c.assigned).where(these))
        return {row.reference: AliasAssigned.model_validate(row.assigned) for row in rows}
