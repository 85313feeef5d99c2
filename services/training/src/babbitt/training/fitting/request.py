"""A request as a file, and what of it decides the weights."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.envelope import Request
from babbitt.contracts.recipes import FocalLoss, MixupAugmentation
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.families.preset import STEPS, BaseModel, FamilyConfig, Preset, Recipe
from babbitt.training.fitting.errors import BadRequest


def read_request[R: Request](path: Path, contract: type[R]) -> R:
    """The request in a JSON file.

    Raises:
        BadRequest: the file cannot be read, or a field is wrong.
    """
    try:
        return contract.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        findings = (
            f"{'/'.join(str(part) for part in finding['loc']) or 'request'}: {finding['msg']}"
            for finding in error.errors(include_url=False)
        )
        raise BadRequest(f"{path}: {'; '.join(findings)}") from error


def check_settings(request: TrainRequested, preset: Preset) -> None:
    """Whether a preset can do what a request asks for, as far as that shows without data and other versions.

    Raises:
        BadRequest: it cannot, or has no use for it; the message begins with the field.
    """
    recipe_of(request, preset.recipe)
    config, overrides = config_of(request, preset.config), request.overrides
    for name in sorted(config.ignores):
        if getattr(overrides, name) is not None:
            raise BadRequest(f"overrides/{name}: {preset.name} has no use for it")
    at_once = config.ignores >= STEPS
    if at_once and any(isinstance(one, MixupAugmentation) for one in overrides.augmentations or ()):
        raise BadRequest(f"overrides/augmentations: {preset.name} learns at once, without mixup")
    if request.members and config.made_of != "members":
        raise BadRequest(f"members: {preset.name} asks no other versions; an ensemble does")
    if request.folds and config.made_of == "members":
        raise BadRequest(f"folds: nothing of {preset.name} learns: there is nothing to leave a group out of")
    if request.base_version and config.made_of == "members":
        raise BadRequest(f"base_version: {preset.name} asks versions by members")
    if request.base_version and at_once and config.made_of == "nothing":
        raise BadRequest(f"base_version: {preset.name} learns at once, from nothing: it goes on from no version")


def recipe_of(request: TrainRequested, recipe: Recipe, data: DataSpec | None = None) -> Recipe:
    """The preset's recipe with what the request overrides and the dataset asks for.

    Raises:
        BadRequest: what is left of the preset's does not go with what was asked for.
    """
    asked = {name: value for name, value in request.overrides if name != "config" and value is not None}
    found = replace(recipe, **asked)
    mixing = any(isinstance(one, MixupAugmentation) for one in found.augmentations)
    if mixing and isinstance(found.loss, FocalLoss):
        raise BadRequest("overrides/augmentations: mixup mixes targets, for which the loss cross_entropy is accepted")
    if "severity_weight" not in asked and data and data.targets.severity:
        found = replace(found, severity_weight=1.0)
    if "patience" not in asked:
        found = replace(found, patience=min(found.patience, found.epochs))
    return found


def config_of(request: TrainRequested, config: FamilyConfig) -> FamilyConfig:
    """The preset's configuration with what the request overrides.

    Raises:
        BadRequest: the family has no such field, or no such value of it.
    """
    assert is_dataclass(config)
    known = {one.name: type(getattr(config, one.name)) for one in fields(config)}
    for name, value in request.overrides.config.items():
        if name not in known:
            raise BadRequest(f"overrides/config/{name}: there is no such field; accepted: {', '.join(sorted(known))}")
        if type(value) is not known[name] and not (known[name] is float and type(value) is int):
            raise BadRequest(f"overrides/config/{name}: {known[name].__name__} is accepted")
    try:
        return replace(config, **request.overrides.config)
    except ValueError as error:
        raise BadRequest(f"overrides/config/{error}") from error


WEIGHTS_FOLLOW_FROM = ("dataset", "preset", "task", "overrides", "class_map", "base_version", "members")
"""With the seeds and folds, which decide what runs there are."""


def weights_digest(request: TrainRequested, bases: Sequence[BaseModel] = ()) -> str:
    """SHA-256 of what decides the weights. Checkpoints are kept apart by it.

    What is not asked for is left out: a field of a later version changes nothing for jobs that began before.
    """
    asked = {*WEIGHTS_FOLLOW_FROM, "seed", "seeds", "folds", "quick"}
    content = request.model_dump(mode="json", include=asked, exclude_defaults=True)
    content["bases"] = [hashlib.sha256(base.onnx.read_bytes()).hexdigest() for base in bases]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
