"""What the gateway hears of datasets."""

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.settlement import Handler
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.datasets import DatasetCancelled, DatasetDeleted, DatasetFailed, DatasetProgressed, DatasetReady
from babbitt.contracts.envelope import Message
from babbitt.contracts.problems import Problem, RequestRefused
from babbitt.gateway.datasets.queries import UNTOLD, move_on, refuse

TOLD_OF_READY = {*UNTOLD, "source_kind"}


async def progressed(delivery: Delivery[DatasetProgressed], session: AsyncSession) -> None:
    """Some more shards are there."""
    said = delivery.message
    sequence = delivery.envelope.revision
    await move_on(session, said.dataset_id, "building", sequence, shards_done=said.shards_done, shards=said.shards)


async def ready(delivery: Delivery[DatasetReady], session: AsyncSession) -> None:
    """The dataset is there."""
    said = delivery.message
    told = said.model_dump(mode="json", include=TOLD_OF_READY)
    if said.label is not None:  # of a request from elsewhere, or of the one that it was made by
        told["label"] = said.label
    envelope = delivery.envelope
    await move_on(session, said.dataset_id, "ready", envelope.revision, reason=None, ready_at=envelope.time, **told)


async def failed(delivery: Delivery[DatasetFailed], session: AsyncSession) -> None:
    """It cannot be made."""
    sequence = delivery.envelope.revision
    await move_on(session, delivery.message.dataset_id, "failed", sequence, reason=delivery.message.reason)


async def cancelled(delivery: Delivery[DatasetCancelled], session: AsyncSession) -> None:
    """It is not made any further."""
    await move_on(session, delivery.message.dataset_id, "cancelled", delivery.envelope.revision)


async def deleted(delivery: Delivery[DatasetDeleted], session: AsyncSession) -> None:
    """It is gone."""
    await move_on(session, delivery.message.dataset_id, "deleted", delivery.envelope.revision)


async def refused(delivery: Delivery[RequestRefused], session: AsyncSession) -> None:
    """A request was refused, perhaps one from here."""
    problem = _as_asked_here(delivery.message.problem).model_dump(mode="json", exclude_none=True)
    await refuse(session, delivery.message.request_id, problem)


def _as_asked_here(problem: Problem) -> Problem:
    """Pointers lead into the body that was posted: what the message has below `configuration`."""
    errors = [
        error.model_copy(update={"pointer": error.pointer.removeprefix("/configuration")}) for error in problem.errors
    ]
    return problem.model_copy(update={"errors": tuple(errors)})


DATASET_HANDLERS: dict[type[Message], Handler] = {
    DatasetProgressed: progressed,
    DatasetReady: ready,
    DatasetFailed: failed,
    DatasetCancelled: cancelled,
    DatasetDeleted: deleted,
    RequestRefused: refused,
}
