"""What names, references and texts may be."""

import pytest
from pydantic import TypeAdapter, ValidationError

from babbitt.contracts.catalogue import all_messages
from babbitt.contracts.envelope import Request
from babbitt.contracts.names import Reason, version_of
from babbitt.contracts.schemas import schema_of

REQUESTS = [contract for contract in all_messages() if issubclass(contract, Request)]


def unbounded(schema, path="$"):
    """Where a schema takes text of any characters."""
    if isinstance(schema, dict):
        if schema.get("type") == "string" and not schema.keys() & {"pattern", "format", "enum", "const"}:
            yield path
        for name, part in schema.items():
            yield from unbounded(part, f"{path}.{name}")
    elif isinstance(schema, list):
        for part in schema:
            yield from unbounded(part, path)


@pytest.mark.parametrize("contract", REQUESTS, ids=lambda contract: contract.type_name())
def test_no_text_of_a_request_may_hold_what_a_database_does_not(contract):
    assert list(unbounded(schema_of(contract))) == []


@pytest.mark.parametrize(
    ("reference", "version"), [("7", 7), ("999999999", 999_999_999), ("champion", None), ("0", None), ("07", None)]
)
def test_a_reference_is_a_version_number_or_an_alias(reference, version):
    assert version_of(reference) == version


@pytest.mark.parametrize("nothing", ["", "\u0667", "1\n", "1000000000"])
def test_what_only_looks_like_a_number_is_no_version(nothing):
    assert version_of(nothing) is None


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u200b", " . ", "x\x00", "\U0001f44d"])
def test_a_reason_says_something(blank):
    with pytest.raises(ValidationError):
        TypeAdapter(Reason).validate_python(blank)


@pytest.mark.parametrize(
    "reason", ["7", "cut with overlap: demonstration", "\u0440\u0435\u043c\u043e\u043d\u0442", "\u8a66\u9a13"]
)
def test_a_reason_is_of_any_language(reason):
    assert TypeAdapter(Reason).validate_python(reason) == reason
