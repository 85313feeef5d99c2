"""Which copies are needed, in PostgreSQL, within one transaction. The lock is the digest's row.

A lock is always taken before the versions are asked: asked before, they would not tell what was registered meanwhile.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, Select, String, TextClause, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.registry.adapters.tables import ARTIFACTS

_NAMED = """
    versions, jsonb_path_query(
        to_jsonb(versions), '$.** ? (exists(@.sha256) && @.key starts with "registry/")'
    ) AS object
"""
"""Every object of the registry's own that a version names, wherever it names it."""
_IN_USE = """(
    NOT versions.retired
    OR EXISTS (SELECT FROM pending_needs AS job WHERE job.model = versions.model AND job.version = versions.number)
)"""
"""A job may become known after the version that it reads was retired: its files stay until it has ended."""
_RETIRED = text(f"SELECT DISTINCT object ->> 'sha256' FROM {_NAMED} WHERE versions.retired")  # noqa: S608 - constants
_NEEDED = text(f"SELECT DISTINCT object ->> 'sha256' FROM {_NAMED} WHERE {_IN_USE}")  # noqa: S608
_IS_NEEDED = text(
    f"SELECT EXISTS (SELECT FROM {_NAMED} WHERE {_IN_USE} AND object ->> 'sha256' = :digest)"  # noqa: S608
)


class PostgresArtifacts:
    """The port `ArtifactBook`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def enter(self, digests: Collection[str]) -> None:
        """As the port says; waits for nobody but who enters the same."""
        added = insert(ARTIFACTS).from_select(["sha256"], _listed(digests))
        await self._session.execute(added.on_conflict_do_nothing())

    async def hold(self, digests: Collection[str]) -> None:
        """As the port says; in order, so that two who hold the same never wait for each other."""
        added = insert(ARTIFACTS).from_select(["sha256"], _listed(digests))
        held = {"state": "held", "condemned_at": None}
        await self._session.execute(added.on_conflict_do_update(index_elements=["sha256"], set_=held))

    async def condemn(self, at: datetime) -> None:
        """As the port says; what somebody is registering is passed over."""
        known = set(await self._session.scalars(select(ARTIFACTS.c.sha256)))
        unneeded = (known | await self._digests(_RETIRED)) - await self._digests(_NEEDED)
        await self.enter(unneeded - known)
        held = (ARTIFACTS.c.state == "held") & ARTIFACTS.c.sha256.in_(_listed(unneeded))
        mine = select(ARTIFACTS.c.sha256).where(held).with_for_update(skip_locked=True)
        locked = set(await self._session.scalars(mine))
        which = ARTIFACTS.c.sha256.in_(_listed(locked - await self._digests(_NEEDED)))
        await self._session.execute(update(ARTIFACTS).where(which).values(state="condemned", condemned_at=at))

    async def condemned(self, before: datetime) -> list[str]:
        """As the port says."""
        return list(await self._session.scalars(select(ARTIFACTS.c.sha256).where(*_condemned(before))))

    async def give_up(self, digest: str, before: datetime) -> bool:
        """As the port says."""
        mine = ARTIFACTS.c.sha256 == digest
        query = select(ARTIFACTS.c.sha256).where(mine, *_condemned(before)).with_for_update(skip_locked=True)
        if await self._session.scalar(query) is None:
            return False
        if await self._session.scalar(_IS_NEEDED, {"digest": digest}):
            await self.hold([digest])
            return False
        await self._session.execute(update(ARTIFACTS).where(mine).values(state="deleted"))
        return True

    async def _digests(self, query: TextClause) -> set[str]:
        return set(await self._session.scalars(query))


def _condemned(before: datetime):  # noqa: ANN202 - two conditions
    return ARTIFACTS.c.state == "condemned", ARTIFACTS.c.condemned_at <= before


def _listed(digests: Collection[str]) -> Select[tuple[str]]:
    """Digests in order, as one parameter however many there are."""
    return select(func.unnest(cast(sorted(set(digests)), ARRAY(String))))
