"""`babbitt models retention`: retire what a model's policy does not keep."""

from typing import Annotated

import typer

from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_json, print_list
from babbitt.client.cli.promotions import DECIDED_WITHIN_S, Name, Reason, undecided

FATES: tuple[Column[tuple[int, str]], ...] = (
    Column("version", lambda one: one[0], right=True),
    Column("", lambda one: one[1]),
)


def retention(
    context: typer.Context,
    model: Name,
    reason: Reason = "asked for by hand",
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Retire them; else this only says what would go.")] = False,
    as_json: Json = False,
) -> None:
    """Show which versions a model's policy keeps and why, and retire the others with --apply.

    Example: babbitt models retention pump --apply --reason "room for the summer's models"
    """
    with connect(context) as babbitt:
        done = babbitt.retain(model, reason=reason, dry_run=not apply, wait_s=DECIDED_WITHIN_S)
    if as_json:
        print_json(done)
    if done.state != "applied":
        undecided("retention", done.id)
    if not as_json:
        fate = "would be retired" if done.dry_run else "retired"
        fates = dict.fromkeys(done.retired or (), fate) | {
            number: f"kept: {why}" for number, why in (done.kept or {}).items()
        }
        print_list(sorted(fates.items(), reverse=True), FATES, as_json=False)
