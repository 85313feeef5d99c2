"""What the OpenAPI document says of the prediction call, which is read by hand."""

from typing import Any

from babbitt.gateway.predictions.schemas import Accepted, PredictionAnswer, QueryDescription, WaveformBody
from babbitt.gateway.problems import documented

_REFERENCE = r"^[a-z0-9][a-z0-9-]{0,62}(@([a-z][a-z0-9-]{0,62}|[1-9][0-9]{0,8}))?$"


def operation() -> dict[str, Any]:
    """The operation's part of the document, besides what FastAPI finds."""
    return {"parameters": [*_PATH, *_HEADERS, *_query()], "requestBody": _body()}


def responses() -> dict[int | str, dict[str, Any]]:
    """The answers."""
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/PredictionAnswer"}}}
    accepted = {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}}
    return {
        200: {"description": "What the waveform means", "content": answer},
        202: {"description": "The answer will be at `Location`", "content": accepted},
        **documented(404, 415, 429, 504),
    }


def schemas() -> dict[str, Any]:
    """The schemas that these parts refer to."""
    found: dict[str, Any] = {}
    for model in (PredictionAnswer, Accepted, WaveformBody):
        mode = "validation" if model is WaveformBody else "serialization"
        schema = model.model_json_schema(mode=mode, ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found


def _body() -> dict[str, Any]:
    samples = {
        "schema": {"type": "string", "format": "binary"},
        "example": "",
    }
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/WaveformBody"}},
            "application/octet-stream": samples,
        },
    }


def _query() -> list[dict[str, Any]]:
    """The description of a body of samples; with a JSON body these are refused."""
    schema = QueryDescription.model_json_schema()
    return [
        {"name": name, "in": "query", "required": False, "schema": field, "description": "With a body of samples"}
        for name, field in schema["properties"].items()
    ]


_PATH = [
    {
        "name": "model",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": _REFERENCE},
        "description": "`pump`, `pump@challenger` or `pump@7`; none named means champion",
    }
]
_HEADERS = [
    {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": "`respond-async`: 202 at once, the answer at `Location` and as an event",
    },
    {
        "name": "Request-Timeout",
        "in": "header",
        "required": False,
        "schema": {"type": "number", "exclusiveMinimum": 0},
        "description": "Seconds, where the default is too long",
    },
]
