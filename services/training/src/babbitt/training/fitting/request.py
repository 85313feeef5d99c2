"""A request as a file, and what of it decides the weights."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from babbitt.contracts.training import TrainRequested
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.errors import BadRequest


def read_request(path: Path) -> TrainRequested:
    """The TrainRequested in a JSON file.

    Raises:
        BadRequest: the file cannot be read, or a field is wrong.
    """
    try:
        return TrainRequested.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        findings = (
            f"{'/'.join(str(part) for part in finding['loc']) or 'request'}: {finding['msg']}"
            for finding in error.errors(include_url=False)
        )
        raise BadRequest(f"{path}: {'; '.join(findings)}") from error


def recipe_of(request: TrainRequested, recipe: Recipe) -> Recipe:
    """The preset's recipe with what the request overrides."""
    return replace(recipe, **request.overrides.model_dump(exclude_none=True))


def weights_digest(request: TrainRequested) -> str:
    """SHA-256 of what decides the weights: dataset, preset, overrides and seed. Checkpoints are kept apart by it."""
    content = request.model_dump(mode="json", include={"dataset", "preset", "overrides", "seed"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
