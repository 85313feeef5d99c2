"""`babbitt stream`: events as they happen."""

from typing import Annotated, Any

import typer

from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import cell, print_json
from babbitt.client.events import StreamedEvent

SHOWN_FIELDS = 8
"""Of an event, on its line; `--json` has all."""


def stream(
    context: typer.Context,
    topic: Annotated[
        list[str] | None, typer.Option(help="Topic to read, such as training.events; may be repeated.")
    ] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Type to read, such as EpochCompleted; may be repeated.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Read only what is about this dataset, job, model, prediction or machine.")
    ] = None,
    after: Annotated[str | None, typer.Option(help="Go on after this position, as --json shows it.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line an event.")] = False,
) -> None:
    """Print events as they happen, a line each, until Ctrl-C; connections that break are taken up again.

    Example: babbitt stream --topic training.events --type EpochCompleted
    """
    with (
        connect(context) as babbitt,
        babbitt.events(topics=topic or (), types=type_ or (), subject=subject, after=after) as events,
    ):
        for event in events:
            if as_json:
                print_json(event)
            else:
                typer.echo(line(event))


def line(event: StreamedEvent) -> str:
    """When, what, about what, and the plain values of what it says; of a problem, what was wrong."""
    said: dict[str, Any] = event.data if isinstance(event.data, dict) else {}
    plain = [
        f"{name}={cell(value)}"
        for name, value in said.items()
        if isinstance(value, str | int | float) and value != event.subject
    ]
    moment = event.time.astimezone().strftime("%H:%M:%S") if event.time else "-"
    problem: Any = said.get("problem")
    wrong = problem.get("detail", "") if isinstance(problem, dict) else ""
    return "  ".join([moment, event.type, event.subject or "-", " ".join(plain[:SHOWN_FIELDS]), wrong]).rstrip()
