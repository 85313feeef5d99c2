"""RFC 9457 problems: one shape for HTTP errors and for refused requests."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from babbitt.contracts.envelope import Event
from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_EVENTS, TRAINING_EVENTS

PROBLEM_BASE = "urn:babbitt:problem:"


class FieldProblem(BaseModel):
    """One wrong value: where it stands (JSON pointer, parameter or tensor name), what was wrong, what is accepted."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    detail: str
    accepted: str | None = None


class Problem(BaseModel):
    """What went wrong, for programs (`type`, `status`) and for people (`title`, `detail`)."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(examples=[f"{PROBLEM_BASE}unknown-model"])]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    instance: str | None = None
    errors: tuple[FieldProblem, ...] = ()

    @classmethod
    def of(cls, slug: str, status: int, title: str, detail: str, **more: Any) -> "Problem":
        """A problem of a type of Babbitt's own, named by its slug."""
        return cls(type=f"{PROBLEM_BASE}{slug}", title=title, status=status, detail=detail, **more)


class RequestRefused(Event, topics=(DATASETS_EVENTS, TRAINING_EVENTS, MODELS_EVENTS)):
    """A request was read and the rules say no. It never changes the state of what it names.

    Attributes:
        request_id: the refused message's envelope id.
        request_type: its type.
        subject: the dataset, job or model that it named.
    """

    request_id: str
    request_type: str
    subject: str
    problem: Problem

    def key(self) -> str:
        return self.subject
