"""Follows a job from its events to its end."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Annotated
from uuid import UUID

import typer

from babbitt.client.api.training_jobs import TrainingJob
from babbitt.client.cli.exit_codes import ENDED_BADLY, INTERRUPTED
from babbitt.client.cli.output import print_one
from babbitt.client.cli.training_columns import DETAILS, why
from babbitt.client.cli.training_display import Display, display
from babbitt.client.clients import Babbitt
from babbitt.client.events import StreamedEvent
from babbitt.contracts.envelope import Message
from babbitt.contracts.names import new_id
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.topics import TRAINING_EVENTS
from babbitt.contracts.training import (
    EpochCompleted,
    EvaluationCompleted,
    JobEvent,
    TrainCancelled,
    TrainCompleted,
    TrainFailed,
)
from babbitt.contracts.tuning import TuningCompleted

HELD_S = 20.0
"""How long one answer is held at most; then it is asked for again."""
ENDS = (TrainCompleted, EvaluationCompleted, TuningCompleted, TrainFailed, TrainCancelled, RequestRefused)
Watch = Annotated[bool, typer.Option("--watch", help="Show it until it ends; Ctrl-C detaches, exit 3: no model.")]
LOOK_S = 1.0
"""An end that was said just before the stream was opened is known to the gateway within this."""


def start(babbitt: Babbitt, submit: Callable[[UUID], TrainingJob], *, watch: bool, as_json: bool) -> TrainingJob:
    """Submit a job and print it; where it is watched, print what became of it.

    Returns:
        The job as it was printed.

    Raises:
        typer.Exit: it ended without a model, or the watcher left.
    """
    job_id = new_id()
    if not watch:
        job = submit(job_id)
        print_one(job, DETAILS, as_json=as_json)
        return job
    # The stream first: nothing that is said of the job can be missed.
    with babbitt.events(topics=[TRAINING_EVENTS.name], subject=str(job_id)) as events:
        submit(job_id)
        return _follow(babbitt, events, job_id, (), as_json=as_json)


def attach(babbitt: Babbitt, job_id: UUID, *, as_json: bool) -> None:
    """Show a job that was submitted before, and print what became of it.

    Raises:
        typer.Exit: as `start`.
    """
    with babbitt.events(topics=[TRAINING_EVENTS.name], subject=str(job_id)) as events:
        job = babbitt.training_job(job_id, wait_s=LOOK_S)
        said = [
            EpochCompleted(
                job_id=job_id, model=job.model, runs=job.runs or 1, epochs=job.epochs or one.epoch, **one.model_dump()
            )
            for one in babbitt.training_curves(job_id).items
        ]
        _follow(babbitt, () if job.has_ended else events, job_id, said, as_json=as_json)


def _follow(
    babbitt: Babbitt, events: Iterable[StreamedEvent], job_id: UUID, said: Iterable[EpochCompleted], *, as_json: bool
) -> TrainingJob:
    try:
        with display(as_json=as_json) as shown:
            _show_until_it_ends(chain(said, (event.message for event in events)), shown)
        job = babbitt.training_job(job_id, wait_s=HELD_S)
        while not job.has_ended:
            job = babbitt.training_job(job_id, wait_s=HELD_S)
    except KeyboardInterrupt:
        typer.echo(f"babbitt: the job goes on; babbitt train watch {job_id} shows it again", err=True)
        raise typer.Exit(INTERRUPTED) from None
    print_one(job, DETAILS, as_json=as_json)
    if job.state != "completed":
        typer.echo(f"babbitt: the job is {job.state}: {why(job) or ''}".rstrip(": "), err=True)
        raise typer.Exit(ENDED_BADLY)
    return job


def _show_until_it_ends(messages: Iterable[Message | None], shown: Display) -> None:
    epochs: set[tuple[int, int]] = set()
    for said in messages:
        if isinstance(said, EpochCompleted):
            if (said.run, said.epoch) in epochs:
                continue  # in the curves and in the stream
            epochs.add((said.run, said.epoch))
        if isinstance(said, JobEvent):
            shown.show(said)
        if isinstance(said, ENDS):
            return
