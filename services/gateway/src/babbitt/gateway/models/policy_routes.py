"""`/v1/models/{model}/policy`: the rules by which versions are promoted; `/v1/policy-changes/{id}`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import Row

from babbitt.chassis.database import transaction
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.known import checked, unknown
from babbitt.gateway.models.queries import find_policy, find_policy_change, has_versions
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewPolicy, Policy, PolicyChange
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.waiting import hold


def policy_routes(requests: ModelRequests) -> APIRouter:
    """The routes of policies."""
    router = APIRouter(prefix="/v1", tags=["policies"], route_class=ScopedRoute)

    async def held(change_id: UUID, wait_s: float) -> Row[Any] | None:
        async def look() -> Row[Any] | None:
            async with transaction(requests.sessions) as session:
                return await find_policy_change(session, change_id)

        return await hold(look, lambda found: found is None or found.state != "requested", wait_s)

    @router.get("/models/{model}/policy", responses=documented(404), dependencies=[READ])
    async def show_policy(model: str) -> Policy:
        """The rules for a model's next versions."""
        async with transaction(requests.sessions) as session:
            row = await find_policy(session, checked(model))
            if row is None and not await has_versions(session, model):
                raise unknown(model)
        return Policy(model=model) if row is None else Policy.model_validate(row, from_attributes=True)

    @router.put(
        "/models/{model}/policy",
        response_model=None,
        status_code=202,
        responses=command_documented(PolicyChange, done=200),
    )
    async def change_policy(
        model: str, wanted: NewPolicy, prefer: Preferred, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for other rules, also of a model to come. With `Prefer: wait=N` the answer is held until they hold."""
        change_id = await requests.change_policy(checked(model), wanted, caller)
        change = PolicyChange.model_validate(await held(change_id, prefer.wait_s), from_attributes=True)
        problem, done = (change.problem, change.state == "applied") if prefer.wait_s else (None, False)
        place = f"/v1/policy-changes/{change_id}"
        return command_answer(change, place, prefer, done=done, problem=problem, status=200)

    @router.get("/policy-changes/{change_id}", responses=documented(404), dependencies=[READ])
    async def show_policy_change(change_id: str, prefer: Preferred) -> PolicyChange:
        """What became of it. With `Prefer: wait=N` the answer is held until that is decided."""
        try:
            identity = UUID(change_id)
        except ValueError as error:
            raise _unknown(change_id) from error
        row = await held(identity, prefer.wait_s)
        if row is None:
            raise _unknown(change_id)
        return PolicyChange.model_validate(row, from_attributes=True)

    return router


def _unknown(change_id: str) -> NotFound:
    return NotFound(f"there is no change of a policy {change_id!r}")
