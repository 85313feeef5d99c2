"""Keys in the database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.gateway.keys.schemas import NewKey
from babbitt.gateway.keys.tokens import Token
from babbitt.gateway.tables import API_KEYS


async def add_key(session: AsyncSession, token: Token, wanted: NewKey) -> Row[Any]:
    """Store a key: its digest, never its secret."""
    expires = func.now() + timedelta(days=wanted.expires_days) if wanted.expires_days else None
    values = {
        "id": token.id,
        "name": wanted.name,
        "digest": token.digest(),
        "scopes": sorted(set(wanted.scopes)),
        "expires_at": expires,
    }
    return (await session.execute(insert(API_KEYS).values(values).returning(API_KEYS))).one()


async def find_key(session: AsyncSession, key_id: str) -> Row[Any] | None:
    """A key by its id."""
    return (await session.execute(select(API_KEYS).where(API_KEYS.c.id == key_id))).one_or_none()


async def all_keys(session: AsyncSession) -> Sequence[Row[Any]]:
    """All keys, the newest first."""
    return (await session.execute(select(API_KEYS).order_by(API_KEYS.c.created_at.desc(), API_KEYS.c.id))).all()


async def revoke_key(session: AsyncSession, key_id: str) -> bool:
    """End a key; False: there is none. A key that ended before keeps that time."""
    ended = func.coalesce(API_KEYS.c.revoked_at, func.now())
    found = await session.execute(
        update(API_KEYS).where(API_KEYS.c.id == key_id).values(revoked_at=ended).returning(API_KEYS.c.id)
    )
    return found.first() is not None
