"""`/v1/models/{model}/retentions`: asking the registry to retire what a policy does not keep; `/v1/retentions/{id}`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import Row

from babbitt.chassis.database import transaction
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.known import checked
from babbitt.gateway.models.queries import find_retention
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewRetention, Retention
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.waiting import hold


def retention_routes(requests: ModelRequests) -> APIRouter:
    """The routes of retention."""
    router = APIRouter(prefix="/v1", tags=["retentions"], route_class=ScopedRoute)

    async def held(retention_id: UUID, wait_s: float) -> Row[Any] | None:
        async def look() -> Row[Any] | None:
            async with transaction(requests.sessions) as session:
                return await find_retention(session, retention_id)

        return await hold(look, lambda found: found is None or found.state != "requested", wait_s)

    @router.post(
        "/models/{model}/retentions", response_model=None, status_code=202, responses=command_documented(Retention)
    )
    async def retain(
        model: str, wanted: NewRetention, prefer: Preferred, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask to retire what the model's policy does not keep, or with `dry_run` (the default) what that would be."""
        retention_id = await requests.retain(checked(model), wanted, caller)
        retention = Retention.model_validate(await held(retention_id, prefer.wait_s), from_attributes=True)
        problem, done = (retention.problem, retention.state == "applied") if prefer.wait_s else (None, False)
        return command_answer(retention, f"/v1/retentions/{retention_id}", prefer, done=done, problem=problem)

    @router.get("/retentions/{retention_id}", responses=documented(404), dependencies=[READ])
    async def show_retention(retention_id: str, prefer: Preferred) -> Retention:
        """What became of it. With `Prefer: wait=N` the answer is held until that is decided."""
        try:
            identity = UUID(retention_id)
        except ValueError as error:
            raise _unknown(retention_id) from error
        row = await held(identity, prefer.wait_s)
        if row is None:
            raise _unknown(retention_id)
        return Retention.model_validate(row, from_attributes=True)

    return router


def _unknown(retention_id: str) -> NotFound:
    return NotFound(f"there is no retention {retention_id!r}")
