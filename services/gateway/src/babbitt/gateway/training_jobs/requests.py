"""Asking `training`: one transaction writes what is asked for and the request itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import MessageTooLarge, Outbox
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import UPLOADS, new_id
from babbitt.contracts.training_requests import (
    EvaluationRequested,
    ImportRequested,
    TrainCancelRequested,
    TrainRequested,
)
from babbitt.contracts.tuning import TuningRequested
from babbitt.gateway.errors import Conflict, InvalidInput, NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.models.known import check_known, checked
from babbitt.gateway.settings import SOURCE
from babbitt.gateway.training_jobs.queries import JobRequest, find_job, locked_job, note_cancel, request_job
from babbitt.gateway.training_jobs.schemas import ENDED, NewEvaluation, NewImport
from babbitt.gateway.uploads.spool import Spool


@dataclass(frozen=True, slots=True)
class JobRequests:
    """What can be asked of `training`. The same request with the same job's id again is the same job.

    Attributes:
        spool: knows what was uploaded.
        committed: tells the relay that there is something to send.
    """

    sessions: async_sessionmaker[AsyncSession]
    spool: Spool
    committed: Callable[[], None]

    async def train(self, wanted: TrainRequested, caller: Caller) -> UUID:
        """Ask for a version; the job's id.

        Raises:
            Conflict: the id belongs to another job.
            InvalidInput: it says too much for a message.
        """
        job_id = wanted.job_id or new_id()
        return await self._ask(job_id, wanted.model_copy(update=_named(job_id, caller)))

    async def evaluate(self, model: str, wanted: NewEvaluation, caller: Caller) -> UUID:
        """Ask for a test of a version; the job's id.

        Raises:
            UnknownModel: no version of it was ever registered.
            Conflict, InvalidInput: as `train`.
        """
        async with transaction(self.sessions) as session:
            await check_known(session, checked(model), ())
        job_id = wanted.job_id or new_id()
        request = EvaluationRequested(model=model, **wanted.model_dump() | _named(job_id, caller))
        return await self._ask(job_id, request)

    async def take_in(self, model: str, wanted: NewImport, caller: Caller) -> UUID:
        """Ask for a version of a file that was uploaded; the job's id.

        Raises:
            UnknownModel: no model can have that name.
            InvalidInput: there is no such upload; or as `train`.
            Conflict: as `train`.
        """
        size_bytes = await self.spool.size_of(wanted.upload)
        if size_bytes is None:
            raise InvalidInput.at("/upload", "no file with this digest was uploaded", "the sha256 of an upload")
        job_id = wanted.job_id or new_id()
        request = ImportRequested(
            model=checked(model),
            artifact=ObjectReference(key=f"{UPLOADS}/{wanted.upload}", sha256=wanted.upload, size_bytes=size_bytes),
            data_spec=wanted.data_spec,
            model_spec=wanted.model_spec,
            dataset=wanted.dataset,
            origin=wanted.origin,
            budget_minutes=wanted.budget_minutes,
        )
        return await self._ask(job_id, request.model_copy(update=_named(job_id, caller)))

    async def tune(self, wanted: TuningRequested, caller: Caller) -> UUID:
        """Ask for a study; its job's id. Raises as `train`."""
        job_id = wanted.base.job_id or new_id()
        base = wanted.base.model_copy(update=_named(job_id, caller))
        request = wanted.model_copy(update={"base": base, "requested_by": caller.requested_by})
        return await self._ask(job_id, request)

    async def cancel(self, job_id: UUID, caller: Caller) -> None:
        """Ask for a job's end.

        Raises:
            NotFound: there is none.
            Conflict: it has ended already.
        """
        async with transaction(self.sessions) as session:
            row = await locked_job(session, job_id)
            if row is None:
                raise NotFound(f"there is no training job {job_id}")
            if row.state in ENDED:
                raise Conflict(f"the job is {row.state} already")
            request = TrainCancelRequested(job_id=job_id, requested_by=caller.requested_by)
            await note_cancel(session, job_id)
            await Outbox(session, SOURCE).publish(request, sequence=2)
        self.committed()

    async def _ask(self, job_id: UUID, request: JobRequest) -> UUID:
        request_id = new_id()
        try:
            async with transaction(self.sessions) as session:
                if await request_job(session, job_id, request, str(request_id)):
                    await Outbox(session, SOURCE).publish(request, sequence=1, event_id=request_id)
                else:
                    known = await find_job(session, job_id)
                    if known is None or known.request != request.model_dump(mode="json"):
                        raise Conflict(f"job {job_id} was asked for before, with another request")
        except MessageTooLarge as error:
            detail = f"all that it says is too much for a message: {error}"
            raise InvalidInput.at("", detail, "fewer or shorter names") from error
        self.committed()
        return job_id


def _named(job_id: UUID, caller: Caller) -> dict[str, Any]:
    return {"job_id": job_id, "requested_by": caller.requested_by}
