"""JSON Schemas of all messages, generated from the contracts."""

from typing import Any

from babbitt.contracts.envelope import Message

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(contract: type[Message]) -> dict[str, Any]:
    """The JSON Schema of a message's data."""
    return {"$schema": DIALECT, **contract.model_json_schema()}
