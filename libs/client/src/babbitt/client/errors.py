"""What can go wrong with a call. Every error carries an RFC 9457 problem, whoever found it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
from pydantic import TypeAdapter, ValidationError

from babbitt.contracts.problems import FieldProblem, Problem


class BabbittError(Exception):
    """A call was not answered with what it asked for.

    Attributes:
        problem: what was wrong, where, and what is accepted.
        members: what the problem says beyond RFC 9457's own members.
        retry_after_s: seconds after which the service asks to be tried again, where it says so.
    """

    statuses: ClassVar[tuple[int, ...]] = ()

    def __init__(
        self, problem: Problem, *, members: Mapping[str, Any] | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(sentence(problem))
        self.problem = problem
        self.members = dict(members or {})
        self.retry_after_s = retry_after_s


class InvalidRequest(BabbittError):
    """A field, a parameter or the body is wrong; `problem.errors` names where and what is accepted."""

    statuses = (400, 405, 406, 411, 413, 415, 422)


class Unauthorized(BabbittError):
    """No key, or a wrong, expired or revoked one."""

    statuses = (401,)


class Forbidden(BabbittError):
    """The key's scopes do not allow it."""

    statuses = (403,)


class NotFound(BabbittError):
    """No such model, alias, version or id."""

    statuses = (404, 410)


class Conflict(BabbittError):
    """What the request builds on has changed, or the rules say no."""

    statuses = (409, 412)


class RateLimited(BabbittError):
    """Too many requests, or too long a queue; `retry_after_s` says when to come again."""

    statuses = (429,)


class Unavailable(BabbittError):
    """The service or what it depends on is away; or there is no connection to it."""

    statuses = (502, 503)


class DeadlinePassed(BabbittError):
    """No answer in time. A late result is kept under `prediction_id`."""

    statuses = (504,)

    @property
    def prediction_id(self) -> str | None:
        """What the prediction is called, where one was begun."""
        return self.members.get("prediction_id")


class ServiceFault(BabbittError):
    """The service failed in a way that it does not explain: a bug of the service's."""


class TrackingFailed(BabbittError):
    """A tracking server that something is exported to does not answer, or takes it not."""


_JSON_OBJECT = TypeAdapter(dict[str, Any])
_BY_STATUS = {
    status: kind
    for kind in (InvalidRequest, Unauthorized, Forbidden, NotFound, Conflict, RateLimited, Unavailable, DeadlinePassed)
    for status in kind.statuses
}


def sentence(problem: Problem) -> str:
    """The problem in one line: the wrong fields and what is accepted, where it names them."""
    fields = "; ".join(_field(error) for error in problem.errors)
    if not fields:
        text = problem.detail or problem.title
    elif problem.errors[0].detail in problem.detail:
        text = fields  # the detail only repeats the first of them
    else:
        text = f"{problem.detail.rstrip('.')}: {fields}"
    return " ".join(text.split())


def _field(error: FieldProblem) -> str:
    place = f"{error.pointer}: " if error.pointer else ""
    return f"{place}{error.detail}" + (f" (accepted: {error.accepted})" if error.accepted else "")


def error_of(response: httpx.Response) -> BabbittError:
    """The error that a read response with another status than the one asked for stands for."""
    kind = _BY_STATUS.get(response.status_code) or (ServiceFault if response.is_server_error else InvalidRequest)
    problem, members = _problem_of(response)
    return kind(problem, members=members, retry_after_s=retry_after_s(response))


def unreachable(url: httpx.URL, error: Exception) -> Unavailable:
    """There is no answer: refused, lost or too slow."""
    said = str(error) or type(error).__name__
    address = url.copy_with(query=None, fragment=None)
    return Unavailable(Problem.of("unreachable", 503, "No answer", f"no answer from {address}: {said}"))


def unexpected(response: httpx.Response, reason: str) -> ServiceFault:
    """The answer has the right status and is not its contract: most likely another version, or not Babbitt at all."""
    request = response.request
    detail = f"{request.method} {request.url.path} answered {response.status_code} with something unknown: {reason}"
    return ServiceFault(Problem.of("unexpected-answer", 500, "Unexpected answer", detail))


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds of `Retry-After`; None where it is absent or a date, which the gateway does not send."""
    given = response.headers.get("retry-after", "")
    return float(given) if given.isdecimal() else None


def _problem_of(response: httpx.Response) -> tuple[Problem, dict[str, Any]]:
    if response.headers.get("content-type", "").partition(";")[0].strip() == "application/problem+json":
        try:
            said: dict[str, Any] = _JSON_OBJECT.validate_json(response.content)
            members = {name: value for name, value in said.items() if name not in Problem.model_fields}
            return Problem.model_validate(said), members
        except ValidationError:
            pass
    # A proxy's page, or a server that is not Babbitt's: what it says is not repeated, only what it is.
    detail = f"{response.request.url.copy_with(query=None)} answered {response.status_code} {response.reason_phrase}"
    status = response.status_code if response.is_error else 500
    return Problem.of(
        "unexpected-answer", status, "Unexpected answer", f"{detail}, without a problem that says why"
    ), {}
