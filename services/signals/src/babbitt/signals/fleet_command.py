"""`babbitt fleet`, which the entry point `babbitt.commands` hangs into the command: options, and composition."""

import asyncio
import logging
import signal
import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from babbitt.chassis.errors import Unavailable
from babbitt.contracts.errors import field_problems
from babbitt.contracts.topics import MEASUREMENTS
from babbitt.signals.adapters.measurement_topic import are_addresses, measurement_topic
from babbitt.signals.adapters.worker import Worker
from babbitt.signals.application.simulate_fleet import Pace, Published, SimulateFleet, Watch
from babbitt.signals.domain.fleet.fleet import Fleet, FleetPlan
from babbitt.signals.domain.fleet.profiles import sounds_of
from babbitt.signals.entrypoints.fleet_display import display
from babbitt.signals.errors import DatasetImpossible

FAILED, INTERRUPTED = 1, 130
USUAL, PACE = FleetPlan(machines=10, rate_hz=1.0, starts_at=datetime.now(UTC)), Pace()
OPTIONS = {"seed": "--seed", "duration_s": "--record-s"}
"""Of the fields of a profile's datasets that a fleet asks for."""


class Profile(StrEnum):
    """What kind of machine."""

    JBFD11 = "jbfd11"
    ROLLING = "rolling"


def _addresses(said: str) -> str:
    if not are_addresses(said):
        raise typer.BadParameter(f"{said!r}: host:port is accepted, several by commas")
    return said


app = typer.Typer(help="Machines that are measured live.", no_args_is_help=True)


@app.callback()
def fleet() -> None:
    """Machines that are measured live."""


@app.command()
def simulate(
    machines: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = USUAL.machines,
    rate: Annotated[
        float, typer.Option(min=1e-6, metavar="HZ", help="Measurements a second of the fleet's time, of all machines.")
    ] = USUAL.rate_hz,
    profile: Annotated[
        Profile, typer.Option(help="Journal bearings as in the benchmark, or rolling-element bearings.")
    ] = Profile.JBFD11,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and start give the same messages.")] = USUAL.seed,
    start: Annotated[
        datetime | None, typer.Option(help="When the fleet's time begins, UTC.", show_default="now")
    ] = None,
    speed_up: Annotated[
        float, typer.Option(min=1e-3, help="Seconds of the fleet's time in one of yours.")
    ] = PACE.speed_up,
    duration: Annotated[
        float | None, typer.Option(min=0, metavar="S", help="End after so long, of the fleet's time.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many measurements.")] = None,
    fault_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of machines with a fault.")
    ] = USUAL.fault_share,
    sensor_fault_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of machines whose sensor fails for a while.")
    ] = USUAL.sensor_fault_share,
    faults_within: Annotated[
        float, typer.Option(min=1, metavar="S", help="Faults begin within so long, and take as long to grow at most.")
    ] = USUAL.faults_within_s,
    record_s: Annotated[
        float | None,
        typer.Option(metavar="S", help="Length of one measurement.", show_default="as the profile's datasets"),
    ] = None,
    bootstrap: Annotated[
        str,
        typer.Option(envvar="BABBITT_KAFKA_BOOTSTRAP_SERVERS", help="Kafka, as host:port.", callback=_addresses),
    ] = "127.0.0.1:9092",
    prefix: Annotated[str, typer.Option(envvar="BABBITT_KAFKA_PREFIX", help="Of all topics.")] = "babbitt.",
    topic: Annotated[str, typer.Option(help="Without prefix.")] = MEASUREMENTS.name,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what was the matter, a line of JSON a measurement.")
    ] = None,
) -> None:
    """Publish what a fleet measures, as its sensors would, until Ctrl-C or as long as asked for.

    Example: babbitt fleet simulate --machines 20 --rate 4 --speed-up 10 --truth truth.jsonl
    """
    begun = (start or USUAL.starts_at).replace(tzinfo=UTC)
    plan = FleetPlan(machines, rate, begun, seed, fault_share, sensor_fault_share, faults_within)
    try:
        made = Fleet(plan, sounds_of(profile.value, seed, record_s))
    except ValidationError as error:
        wrong = field_problems(error)[0]
        raise _wrong_option(wrong.pointer, wrong.detail) from error
    except DatasetImpossible as error:
        wrong = error.problem.errors[0]
        raise _wrong_option(wrong.pointer, f"{wrong.detail}; accepted: {wrong.accepted}") from error
    pace = Pace(speed_up, duration, count)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what is wrong is said once, below
    try:
        with display(made.machines, truth) as watch:
            published, stopped = asyncio.run(_run(made, pace, watch, bootstrap, f"{prefix}{topic}"))
    except Unavailable as error:
        typer.echo(f"babbitt: {error}", err=True)
        raise typer.Exit(FAILED) from error
    late = f", {published.behind_s:.1f} s late at the end" if published.behind_s >= 1 else ""
    typer.echo(f"{published.measurements} measurements of {machines} machines{late}", err=True)
    if stopped:
        raise typer.Exit(INTERRUPTED)


def _wrong_option(pointer: str, said: str) -> typer.BadParameter:
    return typer.BadParameter(f"{OPTIONS[pointer.rpartition('/')[2]]}: {said}")


async def _run(made: Fleet, pace: Pace, watch: Watch, bootstrap: str, topic: str) -> tuple[Published, bool]:
    """What was published, and whether somebody stopped it."""
    stop = asyncio.Event()
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(interrupt, stop.set)
    with Worker() as worker:
        async with measurement_topic(bootstrap, topic) as measurements:
            simulate_fleet = SimulateFleet(measurements, worker, time.monotonic, watch)
            return await simulate_fleet(made.measurements(), pace, stop), stop.is_set()
