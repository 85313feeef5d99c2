"""`/v1/models/{model}/promotions` and `…/rollbacks`: asking the registry; `/v1/promotions/{id}`: what became of it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from babbitt.chassis.database import transaction
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.errors import NotFound, UnknownModel
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import PROMOTE, READ, ScopedRoute
from babbitt.gateway.models.queries import find_promotion
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.schemas import NewPromotion, NewRollback, Promotion
from babbitt.gateway.preferences import Preferences, Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.texts import is_name
from babbitt.gateway.waiting import hold


def promotion_routes(requests: ModelRequests) -> APIRouter:
    """The routes of promotions and rollbacks."""
    router = APIRouter(prefix="/v1", tags=["promotions"], route_class=ScopedRoute)

    async def look(promotion_id: UUID) -> Any:
        async with transaction(requests.sessions) as session:
            return await find_promotion(session, promotion_id)

    async def answer(promotion_id: UUID, prefer: Preferences) -> Response:
        row = await hold(lambda: look(promotion_id), lambda found: found.state != "requested", prefer.wait_s)
        promotion = Promotion.model_validate(row, from_attributes=True)
        waited = prefer.wait_s > 0
        problem, done = promotion.problem if waited else None, waited and promotion.state == "applied"
        return command_answer(promotion, f"/v1/promotions/{promotion_id}", prefer, done=done, problem=problem)

    @router.post(
        "/models/{model}/promotions", response_model=None, status_code=202, responses=command_documented(Promotion)
    )
    async def promote(
        model: str, wanted: NewPromotion, prefer: Preferred, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for an alias to point at a version. With `Prefer: wait=N` the answer is held until it does."""
        return await answer(await requests.promote(_checked(model), wanted, caller), prefer)

    @router.post(
        "/models/{model}/rollbacks", response_model=None, status_code=202, responses=command_documented(Promotion)
    )
    async def roll_back(
        model: str, wanted: NewRollback, prefer: Preferred, caller: Annotated[Caller, PROMOTE]
    ) -> Response:
        """Ask for an alias to point back. With `Prefer: wait=N` the answer is held until it does."""
        return await answer(await requests.roll_back(_checked(model), wanted, caller), prefer)

    @router.get("/promotions/{promotion_id}", responses=documented(404), dependencies=[READ])
    async def show_promotion(promotion_id: str, prefer: Preferred) -> Promotion:
        """A promotion or rollback. With `Prefer: wait=N` the answer is held until it is decided."""
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


def _checked(model: str) -> str:
    if not is_name(model):
        raise UnknownModel(f"there is no model {model!r}")
    return model


def _unknown(promotion_id: str) -> NotFound:
    return NotFound(f"there is no promotion {promotion_id!r}")
