"""The HTTP application: all routes, problems for errors, one OpenAPI document."""

from collections.abc import Sequence
from typing import Any

import yaml
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from babbitt.chassis.version import software_version
from babbitt.contracts.asyncapi import asyncapi_document
from babbitt.contracts.problems import Problem
from babbitt.gateway.predictions.document import schemas as prediction_schemas
from babbitt.gateway.problems import install

DESCRIPTION = """Tells which fault a rotating machine has, from its vibration.

Every call under `/v1` needs an API key: `Authorization: Bearer bbt_<id>_<secret>`. Every error is an RFC 9457 problem.
Commands answer 202 with a `Location`; with `Prefer: wait=N` they answer once they are done."""
_NEVER_SAID = ("HTTPValidationError", "ValidationError")
"""FastAPI's own shape of errors, in which nothing is answered here."""


def make_application(routers: Sequence[APIRouter], plain: Sequence[BaseRoute], *, kafka_prefix: str) -> FastAPI:
    """Put the routes together; the first that matches serves. `plain` ones are not in the document.

    The routes are taken over as they are: FastAPI's own way of including routers looks at each of them anew on every
    request.
    """
    application = FastAPIOffline(
        title="Babbitt",
        version=software_version(),
        description=DESCRIPTION,
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None},  # else the page shows the document to somebody else's service
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the front's are enough, and cost a tenth
    )
    install(application)
    application.router.routes[:0] = [*(route for router in routers for route in router.routes), *plain]

    events = yaml.safe_dump(asyncapi_document(software_version(), kafka_prefix), sort_keys=False, allow_unicode=True)

    async def asyncapi(_: Request) -> Response:
        return Response(events, media_type="application/yaml")

    application.add_route("/asyncapi.yaml", asyncapi, include_in_schema=False)
    document = make_document(application)
    application.openapi = lambda: document
    return application


def make_document(application: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    document = get_openapi(
        title=application.title,
        version=application.version,
        description=application.description,
        routes=application.routes,
    )
    schemas: dict[str, Any] = document["components"]["schemas"]
    problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas |= prediction_schemas() | problem.pop("$defs") | {"Problem": problem}
    for name in _NEVER_SAID:
        schemas.pop(name, None)
    return document
