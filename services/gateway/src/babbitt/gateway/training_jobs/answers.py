"""How a job is told to who asked for it."""

from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.gateway.commands import command_answer
from babbitt.gateway.errors import NotFound
from babbitt.gateway.preferences import Preferences
from babbitt.gateway.training_jobs.queries import find_job
from babbitt.gateway.training_jobs.schemas import TrainingJob
from babbitt.gateway.waiting import hold


async def queued(sessions: async_sessionmaker[AsyncSession], job_id: UUID, prefer: Preferences) -> Response:
    """The answer to a request for a job, held until it is queued (201) or refused where the caller waits for that."""

    async def look() -> TrainingJob:
        async with transaction(sessions) as session:
            return TrainingJob.model_validate(await find_job(session, job_id), from_attributes=True)

    job = await hold(look, lambda found: found.state != "requested", prefer.wait_s)
    waited = prefer.wait_s > 0
    problem = job.problem if waited and job.state == "refused" else None
    done = waited and job.state != "requested"
    return command_answer(job, f"/v1/training-jobs/{job_id}", prefer, done=done, problem=problem)


def identity_of(job_id: str) -> UUID:
    """The id in a path.

    Raises:
        NotFound: no job can have it.
    """
    try:
        return UUID(job_id)
    except ValueError as error:
        raise unknown(job_id) from error


def unknown(job_id: str) -> NotFound:
    """The answer to who asks for it."""
    return NotFound(f"there is no training job {job_id!r}")
