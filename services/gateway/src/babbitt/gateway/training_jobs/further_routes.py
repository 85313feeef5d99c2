"""Jobs beside trainings: `/v1/models/{model}/evaluations` and `…/imports`, `/v1/tuning-jobs`."""

from typing import Annotated

from fastapi import APIRouter, Response

from babbitt.contracts.tuning import TuningRequested
from babbitt.gateway.commands import command_documented
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import TRAIN, ScopedRoute
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.texts import WITHOUT_NUL
from babbitt.gateway.training_jobs.answers import queued
from babbitt.gateway.training_jobs.requests import JobRequests
from babbitt.gateway.training_jobs.schemas import NewEvaluation, NewImport, TrainingJob

ASKED = command_documented(TrainingJob)


def further_job_routes(requests: JobRequests) -> APIRouter:
    """The routes that ask for them; how they go is told as of any job, where `Location` says."""
    router = APIRouter(prefix="/v1", tags=["training jobs"], route_class=ScopedRoute)

    @router.post("/models/{model}/evaluations", response_model=None, status_code=202, responses=ASKED)
    async def evaluate(
        model: str, wanted: NewEvaluation, prefer: Preferred, caller: Annotated[Caller, TRAIN]
    ) -> Response:
        """Ask for a test of a version on a dataset's test split; what comes out stands with the job.

        With `Prefer: wait=N` the answer is held until the job is queued (201), or refused (its problem).
        """
        return await queued(requests.sessions, await requests.evaluate(model, wanted, caller), prefer)

    @router.post("/models/{model}/imports", response_model=None, status_code=202, responses=ASKED)
    async def take_in(model: str, wanted: NewImport, prefer: Preferred, caller: Annotated[Caller, TRAIN]) -> Response:
        """Ask for a version of an ONNX file that was uploaded: it is tested here, and passes the same gates.

        `Prefer` as for evaluations.
        """
        return await queued(requests.sessions, await requests.take_in(model, wanted, caller), prefer)

    @router.post("/tuning-jobs", response_model=None, status_code=202, responses=ASKED)
    async def tune(
        wanted: Annotated[TuningRequested, WITHOUT_NUL], prefer: Preferred, caller: Annotated[Caller, TRAIN]
    ) -> Response:
        """Ask for a study: trials of settings, then a training with the best ones. `base.job_id` names its job.

        `Prefer` as for evaluations; its trials are `GET /v1/training-jobs?study=…`.
        """
        return await queued(requests.sessions, await requests.tune(wanted, caller), prefer)

    return router
