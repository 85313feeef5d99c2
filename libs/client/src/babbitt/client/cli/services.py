"""`babbitt services`: who is alive, and what it serves."""

import typer

from babbitt.client.api.system import Replica
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_list

COLUMNS: tuple[Column[Replica], ...] = (
    Column("service", lambda one: one.service),
    Column("instance", lambda one: one.instance),
    Column("version", lambda one: one.version),
    Column("health", lambda one: one.health if one.alive else f"silent for {one.silent_s:.0f} s"),
    Column("lag", lambda one: sum(one.lag.values()), right=True),
    Column("serves", lambda one: ", ".join(f"{s.model}@{s.reference} (v{s.version})" for s in one.serves)),
    Column("reasons", lambda one: "; ".join(one.reasons)),
)


def services(context: typer.Context, *, as_json: Json = False) -> None:
    """Show every replica of every service: its health, how far behind it is, what it serves."""
    with connect(context) as babbitt:
        print_list(babbitt.services().items, COLUMNS, as_json=as_json)
