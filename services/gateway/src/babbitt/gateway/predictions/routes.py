"""`/v1/models/{model}/predictions` and `/v1/predictions`."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.contracts.names import MachineName, ModelName
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.scopes import PREDICT, READ
from babbitt.gateway.pagination import AskedPage, Page, newest_first
from babbitt.gateway.predictions.ask import Predict
from babbitt.gateway.predictions.document import operation, responses
from babbitt.gateway.predictions.queries import find_prediction, history
from babbitt.gateway.predictions.schemas import Prediction
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import PREDICTIONS
from babbitt.gateway.waiting import hold


class DirectRoute(APIRoute):
    """A route in FastAPI's document whose endpoint is called with the request, without FastAPI's reading of it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself."""
        return self.endpoint


def predict_routes(predict: Predict) -> APIRouter:
    """The route of the hot path; it goes first."""
    router = APIRouter(tags=["predictions"], route_class=DirectRoute)

    @router.post(
        "/v1/models/{model}/predictions",  # noqa: FAST003 - the endpoint reads the path itself
        responses=responses(),
        openapi_extra=operation(),
        dependencies=[PREDICT],  # for the document; the endpoint checks the scope itself
        response_model=None,
    )
    async def ask(request: Request) -> Response:
        """Tell what a waveform means."""
        return await predict(request)

    return router


def prediction_routes(sessions: async_sessionmaker[AsyncSession]) -> APIRouter:
    """The routes of the prediction log."""
    router = APIRouter(prefix="/v1/predictions", tags=["predictions"], dependencies=[READ])

    @router.get("", responses=documented())
    async def list_predictions(
        paging: AskedPage,
        model: Annotated[ModelName | None, Query()] = None,
        machine: Annotated[MachineName | None, Query()] = None,
        state: Annotated[Literal["pending", "completed", "failed", "expired"] | None, Query()] = None,
        since: Annotated[AwareDatetime | None, Query()] = None,
        until: Annotated[AwareDatetime | None, Query()] = None,
    ) -> Page[Prediction]:
        """Predictions by machine, model and time, the newest first."""
        query = history(model, machine, state, since, until)
        async with transaction(sessions) as session:
            return await paging.page(session, query, newest_first(PREDICTIONS), Prediction)

    @router.get("/{prediction_id}", responses=documented(404))
    async def show_prediction(prediction_id: str, prefer: Preferred) -> Prediction:
        """One prediction. With `Prefer: wait=N` the answer is held until there is a result."""
        try:
            identity = UUID(prediction_id)
        except ValueError as error:
            raise NotFound(f"there is no prediction {prediction_id!r}") from error

        async def look() -> Any:
            async with transaction(sessions) as session:
                return await find_prediction(session, identity)

        row = await hold(look, lambda found: found is not None and found.state != "pending", prefer.wait_s)
        if row is None:
            raise NotFound(f"there is no prediction {prediction_id}")
        return Prediction.model_validate(row, from_attributes=True)

    return router
