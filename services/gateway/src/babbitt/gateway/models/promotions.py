"""Asking the registry to move an alias or take it away; `/v1/promotions/{id}`: what became of it."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Response

from babbitt.contracts.names import ALIAS_PATTERN, Reason
from babbitt.gateway.commands import command_documented
from babbitt.gateway.errors import UnknownReference
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.decisions import Decisions
from babbitt.gateway.models.known import checked
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewPromotion, NewRollback, Promotion
from babbitt.gateway.preconditions import Expected
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import PROMOTIONS


def promotion_routes(requests: ModelRequests) -> APIRouter:
    """The routes of promotions, rollbacks and removals of aliases."""
    router = APIRouter(prefix="/v1", tags=["promotions"], route_class=ScopedRoute)

    asked = Decisions(requests.sessions, PROMOTIONS, Promotion, "/v1/promotions", "promotion")

    @router.post(
        "/models/{model}/promotions", response_model=None, status_code=202, responses=command_documented(Promotion)
    )
    async def promote(
        model: str, wanted: NewPromotion, prefer: Preferred, expected: Expected, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for an alias to point at a version. With `Prefer: wait=N` the answer is held until it does.

        Of two who promote at once, knowing the same of the alias, one is refused with 409.
        """
        return await asked.answer(await requests.promote(checked(model), wanted, caller, expected), prefer)

    @router.post(
        "/models/{model}/rollbacks", response_model=None, status_code=202, responses=command_documented(Promotion)
    )
    async def roll_back(
        model: str, wanted: NewRollback, prefer: Preferred, expected: Expected, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for an alias to point back. With `Prefer: wait=N` the answer is held until it does."""
        return await asked.answer(await requests.roll_back(checked(model), wanted, caller, expected), prefer)

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
        expected: Expected,
        caller: Annotated[Caller, PROMOTE],
    ) -> Response:
        """Ask for an alias to be taken away; the champion stays. `Prefer: wait=N` holds the answer until it is."""
        if re.fullmatch(ALIAS_PATTERN, alias) is None:
            raise UnknownReference(f"model {model!r} has no alias {alias!r}")
        return await asked.answer(
            await requests.remove_alias(checked(model), alias, reason, caller, expected), prefer, status=200
        )

    @router.get("/promotions/{promotion_id}", responses=documented(404), dependencies=[READ])
    async def show_promotion(promotion_id: str, prefer: Preferred) -> Promotion:
        """A promotion, rollback or removal. With `Prefer: wait=N` the answer is held until it is decided."""
        return await asked.shown(promotion_id, prefer)

    return router
