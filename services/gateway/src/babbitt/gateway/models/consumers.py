"""What the gateway hears of models."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.settlement import Handler
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message
from babbitt.contracts.models import (
    AliasRemoved,
    ModelEvent,
    ModelGateEvaluated,
    ModelPolicyChanged,
    ModelPromoted,
    ModelRegistered,
    ModelRetired,
    ModelRolledBack,
    RetentionCompleted,
)
from babbitt.contracts.problems import RequestRefused
from babbitt.gateway.models.queries import decide, keep, keep_gate, keep_policy
from babbitt.gateway.tables import MODEL_HISTORY, MODEL_VERSIONS, POLICY_CHANGES, PROMOTIONS, RETENTIONS

ALREADY_SO = "urn:babbitt:problem:already-promoted"
"""Why the registry refuses a promotion to where the alias points: who repeats one is not in conflict with itself."""


async def registered(delivery: Delivery[ModelRegistered], session: AsyncSession) -> None:
    """There is a new version."""
    said = delivery.message
    told = said.model_dump(mode="json", exclude={"at"}) | {"job_id": said.job_id}
    await keep(session, MODEL_VERSIONS, **told, registered_at=_time(delivery))


async def gate_evaluated(delivery: Delivery[ModelGateEvaluated], session: AsyncSession) -> None:
    """A gate has a result."""
    told, sequence = delivery.message.model_dump(exclude={"at"}), delivery.envelope.revision
    await keep_gate(session, **told, sequence=sequence, evaluated_at=_time(delivery))


async def promoted(delivery: Delivery[ModelPromoted], session: AsyncSession) -> None:
    """An alias points at another version."""
    await _changed(delivery, session, "promoted")


async def rolled_back(delivery: Delivery[ModelRolledBack], session: AsyncSession) -> None:
    """An alias points at the version that it had before."""
    await _changed(delivery, session, "rolled_back")


async def retired(delivery: Delivery[ModelRetired], session: AsyncSession) -> None:
    """A version is out of use."""
    await _keep_change(delivery, session, "retired")


async def alias_removed(delivery: Delivery[AliasRemoved], session: AsyncSession) -> None:
    """An alias is gone."""
    await _keep_change(delivery, session, "alias_removed")
    if (asked := _identity(delivery.envelope.causationid)) is not None:
        await decide(session, PROMOTIONS, asked, "applied", replaced=delivery.message.version)


async def retention_completed(delivery: Delivery[RetentionCompleted], session: AsyncSession) -> None:
    """What a policy does not keep was found, perhaps because it was asked for here."""
    if (asked := _identity(delivery.envelope.causationid)) is not None:
        said = delivery.message
        await decide(session, RETENTIONS, asked, "applied", retired=list(said.retired), kept=said.kept)


async def policy_changed(delivery: Delivery[ModelPolicyChanged], session: AsyncSession) -> None:
    """Other rules hold for a model, perhaps because that was asked for here."""
    told, sequence, at = delivery.message.model_dump(mode="json"), delivery.envelope.revision, delivery.envelope.time
    await keep_policy(session, **told, sequence=sequence, changed_at=at)
    if (asked := _identity(delivery.envelope.causationid)) is not None:
        await decide(session, POLICY_CHANGES, asked, "applied")


async def refused(delivery: Delivery[RequestRefused], session: AsyncSession) -> None:
    """A request was refused, perhaps one from here; one for what is so already is done."""
    said = delivery.message
    if (asked := _identity(said.request_id)) is None:
        return
    if said.problem.type == ALREADY_SO:
        await decide(session, PROMOTIONS, asked, "applied")
        return
    for table in (PROMOTIONS, RETENTIONS, POLICY_CHANGES):
        problem = said.problem.model_dump(mode="json", exclude_none=True)
        await decide(session, table, asked, "refused", problem=problem)


async def _changed[E: (ModelPromoted, ModelRolledBack)](
    delivery: Delivery[E], session: AsyncSession, kind: str
) -> None:
    await _keep_change(delivery, session, kind)
    if (asked := _identity(delivery.envelope.causationid)) is not None:
        said = delivery.message
        await decide(session, PROMOTIONS, asked, "applied", version=said.version, replaced=said.replaced)


async def _keep_change[E: ModelEvent](delivery: Delivery[E], session: AsyncSession, kind: str) -> None:
    envelope, told = delivery.envelope, delivery.message.model_dump(exclude={"at"})
    row = {"event_id": envelope.id, "kind": kind, "sequence": envelope.revision, "at": _time(delivery)}
    await keep(session, MODEL_HISTORY, **told, **row)


def _time(delivery: Delivery[ModelEvent]) -> datetime:
    """When it was decided, as the registry says; an earlier one did not: when it was said."""
    return delivery.message.at or delivery.envelope.time


def _identity(text: str | None) -> UUID | None:
    """The id of a request that could be from here."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


MODEL_HANDLERS: dict[type[Message], Handler] = {
    ModelRegistered: registered,
    ModelGateEvaluated: gate_evaluated,
    ModelPromoted: promoted,
    ModelRolledBack: rolled_back,
    ModelRetired: retired,
    AliasRemoved: alias_removed,
    RetentionCompleted: retention_completed,
    ModelPolicyChanged: policy_changed,
    RequestRefused: refused,
}
