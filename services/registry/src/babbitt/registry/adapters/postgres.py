"""Models in PostgreSQL, within one transaction."""

from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.database import limit_silence
from babbitt.registry.adapters.postgres_needs import needs_of
from babbitt.registry.adapters.tables import ALIAS_HISTORY, ALIASES, GATE_RESULTS, MODELS, VERSIONS
from babbitt.registry.adapters.version_rows import candidate_row, version_of
from babbitt.registry.application.adoption import as_trusted
from babbitt.registry.application.ports import Signatures, Story
from babbitt.registry.domain.gates.case import GateResult
from babbitt.registry.domain.model import Assignment, Model, Removal, trails
from babbitt.registry.domain.version import Version


class PostgresModels:
    """The port `Models`. The lock is the model's row.

    Args:
        session: the transaction.
        signatures: whose versions may serve; None: all that were verified when they were registered.
    """

    def __init__(self, session: AsyncSession, signatures: Signatures | None = None) -> None:
        self._session, self._signatures = session, signatures

    async def expect_work(self, seconds: int) -> None:
        """As the port says."""
        await limit_silence(self._session, seconds)

    async def locked(self, name: str) -> Model | None:
        """As the port says."""
        row = (
            await self._session.execute(select(MODELS.c.revision).where(MODELS.c.name == name).with_for_update())
        ).one_or_none()
        if row is None:
            return None
        versions = await self._session.execute(select(VERSIONS).where(VERSIONS.c.model == name))
        aliases = (await self._session.execute(select(ALIASES).where(ALIASES.c.model == name))).all()
        moves = await self._session.execute(
            select(ALIAS_HISTORY).where(ALIAS_HISTORY.c.model == name).order_by(ALIAS_HISTORY.c.id)
        )
        return Model(
            name=name,
            revision=row.revision,
            versions={row["number"]: self._version(row) for row in versions.mappings()},
            aliases={one.alias: one.version for one in aliases},
            assigned_at={one.alias: one.assigned_at for one in aliases},
            trails=trails((one.alias, one.version, one.action) for one in moves),
            needs=await needs_of(self._session, name),
        )

    async def locked_or_new(self, name: str) -> Model:
        """As the port says; of two who make the same model the second waits for the first."""
        await self._session.execute(upsert(MODELS).values(name=name, revision=0).on_conflict_do_nothing())
        model = await self.locked(name)
        assert model is not None, "it was just made"
        return model

    async def names(self) -> list[str]:
        """As the port says."""
        return list(await self._session.scalars(select(MODELS.c.name).order_by(MODELS.c.name)))

    async def add_version(self, model: Model, version: Version, gates: tuple[GateResult, ...]) -> None:
        """As the port says."""
        place = {"model": model.name, "number": version.number, "registered_at": version.registered_at}
        await self._session.execute(insert(VERSIONS).values(**place, **candidate_row(version.candidate)))
        results = [
            {
                "model": model.name,
                "version": version.number,
                "gate": one.gate,
                "outcome": one.outcome,
                "detail": one.detail,
                "measured": dict(one.measured),
                "champion": one.champion,
                "evaluated_at": version.registered_at,
            }
            for one in gates
        ]
        if results:
            await self._session.execute(insert(GATE_RESULTS), results)
        await self._keep_revision(model)

    async def assign(self, model: Model, assignment: Assignment, story: Story) -> None:
        """As the port says."""
        place = {"model": model.name, "alias": assignment.alias, "version": assignment.version.number}
        pointed = upsert(ALIASES).values(**place, assigned_at=assignment.at)
        await self._session.execute(
            pointed.on_conflict_do_update(
                index_elements=["model", "alias"],
                set_={"version": pointed.excluded.version, "assigned_at": pointed.excluded.assigned_at},
            )
        )
        await self._remember(place, story, assignment.at, replaced=assignment.replaced)
        await self._keep_revision(model)

    async def remove_alias(self, model: Model, removal: Removal, story: Story) -> None:
        """As the port says."""
        which = (ALIASES.c.model == model.name) & (ALIASES.c.alias == removal.alias)
        await self._session.execute(delete(ALIASES).where(which))
        place = {"model": model.name, "alias": removal.alias, "version": removal.version}
        await self._remember(place, story, removal.at)
        await self._keep_revision(model)

    async def retire(self, model: Model, version: Version) -> None:
        """As the port says."""
        which = (VERSIONS.c.model == model.name) & (VERSIONS.c.number == version.number)
        await self._session.execute(update(VERSIONS).where(which).values(retired=True))
        await self._keep_revision(model)

    def _version(self, row: RowMapping) -> Version:
        version = version_of(row)
        return version if self._signatures is None else as_trusted(row["model"], version, self._signatures)

    async def _remember(
        self, place: dict[str, str | int], story: Story, at: datetime, *, replaced: int | None = None
    ) -> None:
        await self._session.execute(
            insert(ALIAS_HISTORY).values(
                **place,
                replaced=replaced,
                action=story.action,
                reason=story.reason,
                requested_by=story.requested_by,
                automatic=story.automatic,
                at=at,
            )
        )

    async def _keep_revision(self, model: Model) -> None:
        await self._session.execute(update(MODELS).where(MODELS.c.name == model.name).values(revision=model.revision))
