"""`babbitt datasets prune`: retention, by hand or by a timer."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from babbitt.client.cli.exit_codes import ENDED_BADLY
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_json, print_list, size
from babbitt.client.clients import Babbitt
from babbitt.client.errors import Conflict, NotFound
from babbitt.client.pruning import Verdict, duration, judge

HELD_S = 20.0

COLUMNS: tuple[Column[Verdict], ...] = (
    Column("id", lambda one: one.dataset.id),
    Column("label", lambda one: one.dataset.label),
    Column("size", lambda one: size(one.dataset.size_bytes), right=True),
    Column("last used", lambda one: one.dataset.used_at),
    Column("goes", lambda one: one.stays is None),
    Column("why it stays", lambda one: one.stays),
)


def prune(
    context: typer.Context,
    unused_for: Annotated[
        str, typer.Option(metavar="TIME", help="How long nobody asked for it or trained on it: 12h, 30d, 2w.")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and why the rest stays.")] = False,
    as_json: Json = False,
) -> None:
    """Delete the ready datasets that no model in use was trained on and nobody used for long.

    Example: babbitt datasets prune --unused-for 30d --dry-run
    """
    try:
        long = duration(unused_for)
    except ValueError as error:
        raise typer.BadParameter(f"--unused-for: {error}") from error
    with connect(context) as babbitt:
        verdicts = _judged(babbitt, long)
        if not dry_run:
            verdicts = [_deleted(babbitt, verdict) for verdict in verdicts]
    going = [verdict for verdict in verdicts if verdict.stays is None]
    freed = sum(verdict.dataset.size_bytes or 0 for verdict in going)
    if as_json:
        print_json({"dry_run": dry_run, "freed_bytes": freed, "datasets": [_told(one) for one in verdicts]})
    else:
        print_list(verdicts, COLUMNS, as_json=False)
        many = f"{len(going)} of {len(verdicts)} datasets"
        typer.echo(f"{many} {'would go' if dry_run else 'deleted'}: {size(freed)}, free a day later")
    if any(verdict.stays and verdict.stays.startswith((REFUSED, PENDING)) for verdict in verdicts):
        raise typer.Exit(ENDED_BADLY)


REFUSED, PENDING = "refused: ", "asked to go: "


def _judged(babbitt: Babbitt, unused_for: timedelta) -> list[Verdict]:
    now = datetime.now(UTC)
    return [judge(dataset, unused_for=unused_for, now=now) for dataset in babbitt.datasets(state="ready")]


def _deleted(babbitt: Babbitt, verdict: Verdict) -> Verdict:
    """Whoever decides may know of a model that the gateway has not heard of yet."""
    if verdict.stays is not None:
        return verdict
    try:
        now = babbitt.delete_dataset(verdict.dataset.id, wait_s=HELD_S)
    except NotFound:
        return verdict
    except Conflict as refused:
        now = babbitt.dataset(verdict.dataset.id)
        if now.state != "deleted":  # by somebody else, meanwhile
            return Verdict(verdict.dataset, f"{REFUSED}{refused.problem.detail}")
    return verdict if now.state == "deleted" else Verdict(verdict.dataset, f"{PENDING}it is {now.state} still")


def _told(verdict: Verdict) -> dict[str, Any]:
    one = verdict.dataset
    used_at = one.used_at.isoformat() if one.used_at else None
    return {
        "id": one.id, "label": one.label, "size_bytes": one.size_bytes, "used_at": used_at, "stays": verdict.stays,
    }  # fmt: skip
