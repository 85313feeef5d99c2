"""`/v1/api-keys`: made, listed, revoked by those whose key has the scope `admin`."""

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.queries import add_key, find_key, revoke_key
from babbitt.gateway.keys.schemas import Key, NewKey, RevealedKey
from babbitt.gateway.keys.scopes import ADMIN, ScopedRoute
from babbitt.gateway.keys.tokens import new_token
from babbitt.gateway.pagination import AskedPage, Page, newest_first
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import API_KEYS


def key_routes(sessions: async_sessionmaker[AsyncSession]) -> APIRouter:
    """The routes of API keys."""
    router = APIRouter(prefix="/v1/api-keys", tags=["keys"], dependencies=[ADMIN], route_class=ScopedRoute)

    @router.post("", status_code=201, responses=documented())
    async def make_key(wanted: NewKey, response: Response) -> RevealedKey:
        """Make a key. The answer is the only place where it is ever shown."""
        token = new_token()
        async with transaction(sessions) as session:
            row = await add_key(session, token, wanted)
        response.headers["Location"] = f"/v1/api-keys/{token.id}"
        response.headers["Cache-Control"] = "no-store"
        key = Key.model_validate(row, from_attributes=True)
        return RevealedKey(**key.model_dump(), key=token.reveal())

    @router.get("", responses=documented())
    async def list_keys(paging: AskedPage) -> Page[Key]:
        """Keys, the newest first."""
        async with transaction(sessions) as session:
            return await paging.page(session, select(API_KEYS), newest_first(API_KEYS), Key)

    @router.get("/{key_id}", responses=documented(404))
    async def show_key(key_id: str) -> Key:
        """One key, without its secret."""
        async with transaction(sessions) as session:
            row = await find_key(session, _checked(key_id))
        if row is None:
            raise _unknown(key_id)
        return Key.model_validate(row, from_attributes=True)

    @router.delete("/{key_id}", status_code=204, responses=documented(404))
    async def end_key(key_id: str) -> None:
        """Revoke a key: it stops working within half a minute on every replica that the database answers.

        One that the database does not answer believes a key that it knows for ten minutes.
        """
        async with transaction(sessions) as session:
            found = await revoke_key(session, _checked(key_id))
        if not found:
            raise _unknown(key_id)

    return router


def _checked(key_id: str) -> str:
    if not (key_id.isascii() and key_id.isalnum()):
        raise _unknown(key_id)
    return key_id


def _unknown(key_id: str) -> NotFound:
    return NotFound(f"there is no key {key_id!r}")
