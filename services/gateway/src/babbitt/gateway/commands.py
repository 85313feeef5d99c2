"""How commands are answered: 202 and where the resource is, or, with `Prefer: wait=N`, what became of it."""

from typing import Any

from fastapi import Response
from pydantic import BaseModel

from babbitt.contracts.problems import Problem
from babbitt.gateway.preferences import Preferences
from babbitt.gateway.problems import documented, problem_response


def command_answer(
    resource: BaseModel,
    place: str,
    prefer: Preferences,
    *,
    done: bool,
    problem: Problem | None = None,
    status: int = 201,
) -> Response:
    """The answer: the problem with its status, `status` once it is done, else 202.

    Args:
        resource: as it is now.
        place: its address.
        prefer: what the caller prefers, and is told of.
        done: whether what was asked for is reached.
        problem: why it came to nothing, where the caller waited for that.
        status: of a command that is done.
    """
    headers = {"Location": place, **prefer.applied}
    if problem is not None:
        return problem_response(problem.model_copy(update={"instance": place}), headers=headers)
    return Response(resource.model_dump_json(), status if done else 202, headers, media_type="application/json")


def command_documented(kind: type[BaseModel], *statuses: int, done: int = 201) -> dict[int | str, dict[str, Any]]:
    """The answers of a command in the OpenAPI document; a refusal has the status that the deciding service gave it."""
    return {
        done: {"model": kind, "description": "Done, for a caller who waited"},
        202: {"model": kind, "description": "Asked for; `Location` tells how it goes"},
        "default": documented()[500] | {"description": "Refused, for a caller who waited"},
        **documented(404, 409, *statuses),
    }
