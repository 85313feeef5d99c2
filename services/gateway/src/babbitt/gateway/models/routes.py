"""`/v1/models`: what the registry has said, from the read models."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.contracts.names import CHAMPION, version_of
from babbitt.gateway.errors import UnknownModel, UnknownReference
from babbitt.gateway.keys.scopes import READ
from babbitt.gateway.models import schemas
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.models.queries import all_models, gates_of, has_versions, history_of, versions_of
from babbitt.gateway.problems import documented
from babbitt.gateway.texts import is_name


def model_routes(sessions: async_sessionmaker[AsyncSession], aliases: Aliases) -> APIRouter:
    """The routes of models."""
    router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[READ])

    @router.get("", responses=documented())
    async def list_models() -> schemas.Models:
        """All models with their aliases."""
        async with transaction(sessions) as session:
            rows = await all_models(session)
        items = [
            schemas.Model(
                name=row.name,
                versions=row.versions,
                latest_version=row.latest_version,
                registered_at=row.registered_at,
                champion=(pointed := _aliases(aliases, row.name)).get(CHAMPION),
                aliases=pointed,
            )
            for row in rows
        ]
        return schemas.Models(items=items)

    @router.get("/{model}", responses=documented(404))
    async def show_model(model: str) -> schemas.Model:
        """One model."""
        found = [item for item in (await list_models()).items if item.name == model]
        if not found:
            raise _unknown(model)
        return found[0]

    @router.get("/{model}/versions", responses=documented(404))
    async def list_versions(model: str) -> schemas.Versions:
        """A model's versions with their gates, the newest first."""
        return schemas.Versions(items=await _versions(sessions, aliases, model))

    @router.get("/{model}/versions/{version}", responses=documented(404))
    async def show_version(model: str, version: str) -> schemas.Version:
        """One version."""
        found = await _versions(sessions, aliases, model, version_of(version) or 0)
        if not found:
            raise UnknownReference(f"model {model!r} has no version {version!r}")
        return found[0]

    @router.get("/{model}/aliases", responses=documented(404))
    async def list_aliases(model: str) -> schemas.Aliases:
        """Where a model's aliases point, as this gateway would route a prediction. Needs no database."""
        references = aliases.of(model)
        if not references:
            raise _unknown(model)
        items = [
            schemas.Alias(
                reference=reference,
                version=assigned.version,
                digest=assigned.artifact.sha256,
                assigned_at=assigned.assigned_at,
            )
            for reference, assigned in sorted(references.items())
            if version_of(reference) is None
        ]
        return schemas.Aliases(items=items)

    @router.get("/{model}/history", responses=documented(404))
    async def show_history(model: str, at: Annotated[AwareDatetime | None, Query()] = None) -> schemas.History:
        """What changed up to a moment, the newest first, and where the aliases pointed then."""
        return await _history(sessions, model, at)

    return router


async def _versions(
    sessions: async_sessionmaker[AsyncSession], aliases: Aliases, model: str, version: int | None = None
) -> list[schemas.Version]:
    if not is_name(model):
        raise _unknown(model)
    async with transaction(sessions) as session:
        rows = await versions_of(session, model, version)
        gates = await gates_of(session, model)
        retirements = {row.version: row.at for row in await history_of(session, model) if row.kind == "retired"}
        if not rows and not await has_versions(session, model):
            raise _unknown(model)
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


async def _history(sessions: async_sessionmaker[AsyncSession], model: str, at: datetime | None) -> schemas.History:
    if not is_name(model):
        raise _unknown(model)
    async with transaction(sessions) as session:
        rows = await history_of(session, model, at)
        if not rows and not await has_versions(session, model):
            raise _unknown(model)
    pointed = {row.alias: row.version for row in rows if row.alias is not None}
    changes = [schemas.Change.model_validate(row, from_attributes=True) for row in reversed(rows)]
    return schemas.History(items=changes, aliases=pointed)


def _aliases(aliases: Aliases, model: str) -> dict[str, int]:
    return {name: assigned.version for name, assigned in sorted(aliases.of(model).items()) if version_of(name) is None}


def _unknown(model: str) -> UnknownModel:
    return UnknownModel(f"there is no model {model!r}")
