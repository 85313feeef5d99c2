"""`/v1/models/{model}/policy`: the rules by which versions are promoted; `/v1/policy-changes/{id}`."""

from typing import Annotated

from fastapi import APIRouter, Response

from babbitt.chassis.database import transaction
from babbitt.contracts.model_requests import GatePolicy
from babbitt.gateway.commands import command_documented
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.decisions import Decisions
from babbitt.gateway.models.known import checked, unknown
from babbitt.gateway.models.queries import find_policy, has_versions
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewPolicy, Policy, PolicyChange
from babbitt.gateway.preconditions import Expected, tag_of
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import POLICY_CHANGES


def policy_routes(requests: ModelRequests) -> APIRouter:
    """The routes of policies."""
    router = APIRouter(prefix="/v1", tags=["policies"], route_class=ScopedRoute)

    asked = Decisions(requests.sessions, POLICY_CHANGES, PolicyChange, "/v1/policy-changes", "change of a policy")

    @router.get("/models/{model}/policy", responses=documented(404), dependencies=[READ])
    async def show_policy(model: str, response: Response) -> Policy:
        """The rules for a model's next versions. `If-Match` with their `ETag` changes only these."""
        async with transaction(requests.sessions) as session:
            row = await find_policy(session, checked(model))
            if row is None and not await has_versions(session, model):
                raise unknown(model)
        if row is None:
            return Policy(model=model)
        response.headers["ETag"] = tag_of(row.revision)
        return Policy.model_validate(row, from_attributes=True)

    answers = command_documented(PolicyChange, done=200)

    @router.patch("/models/{model}/policy", response_model=None, status_code=202, responses=answers)
    async def change_policy(
        model: str, wanted: NewPolicy, prefer: Preferred, expected: Expected, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for some other rules, also of a model to come; those that are left out stay as they are.

        With `Prefer: wait=N` the answer is held until they hold. With `If-Match`, of two who know the same rules one is
        refused with 409.
        """
        change = await requests.change_policy(checked(model), wanted, caller, expected)
        return await asked.answer(change, prefer, status=200)

    @router.put("/models/{model}/policy", response_model=None, status_code=202, responses=answers)
    async def replace_policy(
        model: str, wanted: NewPolicy, prefer: Preferred, expected: Expected, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """As PATCH, but for all rules: one that is left out becomes the default that is documented here."""
        every_rule = wanted.model_copy(update={"policy": GatePolicy(**wanted.policy.model_dump())})
        change = await requests.change_policy(checked(model), every_rule, caller, expected)
        return await asked.answer(change, prefer, status=200)

    @router.get("/policy-changes/{change_id}", responses=documented(404), dependencies=[READ])
    async def show_policy_change(change_id: str, prefer: Preferred) -> PolicyChange:
        """What became of it. With `Prefer: wait=N` the answer is held until that is decided."""
        return await asked.shown(change_id, prefer)

    return router
