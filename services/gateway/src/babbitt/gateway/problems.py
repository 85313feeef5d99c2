"""RFC 9457 problems as responses, and in the OpenAPI document."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.contracts.errors import pointer_to
from babbitt.contracts.problems import FieldProblem, Problem
from babbitt.gateway.errors import ApiError, Away, BodyTooLarge, InvalidInput

_LOG = logger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
_TITLES = {404: ("not-found", "There is no such resource"), 405: ("method-not-allowed", "The method is not allowed")}
_ACCEPTED = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "pattern": "text matching",
    "min_length": "at least this long:",
    "max_length": "at most this long:",
    "expected": "one of",
}


def problem_response(
    problem: Problem, *, headers: Mapping[str, str] | None = None, members: Mapping[str, Any] | None = None
) -> Response:
    """The answer that a problem is."""
    content = problem.model_dump(mode="json", exclude_none=True) | dict(members or {})
    body = json.dumps(content, separators=(",", ":")).encode()
    return Response(body, status_code=problem.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer with; those that every operation may are among them."""
    schema = {"$ref": "#/components/schemas/Problem"}
    everywhere = (400, 401, 403, 413, 422, 500, 503)
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*statuses, *everywhere})
    }


def install(application: FastAPI) -> None:
    """Answer every error with a problem."""
    application.add_exception_handler(ApiError, _api_error)
    application.add_exception_handler(Unavailable, _unavailable)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(HTTPException, _http_error)
    application.add_exception_handler(Exception, _bug)


def answer_to(error: ApiError) -> Response:
    """The response of an error of our own."""
    return problem_response(error.problem, headers=error.headers, members=error.members)


def answer_to_unavailable(error: Unavailable) -> Response:
    """The response when something outside is away."""
    return answer_to(Away(f"{error.what} is away"))


async def _api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return answer_to(error)


async def _unavailable(_: Request, error: Exception) -> Response:
    assert isinstance(error, Unavailable)
    _LOG.warning("not answered", reason=str(error))
    return answer_to_unavailable(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer_to(invalid_input(error.errors(), error.body))


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, BodyTooLarge):
        return problem_response(error.problem)
    slug, title = _TITLES.get(error.status_code, ("http-error", HTTPStatus(error.status_code).phrase))
    problem = Problem.of(slug, error.status_code, title, str(error.detail))
    return problem_response(problem, headers=error.headers)


async def _bug(_: Request, error: Exception) -> Response:
    _LOG.error("a request failed", exc_info=error)
    return problem_response(Problem.of("internal", 500, "Internal error", "this is a bug; it was logged"))


def invalid_input(findings: Any, body: Any = None) -> InvalidInput:
    """Pydantic's findings, each with where it stands: a JSON pointer into the body, or the parameter's name."""
    return InvalidInput.of(*(_field_problem(finding, body) for finding in list(findings)[:MOST_ERRORS]))


def _field_problem(finding: Mapping[str, Any], body: Any) -> FieldProblem:
    place, *parts = finding["loc"] or ("body",)
    if finding["type"] == "json_invalid":
        detail = f"not JSON, at character {parts[0] if parts else 0}: {finding['ctx']['error']}"
        return FieldProblem(pointer="", detail=detail, accepted="a JSON object")
    pointer = pointer_to(parts, body) if place == "body" else ".".join(str(part) for part in parts)
    said = [f"{words} {finding['ctx'][name]}" for name, words in _ACCEPTED.items() if name in finding.get("ctx", {})]
    return FieldProblem(pointer=pointer, detail=finding["msg"], accepted=", ".join(said) or None)
