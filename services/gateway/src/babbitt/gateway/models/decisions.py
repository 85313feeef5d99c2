"""What was asked of the registry, and what it decided: promotions, retentions and changes of policy answer alike."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.gateway.commands import command_answer
from babbitt.gateway.errors import NotFound
from babbitt.gateway.models.schemas import PolicyChange, Promotion, Retention
from babbitt.gateway.preferences import Preferences
from babbitt.gateway.waiting import hold


@dataclass(frozen=True, slots=True)
class Decisions[T: Promotion | Retention | PolicyChange]:
    """One kind of them.

    Attributes:
        table: where they are kept.
        schema: as callers see one.
        place: under which address; one of them is at `{place}/{id}`.
        name: what it is called.
    """

    sessions: async_sessionmaker[AsyncSession]
    table: Table
    schema: type[T]
    place: str
    name: str

    async def answer(self, asked: UUID, prefer: Preferences, *, status: int = 201) -> Response:
        """The answer to who asked: what became of it where the caller waits; `status` once it is applied, else 202."""
        found = self.schema.model_validate(await self._held(asked, prefer.wait_s), from_attributes=True)
        problem, done = (found.problem, found.state == "applied") if prefer.wait_s else (None, False)
        return command_answer(found, f"{self.place}/{asked}", prefer, done=done, problem=problem, status=status)

    async def shown(self, asked: str, prefer: Preferences) -> T:
        """One of them by its id as text, held until it is decided where the caller waits.

        Raises:
            NotFound: there is none of that id.
        """
        unknown = NotFound(f"there is no {self.name} {asked!r}")
        try:
            identity = UUID(asked)
        except ValueError as error:
            raise unknown from error
        row = await self._held(identity, prefer.wait_s)
        if row is None:
            raise unknown
        return self.schema.model_validate(row, from_attributes=True)

    async def _held(self, asked: UUID, wait_s: float) -> Row[Any] | None:
        async def look() -> Row[Any] | None:
            async with transaction(self.sessions) as session:
                return (await session.execute(select(self.table).where(self.table.c.id == asked))).one_or_none()

        return await hold(look, lambda found: found is None or found.state != "requested", wait_s)
