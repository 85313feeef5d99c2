"""How a training job looks while it runs: a growing table and a bar on a terminal, lines elsewhere, or JSON."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from babbitt.client.cli.output import cell, console, print_json, shown
from babbitt.contracts.training import EpochCompleted, JobEvent, TrainProgressed, TrainQueued, TrainStarted
from babbitt.contracts.tuning import TrialCompleted, TuningCompleted

LEARNING = "learning"
SHOWN_EPOCHS = 15
"""The last ones: a table taller than the terminal cannot be drawn anew."""


class Display(Protocol):
    """What shows a job's events, in their order."""

    def show(self, said: JobEvent) -> None: ...


@contextmanager
def display(*, as_json: bool) -> Generator[Display]:
    """The display that suits where it is shown."""
    if as_json:
        yield JsonLines()
    elif console(stderr=True).is_terminal:
        with LiveTable().shown() as table:
            yield table
    else:
        yield Lines()


class JsonLines:
    """Every event, a line each."""

    def show(self, said: JobEvent) -> None:
        print_json({"type": said.type_name(), **said.model_dump(mode="json")})


class Lines:
    """A line an event, for files and pipes; between epochs one a phase."""

    def __init__(self) -> None:
        self._phase = LEARNING

    def show(self, said: JobEvent) -> None:
        if isinstance(said, TrainProgressed):
            told, self._phase = self._phase, said.phase
            if said.phase in {told, LEARNING}:
                return
        if text := line(said):
            console(stderr=True).print(text, soft_wrap=True)


class LiveTable:
    """A row an epoch and a bar over all of them, drawn in place."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns)
        self._task = self._bar.add_task("waiting", total=None)
        self._epochs: list[EpochCompleted] = []
        self._live = Live(self._drawn(), console=console(stderr=True))

    @contextmanager
    def shown(self) -> Generator["LiveTable"]:
        """Draws for as long as the context is open."""
        with self._live:
            yield self

    def show(self, said: JobEvent) -> None:
        match said:
            case EpochCompleted():
                self._epochs = [*self._epochs, said][-SHOWN_EPOCHS:]
                description = f"training{_of_runs(said)}{_left(said.eta_s)}"
                self._bar.update(self._task, completed=said.epoch, total=said.epochs, description=description)
            case TrainStarted():
                done = said.resumes_from_epoch
                self._bar.update(self._task, completed=done, total=said.epochs, description=line(said))
            case TrainQueued() | TrainProgressed() | TrialCompleted():
                self._bar.update(self._task, description=line(said))
            case _:
                pass  # checkpoints; the end is told below the table
        self._live.update(self._drawn())

    def _drawn(self) -> Group:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("run", "epoch", "train loss", "val. loss", "val. accuracy", "learning rate", "seconds"):
            table.add_column(heading, justify="right")
        for one in self._epochs:
            table.add_row(
                one.run_name or str(one.run), str(one.epoch), f"{one.train_loss:.4f}",
                shown(one.validation_loss, ".4f"), shown(one.validation_accuracy, ".2%"),
                f"{one.learning_rate:.2e}", f"{one.seconds:.1f}",
            )  # fmt: skip
        return Group(table, self._bar)


def line(said: JobEvent) -> str:
    """An event of a job in one line; empty where people need not see it."""
    match said:
        case TrainQueued():
            return "queued; waits for its dataset" if said.waits_for_dataset else "queued"
        case TrainStarted():
            resumed = f" from epoch {said.resumes_from_epoch}" if said.resumes_from_epoch else ""
            runs = f", {said.runs} runs" if said.runs > 1 else ""
            epochs = f", at most {said.epochs} epochs" if said.epochs else ""
            return f"attempt {said.attempt} on {said.device}{resumed}{epochs}{runs}"
        case TrainProgressed():
            return _progress(said)
        case EpochCompleted():
            return (
                f"{_of_runs(said)} epoch {said.epoch}/{said.epochs}  train loss {said.train_loss:.4f}  "
                f"{_of_validation(said)}"
                f"{said.seconds:.1f} s{_left(said.eta_s)}"
            ).lstrip()
        case TrialCompleted() | TuningCompleted():
            return _of_study(said)
        case _:
            return ""


def _of_validation(said: EpochCompleted) -> str:
    if said.validation_loss is None:
        return ""
    return f"validation loss {said.validation_loss:.4f}  accuracy {shown(said.validation_accuracy, '.2%')}  "


def _of_study(said: TrialCompleted | TuningCompleted) -> str:
    tried = ", ".join(f"{name}={cell(value)}" for name, value in said.settings.items())
    if isinstance(said, TuningCompleted):
        return f"trial {said.best_trial} of {said.trials} is the best ({tried}); job {said.job} trains it once more"
    loss = "" if said.validation_loss is None else f", validation loss {said.validation_loss:.4f}"
    best = ", the best so far" if said.best else ""
    return f"trial {said.trial} {said.state}{loss}{best} ({tried}){f': {said.reason}' if said.reason else ''}"


def _progress(said: TrainProgressed) -> str:
    """What it does now, how far that is, and how long learning will go on."""
    epoch = f" epoch {said.epoch}" if said.phase == LEARNING and said.epoch else ""
    steps = f" {said.step}/{said.steps}" if said.steps else ""
    speed = f", {said.samples_per_second:,.0f} windows/s" if said.samples_per_second else ""
    return f"{said.phase}{epoch}{steps}{speed}{_left(said.eta_s)}"


def _of_runs(said: EpochCompleted) -> str:
    return f" run {said.run}/{said.runs}" + (f" ({said.run_name})" if said.run_name else "") if said.runs > 1 else ""


def _left(eta_s: float | None) -> str:
    return "" if eta_s is None else f", {timedelta(seconds=round(eta_s))} left"
