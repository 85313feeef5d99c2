"""The command behind `make up`, `down`, `status`, `logs` and `clean`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Never

import typer

from babbitt.contracts.topics import SERVICES
from babbitt.native.errors import NativeError
from babbitt.native.kafka_jars import java_command
from babbitt.native.lasting import default_folder, described, exists, found, is_up, turn
from babbitt.native.stack_settings import StackSettings
from babbitt.native.status import print_places, print_status

TOOLS = {
    "console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "topics": "org.apache.kafka.tools.TopicCommand",
}

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Folder = Annotated[
    Path | None,
    typer.Option(envvar="BABBITT_UP_FOLDER", help="For data and logs.", show_default=".run in the repository"),
]
Port = Annotated[int | None, typer.Option(min=1, max=65_535)]


def main() -> None:
    """Run the command; an expected error is one line and exit code 1."""
    try:
        app()
    except (NativeError, OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)


@app.command()
def up(
    folder: Folder = None,
    gateway_port: Annotated[
        int, typer.Option(envvar="BABBITT_UP_PORT", min=1, max=65_535, help="Where the gateway listens.")
    ] = 8080,
    kafka_port: Port = None,
    postgres_port: Port = None,
    replicas: Annotated[
        list[str] | None, typer.Option(metavar="SERVICE=N", help="How many processes of a service; may be repeated.")
    ] = None,
) -> None:
    """Start everything, leave it running, and print where things are. What runs already is left as it is."""
    place = default_folder(folder)
    with turn(place):
        if is_up(place):
            stack = found(place)
            already = all(one.alive for one in stack.processes) and stack.admin_key_file.is_file()
        else:
            settings = StackSettings(
                folder=place,
                temporary=False,
                replicas=_counts(replicas or []),
                gateway_port=gateway_port,
                kafka_port=kafka_port,
                postgres_port=postgres_port,
            )
            stack, already = described(settings), False
        if not already:
            print("Starting Kafka, PostgreSQL and the services; this takes about half a minute.", flush=True)
            stack.start()
        print("Babbitt is already running." if already else "Babbitt is running.")
        print_places(stack)


@app.command()
def demo(
    recordings: Annotated[
        Path | None, typer.Option(help="Folder of CWRU recordings; without it records are simulated.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where the numbers are written.")] = Path("build/demo.json"),
    preset: Annotated[str, typer.Option(help="Model family and size.")] = "spectral_base",
    epochs: Annotated[int, typer.Option(min=1, help="At most.")] = 20,
    records_per_class: Annotated[int, typer.Option(min=4, help="Of the simulation.")] = 80,
    duration_s: Annotated[float, typer.Option(help="Seconds of a simulated record.")] = 5.0,
) -> None:
    """Go the whole way once, on free ports and in temporary folders; exit code 1 when a step or the accuracy fails."""
    # Imported here: the other commands answer quickly without the client and its libraries.
    from rich.console import Console  # noqa: PLC0415

    from babbitt.native.demo.run import MAPPING, Demo  # noqa: PLC0415

    shown = Demo(
        recordings=recordings, mapping=MAPPING, output=output,
        preset=preset, epochs=epochs, records_per_class=records_per_class, duration_s=duration_s,
    )  # fmt: skip
    shown.run(Console())


@app.command()
def down(folder: Folder = None) -> None:
    """Stop everything; data, logs and the admin key stay."""
    place = default_folder(folder)
    if not is_up(place):
        print("Babbitt is not running.")
        return
    with turn(place):
        found(place).stop()
        print("Babbitt is stopped.")


@app.command()
def status(folder: Folder = None) -> None:
    """Show every process; exit code 1 unless all run and are ready."""
    stack = found(default_folder(folder))
    if not print_status(stack):
        raise typer.Exit(1)


@app.command()
def logs(
    service: Annotated[str | None, typer.Argument(help="As `status` names it, or without its number.")] = None,
    folder: Folder = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is written.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of each log.")] = 50,
) -> None:
    """Show the end of the logs."""
    place = default_folder(folder)
    written = sorted(place.glob("logs/*.log"))
    chosen = [file for file in written if service in {None, file.stem, file.stem.rpartition("-")[0]}]
    if not chosen:
        raise NativeError(
            f"no log of {service or 'anything'} in {place}: {', '.join(file.stem for file in written) or '-'}"
        )
    _become(["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, chosen)])


@app.command()
def clean(folder: Folder = None) -> None:
    """Stop everything and remove its data, logs and passwords."""
    place = default_folder(folder)
    if not exists(place):
        print(f"There is nothing to remove in {place}.")
        return
    with turn(place):
        found(place).stop()
        shutil.rmtree(place)
        print(f"{place} is removed.")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    help=f"Run one of Kafka's own tools against the running broker: {', '.join(TOOLS)}. `TOOL --help` for its options.",
)
def kafka(context: typer.Context, tool: str, folder: Folder = None) -> None:
    """Run a tool of Kafka's; it is given `--bootstrap-server` unless the caller names one."""
    if tool == "--help":
        print(context.get_help())
        return
    if tool not in TOOLS:
        raise NativeError(f"there is no tool {tool}: choose one of {', '.join(TOOLS)}")
    broker: list[str] = []
    if not {"--bootstrap-server", "--help", "--version"}.intersection(context.args):
        broker = ["--bootstrap-server", found(default_folder(folder)).kafka.bootstrap_servers]
    _become([*java_command(TOOLS[tool]), *broker, *context.args])


def _become(command: list[str]) -> Never:
    """Replace this process by `command`."""
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606 - a program of this package's own choice, no shell


def _counts(asked: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in asked:
        name, _, count = one.partition("=")
        if name not in SERVICES or not count.isdigit() or int(count) < 1:
            raise NativeError(f"--replicas takes SERVICE=N, of {', '.join(SERVICES)}, with N of 1 or more, not {one}")
        counts[name] = int(count)
    return counts
