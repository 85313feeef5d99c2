"""`babbitt models gates`: what each gate says of a version."""

from collections.abc import Sequence

import typer

from babbitt.client.api.models import Gate
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_list
from babbitt.client.cli.promotions import Name, Number

GATES: tuple[Column[Gate], ...] = (
    Column("gate", lambda one: one.gate),
    Column("outcome", lambda one: one.outcome),
    Column("beside", lambda one: one.champion, right=True),
    Column("what was found", lambda one: one.detail),
)


def gates(context: typer.Context, model: Name, version: Number, *, as_json: Json = False) -> None:
    """Show what each gate says of a version; --json has all that was measured by name.

    Example: babbitt models gates pump 7
    """
    with connect(context) as babbitt:
        print_list(babbitt.version(model, version).gates, GATES, as_json=as_json)


def told_gates(judged: Sequence[Gate]) -> str:
    """In a word: those that did not pass."""
    left = [f"{gate.gate} {gate.outcome}" for gate in judged if gate.outcome != "passed"]
    return ", ".join(left) or (f"all {len(judged)} passed" if judged else "")
