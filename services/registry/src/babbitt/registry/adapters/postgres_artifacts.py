"""Which copies are needed, in PostgreSQL, within one transaction. The lock is the digest's row.

A lock is always taken before the versions are asked: asked before, they would not tell what was registered meanwhile.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, String, cast, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.registry.adapters.tables import ARTIFACTS

_REFERENCED = text("""
    SELECT DISTINCT object ->> 'sha256' FROM versions, jsonb_path_query(
        to_jsonb(versions), '$.** ? (exists(@.sha256) && @.key starts with "registry/")'
    ) AS object WHERE NOT versions.retired
""")
"""The digests of every object of the registry's own that a version in use names, wherever it names it."""


class PostgresArtifacts:
    """The port `ArtifactBook`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold(self, digests: Collection[str]) -> None:
        """As the port says; in order, so that two who hold the same never wait for each other."""
        added = insert(ARTIFACTS).from_select(["sha256"], _listed(sorted(set(digests))))
        held = added.on_conflict_do_update(index_elements=["sha256"], set_={"condemned_at": None})
        await self._session.execute(held)

    async def condemn(self, digests: Collection[str], at: datetime) -> None:
        """As the port says; what somebody is registering is passed over."""
        known = set(await self._session.scalars(select(ARTIFACTS.c.sha256)))  # an insert would wait for who holds one
        unknown = insert(ARTIFACTS).from_select(["sha256"], _listed(sorted(set(digests) - known)))
        await self._session.execute(unknown.on_conflict_do_nothing())
        held = ARTIFACTS.c.condemned_at.is_(None) & ARTIFACTS.c.sha256.in_(_listed(sorted(set(digests))))
        mine = select(ARTIFACTS.c.sha256).where(held).with_for_update(skip_locked=True)
        locked = set(await self._session.scalars(mine))
        unneeded = sorted(locked - await self._referenced())
        which = ARTIFACTS.c.sha256.in_(_listed(unneeded))
        await self._session.execute(update(ARTIFACTS).where(which).values(condemned_at=at))

    async def condemned(self, before: datetime) -> list[str]:
        """As the port says."""
        return list(await self._session.scalars(select(ARTIFACTS.c.sha256).where(ARTIFACTS.c.condemned_at <= before)))

    async def give_up(self, digest: str, before: datetime) -> bool:
        """As the port says."""
        which = (ARTIFACTS.c.sha256 == digest) & (ARTIFACTS.c.condemned_at <= before)
        locked = await self._session.scalar(select(ARTIFACTS.c.sha256).where(which).with_for_update(skip_locked=True))
        if locked is None:
            return False
        if digest in await self._referenced():
            await self.hold([digest])
            return False
        await self._session.execute(delete(ARTIFACTS).where(ARTIFACTS.c.sha256 == digest))
        return True

    async def _referenced(self) -> set[str]:
        return set(await self._session.scalars(_REFERENCED))


def _listed(digests: list[str]):  # noqa: ANN202 - one array as a parameter, however many there are
    return select(func.unnest(cast(digests, ARRAY(String))))
