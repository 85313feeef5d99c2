"""`babbitt train`: start a job, watch it, list, show and cancel jobs."""

from typing import Annotated
from uuid import UUID

import typer

from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json, print_json, print_list, print_one
from babbitt.client.cli.training_columns import DETAILS, EPOCHS, LISTED
from babbitt.client.cli.training_curves import draw
from babbitt.client.cli.training_watch import attach, start
from babbitt.contracts.recipes import TrainOverrides

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
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same weights.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="The job fails when it takes longer.")] = None,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it until it ends; Ctrl-C detaches, exit 3: no model.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model on a dataset; or use one of the commands.

    Example: babbitt train --model pump --dataset 3f2a… --preset spectral_base --watch
    """
    if context.invoked_subcommand is not None:
        return
    if model is None or dataset is None:
        missing = " and ".join(name for name, value in (("--model", model), ("--dataset", dataset)) if value is None)
        raise typer.BadParameter(f"{missing} needed; or one of the commands list, show, watch, cancel")
    overrides = TrainOverrides(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, patience=patience)
    with connect(context) as babbitt:
        start(
            babbitt,
            lambda job_id: babbitt.train(
                model, dataset, preset=preset, overrides=overrides, seed=seed, budget_minutes=budget_minutes,
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
def cancel(context: typer.Context, job_id: JobId, *, as_json: Json = False) -> None:
    """Ask for a job's end."""
    with connect(context) as babbitt:
        print_one(babbitt.cancel_training(job_id), DETAILS, as_json=as_json)
