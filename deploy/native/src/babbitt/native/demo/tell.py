"""Events as lines on a terminal, as they come."""

from functools import singledispatch

from rich.console import Console

from babbitt.contracts.datasets import DatasetProgressed, DatasetReady
from babbitt.contracts.envelope import Message
from babbitt.contracts.models import ModelGateEvaluated, ModelPromoted
from babbitt.contracts.training import EpochCompleted, TrainCompleted, TrainQueued, TrainStarted

BAR_WIDTH = 24


def tell(console: Console, message: Message) -> None:
    """Print an event, if it is one that people wait for."""
    line = _line(message)
    if line:
        console.print(line, highlight=False)


@singledispatch
def _line(message: Message) -> str | None:  # noqa: ARG001 - the other events are not told
    return None


@_line.register
def _(message: DatasetProgressed) -> str:
    return f"  dataset  {message.shards_done}/{message.shards} shards"


@_line.register
def _(message: DatasetReady) -> str:
    records = {split: sum(classes.values()) for split, classes in message.counts.items()}
    return f"  dataset  ready: {', '.join(f'{count} {split}' for split, count in records.items())}"


@_line.register
def _(message: TrainQueued) -> str:
    return "  training queued" + (", waits for its dataset" if message.waits_for_dataset else "")


@_line.register
def _(message: TrainStarted) -> str:
    return f"  training started on {message.device}, {message.epochs} epochs at most"


@_line.register
def _(message: EpochCompleted) -> str:
    done = round(BAR_WIDTH * message.epoch / message.epochs)
    bar = f"[cyan]{'━' * done}[/][dim]{'━' * (BAR_WIDTH - done)}[/]"
    validation = (
        f"validation {message.validation_loss:.4f}, {message.validation_accuracy:.1%} right  "
        if message.validation_loss is not None and message.validation_accuracy is not None
        else ""
    )
    return (
        f"  epoch {message.epoch:>3}/{message.epochs} {bar} loss {message.train_loss:.4f}  "
        f"{validation}{message.seconds:.1f} s"
    )


@_line.register
def _(message: TrainCompleted) -> str:
    return (
        f"  training completed in {message.seconds:.0f} s: {message.evaluation.record_accuracy:.1%} of "
        f"{message.evaluation.records} test records right, ONNX differs by {message.parity.max_abs_difference:.1e}"
    )


@_line.register
def _(message: ModelGateEvaluated) -> str:
    return f"  gate {message.gate}: {message.outcome}: {message.detail}"


@_line.register
def _(message: ModelPromoted) -> str:
    return f"  [bold]version {message.version} is {message.alias}[/]: {message.reason}"
