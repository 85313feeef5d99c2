"""Asking the registry to move an alias or take it away; `/v1/promotions/{id}`: what became of it."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from babbitt.chassis.database import transaction
from babbitt.contracts.names import ALIAS_PATTERN, Reason
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.errors import NotFound, UnknownReference
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.known import checked
from babbitt.gateway.models.queries import find_promotion
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewPromotion, NewRollback, Promotion
from babbitt.gateway.preconditions import Expected
from babbitt.gateway.preferences import Preferences, Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.waiting import hold


def promotion_routes(requests: ModelRequests) -> APIRouter:
    """The routes of promotions, rollbacks and removals of aliases."""
    router = APIRouter(prefix="/v1", tags=["promotions"], route_class=ScopedRoute)

    async def look(promotion_id: UUID) -> Any:
        async with transaction(requests.sessions) as session:
            return await find_promotion(session, promotion_id)

    async def answer(promotion_id: UUID, prefer: Preferences, status: int = 201) -> Response:
        row = await hold(lambda: look(promotion_id), lambda found: found.state != "requested", prefer.wait_s)
        promotion = Promotion.model_validate(row, from_attributes=True)
        waited = prefer.wait_s > 0
        problem, done = promotion.problem if waited else None, waited and promotion.state == "applied"
        return command_answer(
            promotion, f"/v1/promotions/{promotion_id}", prefer, done=done, problem=problem, status=status
        )

    @router.post(
        "/models/{model}/promotions", response_model=None, status_code=202, responses=command_documented(Promotion)
    )
    async def promote(
        model: str, wanted: NewPromotion, prefer: Preferred, expected: Expected, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for an alias to point at a version. With `Prefer: wait=N` the answer is held until it does.

        Of two who promote at once, knowing the same of the alias, one is refused with 409.
        """
        return await answer(await requests.promote(checked(model), wanted, caller, expected), prefer)

    @router.post(
        "/models/{model}/rollbacks", response_model=None, status_code=202, responses=command_documented(Promotion)
    )
    async def roll_back(
        model: str, wanted: NewRollback, prefer: Preferred, expected: Expected, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for an alias to point back. With `Prefer: wait=N` the answer is held until it does."""
        return await answer(await requests.roll_back(checked(model), wanted, caller, expected), prefer)

    @router.delete(
        "/models/{model}/aliases/{alias}",
        response_model=None,
        status_code=202,
        responses=command_documented(Promotion, done=200),
    )
    async def remove_alias(
        model: str,
        alias: str,
        reason: Annotated[Reason, Query()],
        prefer: Preferred,
        caller: Annotated[Caller, PROMOTE],
    ) -> Response:
        """Ask for an alias to be taken away; the champion stays. `Prefer: wait=N` holds the answer until it is."""
        if re.fullmatch(ALIAS_PATTERN, alias) is None:
            raise UnknownReference(f"model {model!r} has no alias {alias!r}")
        return await answer(await requests.remove_alias(checked(model), alias, reason, caller), prefer, 200)

    @router.get("/promotions/{promotion_id}", responses=documented(404), dependencies=[READ])
    async def show_promotion(promotion_id: str, prefer: Preferred) -> Promotion:
        """A promotion, rollback or removal. With `Prefer: wait=N` the answer is held until it is decided."""
        try:
            identity = UUID(promotion_id)
        except ValueError as error:
            raise _unknown(promotion_id) from error
        row = await hold(
            lambda: look(identity), lambda found: found is None or found.state != "requested", prefer.wait_s
        )
        if row is None:
            raise _unknown(promotion_id)
        return Promotion.model_validate(row, from_attributes=True)

    return router


def _unknown(promotion_id: str) -> NotFound:
    return NotFound(f"there is no promotion {promotion_id!r}")
