"""`babbitt models policy`: the rules by which a model's versions are promoted."""

from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import ValidationError

from babbitt.client.api.policies import Policy
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_one
from babbitt.client.cli.promotions import DECIDED_WITHIN_S, Name, undecided
from babbitt.contracts.model_requests import GatePolicy


def _rule(name: str) -> Column[Policy]:
    return Column(name, lambda one: one.policy and getattr(one.policy, name))


RULES: tuple[Column[Policy], ...] = (
    *map(_rule, GatePolicy.model_fields),
    Column("revision", lambda one: one.revision),
    Column("changed", lambda one: one.changed_at),
    Column("by", lambda one: one.requested_by),
    Column("reason", lambda one: one.reason),
)

Wanted = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="RULE=VALUE", help="promotion=shadow_first, margin=0.01, latency_budget_ms=none."),
]


def policy(
    context: typer.Context,
    model: Name,
    wanted: Wanted = None,
    reason: Annotated[str, typer.Option(help="Why, where something is set.")] = "asked for by hand",
    expected: Annotated[
        int | None,
        typer.Option("--if-revision", min=0, help="Only if these rules hold still; 0: if the model has none."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show a model's rules, or set some of them; the others stay as they are.

    Example: babbitt models policy pump --set promotion=manual --set margin=0.01 --reason "before the audit"
    """
    with connect(context) as babbitt:
        if wanted:
            rules = rules_of(wanted)
            change = babbitt.change_policy(model, rules, reason=reason, expected=expected, wait_s=DECIDED_WITHIN_S)
            if change.state != "applied":
                undecided("change of a policy", change.id)
        found = babbitt.policy(model)
    print_one(found, RULES, as_json=as_json)


def rules_of(wanted: Sequence[str]) -> GatePolicy:
    """Rules of which some are set, each said as `rule=value`; `none` is no value.

    Raises:
        typer.BadParameter: there is no such rule, or it has no such values.
    """
    told = dict[str, str | None]()
    for one in wanted:
        name, _, value = one.partition("=")
        if name not in GatePolicy.model_fields:
            known = ", ".join(GatePolicy.model_fields)
            raise typer.BadParameter(f"there is no rule {name!r}: known are {known}", param_hint="--set")
        told[name] = None if value.lower() == "none" else value
    try:
        return GatePolicy.model_validate(told)
    except ValidationError as error:
        found = error.errors()[0]
        raise typer.BadParameter(f"{found['loc'][0]}: {found['msg']}", param_hint="--set") from error
