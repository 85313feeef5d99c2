"""What the demonstration found: for people on the terminal, for programs in `build/demo.json`."""

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ACCURACY_NEEDED = 0.95
ROWS_PER_CLASS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One answered record; `latency_ms` from sending the waveform to having the answer."""

    record: str
    truth: str
    fault: str
    confidence: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """The demonstration's numbers.

    Attributes:
        split_kind: `time` is within each recording: optimistic.
        epochs_streamed: how many epochs were seen on the event stream.
        accuracy: share of held-out records told right, 0 to 1.
        train_completed_to_serving_s: from TrainCompleted until the last replica said that it serves the model.
        median_latency_ms: of a prediction over REST.
    """

    dataset: str
    split_kind: str
    model: str
    version: int
    epochs_streamed: int
    records: int
    accuracy: float
    train_completed_to_serving_s: float
    median_latency_ms: float
    seconds: float

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def accuracy_of(answers: list[Told]) -> float:
    """Share told right."""
    return sum(one.truth == one.fault for one in answers) / len(answers)


def median_latency_ms(answers: list[Told]) -> float:
    """Of one prediction."""
    return round(statistics.median(one.latency_ms for one in answers), 2)


def print_answers(console: Console, answers: list[Told], split_kind: str) -> None:
    """Truth beside prediction: the first records of each class, and all that were told wrong."""
    optimistic = "; the last 30 % of each recording: within recording, optimistic" if split_kind == "time" else ""
    table = Table(title=f"{len(answers)} records held out of training{optimistic}")
    for column in ("record", "truth", "prediction"):
        table.add_column(column)
    for column in ("confidence", "latency"):
        table.add_column(column, justify="right")
    shown: dict[str, int] = {}
    for one in answers:
        shown[one.truth] = shown.get(one.truth, 0) + 1
        right = one.truth == one.fault
        if shown[one.truth] <= ROWS_PER_CLASS or not right:
            style = "green" if right else "bold red"
            fault = f"[{style}]{one.fault}[/]"
            table.add_row(one.record, one.truth, fault, f"{one.confidence:.3f}", f"{one.latency_ms:.1f} ms")
    console.print(table)
