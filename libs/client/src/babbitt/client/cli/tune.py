"""`babbitt tune`: trials of settings, then a training with the best ones."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from babbitt.client.cli.gateway import connect
from babbitt.client.cli.job_settings import Settings, checked, overrides_of, read_json, value_of
from babbitt.client.cli.output import Json
from babbitt.client.cli.training_watch import Watch, start
from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.tuning import TuningRequested

_REAL = {
    name
    for name, setting in TrainOverrides.model_json_schema()["properties"].items()
    if any(kind.get("type") == "number" for kind in setting.get("anyOf", ()))
}
_BETWEEN = re.compile(r"(?P<low>[^,]+)\.\.(?P<high>[^,]+?)(?P<log>,log)?")


def tune(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="STUDY.json", help="A TuningRequested, instead of options.", exists=True, dir_okay=False
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model that the best one becomes a version of.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="ID", help="Dataset to train on.")] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="What is tried: learning_rate=1e-4..1e-2,log, epochs=5..40, 'config.hidden=[64,128]' (JSON).",
        ),
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Model family and size, such as spectral_base.")] = None,
    settings: Settings = None,
    trials: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    parallel: Annotated[int | None, typer.Option(min=1, help="So many at once, at most.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Of each trial, and of the last training.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the sampler.")] = None,
    *,
    prune: Annotated[bool, typer.Option(help="End trials early that lie behind.")] = True,
    watch: Watch = False,
    as_json: Json = False,
) -> None:
    """Try settings on the validation split, and train once more with the best ones.

    Its trials: babbitt train list --study ID.

    Example: babbitt tune --model pump --dataset 3f2a… --space learning_rate=1e-4..1e-2,log --trials 20 --watch
    """
    if file is not None:
        study = read_json(TuningRequested, file, "STUDY.json")
    else:
        overrides = overrides_of(settings or ()).model_dump(exclude_unset=True)
        base = {"model": model, "dataset": dataset, "preset": preset, "overrides": overrides}
        base = given(base | {"budget_minutes": budget_minutes})
        told = {"base": base, "space": space_of(space or ()), "prune": prune}
        study = checked(TuningRequested, told | given({"trials": trials, "parallel": parallel, "seed": seed}), "study")
    with connect(context) as babbitt:
        start(
            babbitt,
            lambda job_id: babbitt.tune(
                study.model_copy(update={"base": study.base.model_copy(update={"job_id": job_id})})
            ),
            watch=watch,
            as_json=as_json,
        )


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Those that were given."""
    return {name: value for name, value in options.items() if value is not None}


def space_of(said: Sequence[str]) -> dict[str, object]:
    """What is tried, by setting: an interval, a choice, or either as JSON."""
    found: dict[str, object] = {}
    for one in said:
        name, _, text = one.partition("=")
        if between := _BETWEEN.fullmatch(text):
            low, high = value_of(between["low"]), value_of(between["high"])
            whole = isinstance(low, int) and isinstance(high, int) and name not in _REAL
            found[name] = {
                "kind": "int" if whole else "float", "low": low, "high": high, "log": between["log"] is not None,
            }  # fmt: skip
        else:
            values = value_of(text)
            found[name] = {"kind": "choice", "values": values} if isinstance(values, list) else values
    return found
