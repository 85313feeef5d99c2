"""Settings of jobs as they are written on a command line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.training_requests import ClassMap

ONE_GROUP_OUT = "leave-one-group-out"

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Replaces the preset's: weight_decay=0.1, config.hidden=128, loss.name=focal, 'schedule={…}' (JSON).",
    ),
]
Classes = Annotated[
    list[str] | None,
    typer.Option(
        "--class-map",
        metavar="CLASS=NAME|FILE",
        help='What becomes of its classes: worn=faulty, odd=null (dropped), \'both=["a","b"]\'; or a JSON file.',
    ),
]


def checked[T](kind: type[T], given: object, option: str) -> T:
    """What was given, as its contract.

    Raises:
        typer.BadParameter: it is not; says where.
    """
    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in found["loc"])
        raise typer.BadParameter(f"{place}: {found['msg']}" if place else found["msg"], param_hint=option) from error


def read_json[T](kind: type[T], path: Path, option: str) -> T:
    """A JSON file, as its contract.

    Raises:
        typer.BadParameter: it is not.
        OSError: it cannot be read.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no JSON: {error}", param_hint=option) from error
    return checked(kind, given, option)


def value_of(text: str) -> Any:
    """JSON where it is that, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def overrides_of(settings: Sequence[str], **given: object) -> TrainOverrides:
    """What replaces the preset's values.

    Args:
        settings: each `name=value`, with dots into what a setting holds.
        given: those that have options of their own; None: not given.

    Raises:
        typer.BadParameter: there is no such setting, or it has no such values.
    """
    found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for one in settings:
        name, told, text = one.partition("=")
        *parts, last = name.split(".")
        held = found
        for part in parts:
            held = held.setdefault(part, {})
            if not isinstance(held, dict):
                raise typer.BadParameter(f"{name}: {part} is given as a whole already", param_hint="--set")
        if not told or last in held:
            wrong = "is given twice" if told else "has no value: write NAME=VALUE"
            raise typer.BadParameter(f"{name} {wrong}", param_hint="--set")
        held[last] = value_of(text)
    return checked(TrainOverrides, found, "--set")


def class_map_of(said: Sequence[str]) -> ClassMap:
    """What becomes of classes.

    Raises:
        typer.BadParameter: no class has such a name.
        OSError: a file cannot be read.
    """
    found: ClassMap = {}
    for one in said:
        name, told, text = one.partition("=")
        if told:
            found |= checked(ClassMap.__value__, {name: value_of(text)}, "--class-map")
        else:
            found |= read_json(ClassMap.__value__, Path(one), "--class-map")
    return found


def numbers_of(text: str | None, option: str) -> tuple[int, ...]:
    """`0,1,2`. Raises typer.BadParameter."""
    return checked(tuple[int, ...], text.split(",") if text else (), option)


def folds_of(text: str | None) -> int | str | None:
    """A number of folds, or one for each group. Raises typer.BadParameter."""
    if text is None or text.isdecimal():
        return text and int(text)
    if text.replace("_", "-") != ONE_GROUP_OUT:
        raise typer.BadParameter(f"{text!r}: a number, or {ONE_GROUP_OUT}", param_hint="--folds")
    return ONE_GROUP_OUT.replace("-", "_")
