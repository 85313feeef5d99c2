"""What training refuses, and how an attempt can end before its job does."""

from uuid import UUID

from babbitt.chassis.errors import Refused
from babbitt.contracts.problems import FieldProblem


class PresetUnknown(Refused):
    """No model family has this preset."""

    slug = "unknown-preset"
    status = 422
    title = "There is no such preset"

    def __init__(self, preset: str, known: tuple[str, ...]) -> None:
        accepted = ", ".join(known)
        problem = FieldProblem(pointer="/preset", detail=f"there is no preset {preset!r}", accepted=accepted)
        super().__init__(f"/preset: there is no preset {preset!r}; accepted: {accepted}", errors=(problem,))


class SettingsRefused(Refused):
    """The preset cannot do what the request asks for.

    Args:
        said: the field's path in the request, `: `, and why; or also what is accepted, after `; accepted: `.
    """

    slug = "unusable-settings"
    status = 422
    title = "The preset cannot do what is asked for"

    def __init__(self, said: str) -> None:
        field, _, why = said.partition(": ")
        detail, _, accepted = why.partition("; accepted: ")
        problem = FieldProblem(pointer=f"/{field}", detail=detail, accepted=accepted or None)
        super().__init__(f"/{said}", errors=(problem,))


class SpaceUnusable(Refused):
    """A study cannot try this: there is no such setting, or it takes no such values."""

    slug = "unusable-space"
    status = 422
    title = "What is to be tried cannot be"


class JobIdTaken(Refused):
    """The job id names another job, which is not touched."""

    slug = "job-id-taken"
    status = 409
    title = "The job id is taken by another request"


class JobEnded(Refused):
    """The job has ended: there is nothing left to cancel."""

    slug = "job-ended"
    status = 409
    title = "The job has ended"


class WrongState(Exception):
    """A transition that the table does not have: a bug."""


class SettingsUnusable(Exception):
    """Settings of a trial that do not go with each other: no job can try them."""


class LeaseLost(Exception):
    """The attempt no longer holds its job: it ran out, somebody else has it, or the job has ended. Say nothing more."""

    def __init__(self, job_id: UUID, attempt: int) -> None:
        super().__init__(f"attempt {attempt} of job {job_id} has lost its lease")


class DevicesWanted(Exception):
    """Another service computes on the attempt's devices now: the job is given back, and waits for others."""


class DatasetGone(Exception):
    """The job's dataset is not there any more, or is not what its manifest says."""

    kind = "dataset_missing"


class VersionGone(Exception):
    """A version that the job needs is not there any more, or is not what its digest says."""

    kind = "version_missing"
