from uuid import UUID

from babbitt.contracts.training import TrainFailed, TrainQueued
from babbitt.registry.application.follow_jobs import FollowJobs

STUDY, TRIAL = UUID(int=1), UUID(int=2)


async def needs_after(in_memory, *told):
    """What jobs need of the model, by version."""
    async with in_memory.jobs() as (models, needs):
        await models.locked_or_new("pump")
        for job in told:
            follow = FollowJobs(needs)
            await (follow.queued(job) if isinstance(job, TrainQueued) else follow.ended(job))
        return (await models.locked("pump")).needs


def queued(job_id, study=None):
    return TrainQueued(job_id=job_id, model="pump", dataset="d" * 64, preset="x", needs=(3,), study=study)


def ended(job_id):
    return TrainFailed(job_id=job_id, model="pump", kind="diverged", reason="x")


async def test_a_study_needs_its_versions_until_it_ends_though_a_trials_beginning_is_heard_last(in_memory):
    assert await needs_after(in_memory, queued(STUDY)) == {3: {STUDY}}
    assert await needs_after(in_memory, ended(STUDY), queued(TRIAL, study=STUDY)) == {}
