"""`/v1/models/{model}/aliases` and `…/history`: where aliases point, where they pointed, and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.names import version_of
from babbitt.gateway.keys.scopes import READ
from babbitt.gateway.models import schemas
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.models.known import check_known, checked
from babbitt.gateway.models.queries import CHANGES, history_of, standing_at
from babbitt.gateway.pagination import AskedPage
from babbitt.gateway.preconditions import tag_of
from babbitt.gateway.problems import documented


def alias_routes(sessions: async_sessionmaker[AsyncSession], aliases: Aliases) -> APIRouter:
    """The routes of aliases and their history."""
    router = APIRouter(prefix="/v1/models/{model}", tags=["models"], dependencies=[READ])

    @router.get("/aliases", responses=documented(404))
    async def list_aliases(model: str) -> schemas.Aliases:
        """Where a model's aliases point, as this gateway would route a prediction. Needs no database where any does."""
        references = aliases.of(model)
        if not references:
            async with transaction(sessions) as session:
                await check_known(session, checked(model), ())
        items = [_alias(one) for reference, one in sorted(references.items()) if version_of(reference) is None]
        return schemas.Aliases(items=items)

    @router.get("/aliases/{alias}", responses=documented(404))
    async def show_alias(model: str, alias: str, response: Response) -> schemas.Alias:
        """Where an alias points. Its `ETag`, sent back as `If-Match`, has it moved only if nobody has meanwhile."""
        assigned = aliases.resolve(f"{checked(model)}@{alias}")
        response.headers["ETag"] = tag_of(assigned.version)
        return _alias(assigned)

    @router.get("/history", responses=documented(404))
    async def show_history(
        model: str, paging: AskedPage, at: Annotated[AwareDatetime | None, Query()] = None
    ) -> schemas.History:
        """What changed up to a moment, the newest first, and where the aliases pointed then, since when and why."""
        async with transaction(sessions) as session:
            rows, more = await paging.rows(session, history_of(checked(model), at), CHANGES)
            await check_known(session, model, rows)
            serving = {row.alias: _change(row) for row in await standing_at(session, model, at)}
        pointed = {alias: change.version for alias, change in serving.items()}
        changes = [_change(row) for row in rows]
        return schemas.History(items=changes, next_cursor=more, aliases=pointed, serving=serving)

    return router


def _alias(assigned: AliasAssigned) -> schemas.Alias:
    return schemas.Alias(
        reference=assigned.reference,
        version=assigned.version,
        digest=assigned.artifact.sha256,
        assigned_at=assigned.assigned_at,
    )


def _change(row: Row[Any]) -> schemas.Change:
    return schemas.Change.model_validate(row, from_attributes=True)
