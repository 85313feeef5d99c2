"""Versions as rows: a column a fact."""

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from babbitt.registry.domain.version import Candidate, Version

_CANDIDATES = TypeAdapter(Candidate)
_FACTS = tuple(one.name for one in fields(Candidate))


def candidate_row(candidate: Candidate) -> dict[str, Any]:
    """A candidate's columns."""
    return _CANDIDATES.dump_python(candidate, mode="json") | {"job_id": candidate.job_id}


def version_of(row: RowMapping) -> Version:
    """What a row of `versions` tells."""
    candidate = _CANDIDATES.validate_python({name: row[name] for name in _FACTS})
    return Version(row["number"], candidate, row["registered_at"], row["retired"])
