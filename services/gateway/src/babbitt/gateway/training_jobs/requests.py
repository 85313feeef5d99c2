"""Asking `training`: one transaction writes what is asked for and the request itself."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.names import new_id
from babbitt.contracts.training import TrainCancelRequested, TrainRequested
from babbitt.gateway.errors import Conflict, NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.settings import SOURCE
from babbitt.gateway.training_jobs.queries import find_job, locked_job, note_cancel, request_job
from babbitt.gateway.training_jobs.schemas import ENDED


@dataclass(frozen=True, slots=True)
class JobRequests:
    """What can be asked of `training`.

    Attributes:
        committed: tells the relay that there is something to send.
    """

    sessions: async_sessionmaker[AsyncSession]
    committed: Callable[[], None]

    async def train(self, wanted: TrainRequested, caller: Caller) -> UUID:
        """Ask for a job; its id. The same request with the same id again is the same job.

        Raises:
            Conflict: the id belongs to another job.
        """
        request_id, job_id = new_id(), wanted.job_id or new_id()
        request = wanted.model_copy(update={"job_id": job_id, "requested_by": caller.requested_by})
        async with transaction(self.sessions) as session:
            if await request_job(session, request, str(request_id)):
                await Outbox(session, SOURCE).publish(request, sequence=1, event_id=request_id)
            else:
                known = await find_job(session, job_id)
                if known is None or known.request != request.model_dump(mode="json"):
                    raise Conflict(f"job {job_id} was asked for before, with another request")
        self.committed()
        return job_id

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
