"""`/v1/models`: what the registry has said, from the read models."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.contracts.names import CHAMPION, version_of
from babbitt.gateway.errors import UnknownReference
from babbitt.gateway.keys.scopes import READ
from babbitt.gateway.models import schemas
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.models.known import check_known, checked, unknown
from babbitt.gateway.models.queries import (
    all_models,
    find_model,
    gates_of,
    retirements_of,
    versions_of,
)
from babbitt.gateway.pagination import AskedPage, Page
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import MODEL_VERSIONS


def model_routes(sessions: async_sessionmaker[AsyncSession], aliases: Aliases) -> APIRouter:
    """The routes of models."""
    router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[READ])

    @router.get("", responses=documented())
    async def list_models(paging: AskedPage) -> Page[schemas.Model]:
        """Models with their aliases, by name."""
        async with transaction(sessions) as session:
            rows, more = await paging.rows(session, all_models(), (MODEL_VERSIONS.c.model,), descending=False)
        return Page(items=[_model(row, aliases) for row in rows], next_cursor=more)

    @router.get("/{model}", responses=documented(404))
    async def show_model(model: str) -> schemas.Model:
        """One model."""
        async with transaction(sessions) as session:
            row = await find_model(session, checked(model))
        if row is None:
            raise unknown(model)
        return _model(row, aliases)

    @router.get("/{model}/versions", responses=documented(404))
    async def list_versions(model: str, paging: AskedPage) -> Page[schemas.Version]:
        """A model's versions with their gates, the newest first."""
        async with transaction(sessions) as session:
            rows, more = await paging.rows(session, versions_of(checked(model)), (MODEL_VERSIONS.c.version,))
            await check_known(session, model, rows)
            return Page(items=await _versions(session, aliases, model, rows), next_cursor=more)

    @router.get("/{model}/versions/{version}", responses=documented(404))
    async def show_version(model: str, version: str) -> schemas.Version:
        """One version."""
        wanted = versions_of(checked(model)).where(MODEL_VERSIONS.c.version == (version_of(version) or 0))
        async with transaction(sessions) as session:
            rows = (await session.execute(wanted)).all()
            await check_known(session, model, rows)
            found = await _versions(session, aliases, model, rows)
        if not found:
            raise UnknownReference(f"model {model!r} has no version {version!r}")
        return found[0]

    return router


def _model(row: Row[Any], aliases: Aliases) -> schemas.Model:
    pointed = _aliases(aliases, row.model)
    return schemas.Model(
        name=row.model,
        versions=row.versions,
        latest_version=row.latest_version,
        registered_at=row.registered_at,
        champion=pointed.get(CHAMPION),
        aliases=pointed,
    )


async def _versions(
    session: AsyncSession, aliases: Aliases, model: str, rows: Sequence[Row[Any]]
) -> list[schemas.Version]:
    numbers = [row.version for row in rows]
    gates = await gates_of(session, model, numbers)
    retirements = await retirements_of(session, model, numbers)
    pointed = _aliases(aliases, model)
    return [
        schemas.Version.model_validate(row, from_attributes=True).model_copy(
            update={
                "retired_at": retirements.get(row.version),
                "gates": [
                    schemas.Gate.model_validate(gate, from_attributes=True)
                    for gate in gates
                    if gate.version == row.version
                ],
                "aliases": sorted(alias for alias, version in pointed.items() if version == row.version),
            }
        )
        for row in rows
    ]


def _aliases(aliases: Aliases, model: str) -> dict[str, int]:
    return {name: assigned.version for name, assigned in sorted(aliases.of(model).items()) if version_of(name) is None}
