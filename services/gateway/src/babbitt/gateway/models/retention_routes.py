"""`/v1/models/{model}/retentions`: asking the registry to retire what a policy does not keep; `/v1/retentions/{id}`."""

from typing import Annotated

from fastapi import APIRouter, Response

from babbitt.gateway.commands import command_documented
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.decisions import Decisions
from babbitt.gateway.models.known import checked
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewRetention, Retention
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import RETENTIONS


def retention_routes(requests: ModelRequests) -> APIRouter:
    """The routes of retention."""
    router = APIRouter(prefix="/v1", tags=["retentions"], route_class=ScopedRoute)

    asked = Decisions(requests.sessions, RETENTIONS, Retention, "/v1/retentions", "retention")

    @router.post(
        "/models/{model}/retentions", response_model=None, status_code=202, responses=command_documented(Retention)
    )
    async def retain(
        model: str, wanted: NewRetention, prefer: Preferred, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask to retire what the model's policy does not keep, or with `dry_run` (the default) what that would be."""
        return await asked.answer(await requests.retain(checked(model), wanted, caller), prefer)

    @router.get("/retentions/{retention_id}", responses=documented(404), dependencies=[READ])
    async def show_retention(retention_id: str, prefer: Preferred) -> Retention:
        """What became of it. With `Prefer: wait=N` the answer is held until that is decided."""
        return await asked.shown(retention_id, prefer)

    return router
