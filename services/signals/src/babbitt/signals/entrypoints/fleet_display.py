"""How a fleet looks while it runs: a table on a terminal, a line for each change elsewhere, truth in a file."""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from babbitt.signals.application.simulate_fleet import Watch
from babbitt.signals.domain.fleet.courses import FaultCourse, SensorCourse
from babbitt.signals.domain.fleet.fleet import FleetMachine, FleetMeasurement

SHOWN_MACHINES = 30
"""More than fit a terminal cannot be drawn anew; those with something wrong come first."""


@contextmanager
def display(machines: Sequence[FleetMachine], truth: Path | None) -> Generator[Watch]:
    """What shows measurements, in their order."""
    console = Console(stderr=True, highlight=False)
    shown = _LiveTable(machines, console) if console.is_terminal else _Changes(console)
    with _truth_file(truth) as write, shown.shown():

        def watch(measurement: FleetMeasurement) -> None:
            shown.show(measurement)
            write(measurement)

        yield watch


@contextmanager
def _truth_file(path: Path | None) -> Generator[Watch]:
    if path is None:
        yield lambda _: None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", buffering=1) as file:  # whoever follows it sees whole lines
        yield lambda measurement: print(truth_line(measurement), file=file)


def truth_line(measurement: FleetMeasurement) -> str:
    """What was the matter with the machine and its sensor, as a line of JSON; `id` is that of the event."""
    truth = measurement.truth
    return json.dumps(
        {
            "id": str(measurement.id),
            "machine": measurement.machine.name,
            "taken_at": measurement.taken.taken_at.isoformat(),
            "fault": truth.fault,
            "severity": round(truth.severity, 4),
            "level": truth.level,
            "sensor_fault": truth.sensor_fault,
        }
    )


class _Changes:
    """A line when something begins, changes its level, or ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._known: dict[str, tuple[object, ...]] = {}

    @contextmanager
    def shown(self) -> Generator[None]:
        yield

    def show(self, measurement: FleetMeasurement) -> None:
        name, state = measurement.machine.name, _state(measurement)
        if self._known.get(name, (None, None)) != state and (name in self._known or any(state)):
            fault, sensor = state
            self._console.print(f"{_clock(measurement)}  {name}  {fault or 'healthy'}  sensor {sensor or 'sound'}")
        self._known[name] = state


class _LiveTable:
    """A row a machine, drawn in place."""

    def __init__(self, machines: Sequence[FleetMachine], console: Console) -> None:
        troubled = sorted(machines, key=lambda one: (one.fault is None and one.sensor is None, one.number))
        self._machines = troubled[:SHOWN_MACHINES]
        self._left_out = len(machines) - len(self._machines)
        self._last: dict[str, FleetMeasurement] = {}
        self._measurements = 0
        self._console = console

    @contextmanager
    def shown(self) -> Generator[None]:
        with Live(get_renderable=self._drawn, console=self._console, refresh_per_second=4):
            yield

    def show(self, measurement: FleetMeasurement) -> None:
        self._last[measurement.machine.name] = measurement
        self._measurements += 1

    def _drawn(self) -> Table:
        more = f", and {self._left_out} machines that are not shown" if self._left_out else ""
        table = Table(box=None, pad_edge=False, header_style="bold", caption=f"{self._measurements} measurements{more}")
        for heading in ("machine", "state", "begins", "sensor", "fails", "speed Hz", "load %", "°C", "fleet's time"):
            table.add_column(heading, no_wrap=True)
        for machine in self._machines:
            last = self._last.get(machine.name)
            fault, sensor = _state(last) if last else (None, None)
            table.add_row(
                machine.name,
                fault or ("healthy" if last else "-"),
                _begins(machine.fault),
                sensor or ("sound" if last else "-"),
                _begins(machine.sensor),
                *(_operation(last) if last else ("-",) * 3),
                _clock(last) if last else "-",
            )
        return table


def _state(measurement: FleetMeasurement) -> tuple[str | None, str | None]:
    truth = measurement.truth
    return (f"{truth.fault} {truth.level}" if truth.level else None, truth.sensor_fault)


def _begins(course: FaultCourse | SensorCourse | None) -> str:
    if course is None:
        return ""
    kind = course.fault if isinstance(course, FaultCourse) else course.kind
    return f"{kind} at {timedelta(seconds=round(course.begins_s))}"


def _operation(measurement: FleetMeasurement) -> tuple[str, str, str]:
    taken = measurement.taken
    return f"{taken.shaft_speed_hz:.2f}", f"{taken.load_percent:.0f}", f"{taken.temperature_c:.0f}"


def _clock(measurement: FleetMeasurement) -> str:
    return f"{measurement.taken.taken_at:%H:%M:%S}"
