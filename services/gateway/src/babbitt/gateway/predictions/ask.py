"""One prediction, from the request to the answer. The hot path: no database, and FastAPI only for its document."""

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import Executor
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.requests import Request
from starlette.responses import Response

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Refused, Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.readiness import Readiness
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.names import new_id
from babbitt.contracts.predictions import PredictionCompleted, PredictionFailed, PredictionRequested, PredictionResult
from babbitt.gateway.errors import ApiError, Away, InvalidInput, NotServed
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import check_scope
from babbitt.gateway.metrics import PREDICTIONS
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.predictions.dispatch import Dispatcher, Question
from babbitt.gateway.predictions.preparation import Prepared, needs_resampling, prepare
from babbitt.gateway.predictions.queries import add_pending, drop_pending
from babbitt.gateway.predictions.schemas import Accepted, PredictionAnswer
from babbitt.gateway.predictions.waveforms import read_waveform
from babbitt.gateway.preferences import read_preferences
from babbitt.gateway.problems import problem_response
from babbitt.gateway.settings import GatewaySettings
from babbitt.gateway.system.roster import Roster

_LOG = logger(__name__)

RETRY_NOT_SERVED = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Predict:
    """Answers `POST /v1/models/{model}/predictions`.

    Attributes:
        needs: the checks of `readiness` without which there is no answer. That a replica stops is none of them: what it
            takes, it answers.
        threads: where large bodies are read and resampled.
    """

    settings: GatewaySettings
    readiness: Readiness
    needs: Collection[str]
    aliases: Aliases
    roster: Roster
    dispatcher: Dispatcher
    sessions: async_sessionmaker[AsyncSession]
    threads: Executor

    async def __call__(self, request: Request) -> Response:
        """The answer, or the place where it will be.

        Raises:
            ApiError: the problem that is the answer.
        """
        try:
            response = await self._answer(request)
        except Refused as error:
            PREDICTIONS.labels(str(error.problem.status)).inc()
            raise
        except Unavailable:
            PREDICTIONS.labels("503").inc()
            raise
        PREDICTIONS.labels(str(response.status_code)).inc()
        return response

    async def _answer(self, request: Request) -> Response:
        caller: Caller = request.state.caller
        check_scope(caller, "predict")
        if missing := {check: why for check, why in self.readiness.reasons().items() if check in self.needs}:
            _LOG.warning("not answered", missing=missing)
            raise Away(f"not ready: {', '.join(missing)}")
        name: str = request.path_params["model"]
        target = self.aliases.resolve(name)
        waveform = await read_waveform(request, self.threads)
        respond_async = read_preferences(request.headers.get("prefer")).respond_async
        limit_s = self.settings.async_deadline_s if respond_async else self.settings.prediction_deadline_s
        timeout_s = _timeout_s(request.headers.get("request-timeout"), limit_s)
        if needs_resampling(waveform, target):
            prepared = await asyncio.get_running_loop().run_in_executor(self.threads, prepare, waveform, target)
        else:
            prepared = prepare(waveform, target)
        if not self.roster.serves(target.model, target.reference):
            detail = f"no replica serves {target.model}@{target.reference} now"
            raise NotServed(detail, headers=RETRY_NOT_SERVED)
        asked = self._request(target, prepared, waveform.description.machine, timeout_s, respond_async=respond_async)
        if respond_async:
            return await self._accept(Question(asked, prepared), caller)
        return _response(await self.dispatcher.ask(Question(asked, prepared)))

    def _request(
        self, target: AliasAssigned, prepared: Prepared, machine: str | None, timeout_s: float, *, respond_async: bool
    ) -> PredictionRequested:
        return PredictionRequested(
            prediction_id=new_id(),
            model=target.model,
            reference=target.reference,
            sampling_rate_hz=prepared.sampling_rate_hz,
            resampled_from_hz=prepared.resampled_from_hz,
            shaft_speed_hz=prepared.shaft_speed_hz,
            fault_orders=prepared.fault_orders,
            machine=machine,
            deadline_ms=int((time.time() + timeout_s) * 1000),
            reply_to=None if respond_async else self.settings.instance,
            warnings=prepared.warnings,
        )

    async def _accept(self, question: Question, caller: Caller) -> Response:
        """Take note that an answer is owed, then ask; nobody waits."""
        prediction_id = question.request.prediction_id
        async with transaction(self.sessions) as session:
            await add_pending(session, question.request, caller.requested_by)
        try:
            async with asyncio.timeout(self.settings.prediction_deadline_s):
                await self.dispatcher.send(question)
        except (TimeoutError, Unavailable) as error:
            async with transaction(self.sessions) as session:
                await drop_pending(session, prediction_id)
            raise Away("the prediction could not be handed over") from error
        headers = {"Location": _place(prediction_id), "Preference-Applied": "respond-async"}
        accepted = Accepted(prediction_id=prediction_id)
        return Response(accepted.model_dump_json(), 202, headers, media_type="application/json")


def _timeout_s(header: str | None, limit_s: float) -> float:
    """Seconds until the deadline: what `Request-Timeout` asks for, where that is shorter."""
    if header is None:
        return limit_s
    try:
        asked_s = float(header)
    except ValueError:
        asked_s = -1.0
    if not 0 < asked_s < float("inf"):
        raise InvalidInput.at("Request-Timeout", "not a number of seconds", "seconds, more than 0")
    return min(asked_s, limit_s)


def _response(result: PredictionResult) -> Response:
    match result:
        case PredictionCompleted():
            answer = PredictionAnswer.model_construct(**{name: getattr(result, name) for name in _ANSWER})
            return Response(answer.model_dump_json(), media_type="application/json")
        case PredictionFailed():
            prediction_id = str(result.prediction_id)
            problem = result.problem.model_copy(update={"instance": _place(result.prediction_id)})
            headers = RETRY_NOT_SERVED if problem.status in {429, 503} else {}
            return problem_response(problem, headers=headers, members={"prediction_id": prediction_id})
        case _:
            raise ApiError(f"{type(result).__name__} is no result")


def _place(prediction_id: UUID) -> str:
    return f"/v1/predictions/{prediction_id}"


_ANSWER = tuple(PredictionAnswer.model_fields)
