"""What a study tries, as requests for jobs: each setting in its place, and a space that is refused before it begins."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from babbitt.contracts.problems import FieldProblem
from babbitt.contracts.recipes import (
    ConstantSchedule,
    CosineSchedule,
    CrossEntropy,
    FocalLoss,
    LinearSchedule,
    TrainOverrides,
)
from babbitt.contracts.training_requests import TrainRequested
from babbitt.contracts.tuning import Choice, Interval, TuningRequested
from babbitt.training.domain.study import Settings
from babbitt.training.errors import PresetUnknown, SettingsUnusable, SpaceUnusable
from babbitt.training.families.preset import FamilyConfig
from babbitt.training.families.registry import Presets
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.request import check_settings

PARTS = {
    "loss": {"cross_entropy": CrossEntropy, "focal": FocalLoss},
    "schedule": {"cosine": CosineSchedule, "linear": LinearSchedule, "constant": ConstantSchedule},
}
"""Parts of a recipe that are chosen by name, of which fields can be tried one by one."""
WHOLE = tuple(sorted(set(TrainOverrides.model_fields) - {*PARTS, "augmentations", "config"}))
INNER_SHARE = 0.381966
"""Where an interval is tried between its ends: nothing whole lies there by chance."""


def trial_request(base: TrainRequested, settings: Settings, presets: Presets, job_id: UUID) -> TrainRequested:
    """The base with what is tried.

    Raises:
        SettingsUnusable: they do not go with each other, or with the base.
    """
    preset_name = settings.get("preset", base.preset)
    overrides: dict[str, Any] = base.overrides.model_dump(exclude_none=True)
    recipe = presets.named(str(preset_name)).recipe
    for part, kinds in PARTS.items():
        tried = {name.partition(".")[2]: value for name, value in settings.items() if name.startswith(f"{part}.")}
        if tried:
            given = overrides.get(part) or getattr(recipe, part).model_dump()
            overrides[part] = _part(given, tried, kinds)
    for name, value in settings.items():
        if name.startswith("config."):
            overrides.setdefault("config", {})[name.removeprefix("config.")] = value
        elif name in WHOLE:
            overrides[name] = value
    try:
        found = TrainOverrides.model_validate(overrides)
    except ValidationError as error:
        said = (f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise SettingsUnusable("; ".join(said)) from error
    request = base.model_copy(update={"preset": preset_name, "overrides": found, "job_id": job_id})
    try:
        check_settings(request, presets.named(request.preset))
    except BadRequest as error:
        raise SettingsUnusable(str(error)) from error
    return request


def check_space(request: TuningRequested, presets: Presets) -> None:
    """Refuse what could not be tried: unknown presets and settings, and values that a setting does not take.

    Raises:
        PresetUnknown, SpaceUnusable: it cannot.
    """
    tried = request.space.get("preset")
    named = [str(value) for value in tried.values] if isinstance(tried, Choice) else [request.base.preset]
    for name in named:
        if name not in presets.names():
            raise PresetUnknown(name, presets.names())
    known = known_settings(named, presets)
    for name, space in request.space.items():
        if name not in known or (name == "preset" and isinstance(space, Interval)):
            raise _unusable(name, "there is no such setting, or no such values of it", known)
        for preset in named:
            for value in _probes(space):
                _try(request, presets, preset, name, value)


def known_settings(named: list[str], presets: Presets) -> tuple[str, ...]:
    """All that can be tried with each of some presets."""
    configs = [_fields_of(presets.named(name).config) for name in named]
    inner = {f"{part}.{name}" for part, kinds in PARTS.items() for kind in kinds.values() for name in kind.model_fields}
    return tuple(sorted({"preset", *WHOLE, *inner, *(f"config.{name}" for name in set.intersection(*configs))}))


def _fields_of(config: FamilyConfig) -> set[str]:
    assert is_dataclass(config)
    return {one.name for one in fields(config)}


def _try(request: TuningRequested, presets: Presets, preset: str, name: str, value: Any) -> None:
    for kind in _kinds(request, name):
        try:
            trial_request(request.base, {"preset": preset, **kind, name: value}, presets, UUID(int=0))
        except SettingsUnusable as error:
            raise _unusable(name, f"{value!r} is not accepted: {error}", ()) from error


def _kinds(request: TuningRequested, name: str) -> list[Settings]:
    """Of a part whose kind is tried too: the kinds that have such a field."""
    part, _, field = name.partition(".")
    if field == "name" or f"{part}.name" not in request.space:
        return [{}]
    return [{f"{part}.name": kind} for kind, model in PARTS.get(part, {}).items() if field in model.model_fields]


def _part(given: Mapping[str, Any], tried: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """A part with what is tried of it: where its kind is, what that kind does not have is left out."""
    if "name" not in tried:
        return {**given, **tried}
    kind = kinds.get(str(tried["name"]))
    kept = given if given.get("name") == tried["name"] else {}
    return {name: value for name, value in {**kept, **tried}.items() if kind is None or name in kind.model_fields}


def _probes(space: Interval | Choice) -> Iterator[Any]:
    match space:
        case Choice(values=values):
            yield from values
        case Interval(kind="int", low=low, high=high):
            yield from (int(low), int(high))
        case Interval(low=low, high=high):
            yield from (low, low + INNER_SHARE * (high - low), high)


def _unusable(name: str, detail: str, accepted: tuple[str, ...]) -> SpaceUnusable:
    problem = FieldProblem(pointer=f"/space/{name}", detail=detail, accepted=", ".join(accepted) or None)
    known = f"; accepted: {problem.accepted}" if accepted else ""
    return SpaceUnusable(f"/space/{name}: {detail}{known}", errors=(problem,))
