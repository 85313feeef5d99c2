"""`babbitt train`: start a job, watch it, list, show and cancel jobs."""

from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from babbitt.client.api.studies import Study
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.job_settings import Classes, Settings, class_map_of, folds_of, numbers_of, overrides_of
from babbitt.client.cli.model_report import print_report
from babbitt.client.cli.output import Json, print_json, print_list, print_one
from babbitt.client.cli.study_report import print_study
from babbitt.client.cli.training_columns import DETAILS, EPOCHS, LISTED
from babbitt.client.cli.training_curves import draw
from babbitt.client.cli.training_watch import Watch, attach, start

JobId = Annotated[UUID, typer.Argument(metavar="ID", help="As `list` shows it.")]

app = typer.Typer()


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Name of the model that the result becomes a version of.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="ID", help="Dataset to train on.")] = None,
    preset: Annotated[str | None, typer.Option(help="Model family and size, such as spectral_base.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Windows a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-9, max=10, help="Of the optimiser.")] = None,
    patience: Annotated[int | None, typer.Option(min=1, help="Epochs without gain until it stops.")] = None,
    settings: Settings = None,
    task: Annotated[
        Literal["multiclass", "multilabel", "one_class"] | None,
        typer.Option(help="What is to be told. Else what the dataset says."),
    ] = None,
    class_map: Classes = None,
    base: Annotated[
        int | None, typer.Option(metavar="VERSION", min=1, help="Version of this model that learning goes on from.")
    ] = None,
    members: Annotated[str | None, typer.Option(metavar="1,2,3", help="Versions that an ensemble asks.")] = None,
    folds: Annotated[
        str | None, typer.Option(metavar="N", help="Cross-validate by groups in N parts, or leave-one-group-out.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same weights.")] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="0,1,2", help="Several runs; the lowest validation loss is kept.")
    ] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Learning ends in time for the rest.")] = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="A trial of two minutes, never promoted by itself.")] = False,
    watch: Watch = False,
    as_json: Json = False,
) -> None:
    """Train a model on a dataset; or use one of the commands.

    Example: babbitt train --model pump --dataset 3f2a… --preset spectral_base --set config.hidden=128 --watch
    """
    if context.invoked_subcommand is not None:
        return
    if model is None or dataset is None:
        missing = " and ".join(name for name, value in (("--model", model), ("--dataset", dataset)) if value is None)
        raise typer.BadParameter(f"{missing} needed; or one of the commands list, show, watch, report, cancel")
    own = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "patience": patience}
    overrides, classes = overrides_of(settings or (), **own), class_map_of(class_map or ()) or None
    asked, runs, parts = numbers_of(members, "--members"), numbers_of(seeds, "--seeds"), folds_of(folds)
    with connect(context) as babbitt:
        start(
            babbitt,
            lambda job_id: babbitt.train(
                model, dataset, preset=preset, task=task, overrides=overrides, class_map=classes, base_version=base,
                members=asked, folds=parts, seed=seed, seeds=runs, budget_minutes=budget_minutes, quick=quick,
                job_id=job_id,
            ),
            watch=watch,
            as_json=as_json,
        )  # fmt: skip


@app.command()
def watch(context: typer.Context, job_id: JobId, *, as_json: Json = False) -> None:
    """Show a job until it ends, from its first epoch on; Ctrl-C detaches."""
    with connect(context) as babbitt:
        attach(babbitt, job_id, as_json=as_json)


@app.command("list")
def list_(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Only those of this model.")] = None,
    state: Annotated[str | None, typer.Option(help="Only those in this state, such as running.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only training, evaluation, import or tuning.")] = None,
    study: Annotated[UUID | None, typer.Option(metavar="ID", help="Only the trials of this tuning job.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show all jobs, the newest first."""
    with connect(context) as babbitt:
        found = babbitt.training_jobs(model=model, state=state, kind=kind, study=study)
        print_list(found, LISTED, as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    job_id: JobId,
    *,
    curves: Annotated[bool, typer.Option("--curves", help="Draw the curves instead of listing the epochs.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is known of one job, and its epochs."""
    with connect(context) as babbitt:
        job, found = babbitt.training_job(job_id), babbitt.training_curves(job_id)
    if as_json:
        print_json(job.model_dump(mode="json") | {"curves": found.model_dump(mode="json")["items"]})
        return
    print_one(job, DETAILS, as_json=False)
    if curves:
        draw(found)
    else:
        print_list(found.items, EPOCHS, as_json=False)


@app.command()
def report(
    context: typer.Context,
    job_id: JobId,
    figures: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write a tuning's figures there.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what a training, evaluation, import or tuning found, in full."""
    with connect(context) as babbitt:
        of_study = babbitt.training_job(job_id).kind == "tuning"
        told = babbitt.study_report(job_id) if of_study else babbitt.training_report(job_id)
        if figures and isinstance(told, Study):
            figures.mkdir(parents=True, exist_ok=True)
            for name in told.figures:
                (figures / f"{name}.png").write_bytes(babbitt.study_figure(job_id, name))
    if as_json:
        print_json(told)
    elif isinstance(told, Study):
        print_study(told)
    else:
        print_report(told)


@app.command()
def cancel(context: typer.Context, job_id: JobId, *, as_json: Json = False) -> None:
    """Ask for a job's end."""
    with connect(context) as babbitt:
        print_one(babbitt.cancel_training(job_id), DETAILS, as_json=as_json)
