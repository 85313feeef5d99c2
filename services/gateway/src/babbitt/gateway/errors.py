"""What the API answers instead of what was asked for. Each class is one problem type; `status` is its HTTP status."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException

from babbitt.chassis.errors import Refused
from babbitt.contracts.problems import FieldProblem, Problem
from babbitt.gateway.limits import Limit


class ApiError(Refused):
    """An answer that is a problem.

    Attributes:
        headers: of the response.
        members: what the problem says beyond RFC 9457's own members.
    """

    def __init__(
        self,
        detail: str,
        *,
        errors: tuple[FieldProblem, ...] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
        instance: str | None = None,
    ) -> None:
        super().__init__(detail, errors=errors)
        self.problem = self.problem.model_copy(update={"instance": instance})
        self.headers = dict(headers or {})
        self.members = dict(members or {})


class InvalidInput(ApiError):
    """A field, parameter or the body is wrong; the errors name where and what is accepted."""

    slug, status, title = "invalid-input", 422, "The request is not what is accepted"

    @classmethod
    def at(cls, pointer: str, detail: str, accepted: str | None = None) -> "InvalidInput":
        """One wrong field or parameter."""
        return cls.of(FieldProblem(pointer=pointer, detail=detail, accepted=accepted))

    @classmethod
    def of(cls, *errors: FieldProblem) -> "InvalidInput":
        """Wrong fields or parameters, told by the first."""
        return cls(f"{errors[0].pointer or 'the body'}: {errors[0].detail}", errors=errors)


class InvalidCursor(ApiError):
    """A cursor or `Last-Event-ID` that this service did not give, or that belongs to another question."""

    slug, status, title = "invalid-cursor", 400, "The cursor is none of this question's"


class Unauthorized(ApiError):
    """No key, or a wrong, expired or revoked one."""

    slug, status, title = "unauthorized", 401, "A valid API key is needed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="babbitt"'})


class MissingScope(ApiError):
    """The key's scopes do not allow it."""

    slug, status, title = "missing-scope", 403, "The key's scopes do not allow this"


class NotFound(ApiError):
    """There is no such resource."""

    slug, status, title = "not-found", 404, "There is no such resource"


class UnknownModel(NotFound):
    """There is no such model."""

    slug, title = "unknown-model", "There is no such model"


class UnknownReference(NotFound):
    """The model has no such alias or version."""

    slug, title = "unknown-reference", "The model has no such alias or version"


class Conflict(ApiError):
    """The resource is in a state that does not allow it."""

    slug, status, title = "conflict", 409, "The resource's state does not allow this"


class Gone(ApiError):
    """What the resource consists of is not in the object store any more, or damaged."""

    slug, status, title = "gone", 410, "The resource's objects are gone"


class UnsupportedMedia(ApiError):
    """The body is of a kind that is not read."""

    slug, status, title = "unsupported-media-type", 415, "The body is of a kind that is not read"


class TooManyStreams(ApiError):
    """Too many readers of older events at once."""

    slug, status, title = "too-many-catch-ups", 429, "Too many streams are catching up"


class NotServed(ApiError):
    """No replica answers for the model now."""

    slug, status, title = "not-served", 503, "No replica serves this now"


class Away(ApiError):
    """Something that the answer needs is away."""

    slug, status, title = "unavailable", 503, "Something this needs is away"

    def __init__(self, detail: str, *, retry_after_s: int = 2, **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)}, **more)


class DeadlinePassed(ApiError):
    """No answer in time."""

    slug, status, title = "deadline-passed", 504, "No answer in time"


class BodyTooLarge(HTTPException):
    """The body is over its limit. Raised while it is being read, where only an HTTPException passes through."""

    def __init__(self, limit: Limit) -> None:
        detail = f"the body is over the limit of {limit.size_bytes} bytes{limit.instead}"
        super().__init__(status_code=413, detail=detail)
        self.problem = Problem.of("body-too-large", 413, "The body is too large", detail)
