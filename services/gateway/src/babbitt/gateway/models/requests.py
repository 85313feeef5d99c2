"""Asking the registry: one transaction writes what is asked for and the request itself."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.models import PromotionRequested, RollbackRequested
from babbitt.contracts.names import new_id
from babbitt.gateway.errors import UnknownModel
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.models.queries import has_versions
from babbitt.gateway.models.schemas import NewPromotion, NewRollback
from babbitt.gateway.settings import SOURCE
from babbitt.gateway.tables import PROMOTIONS


@dataclass(frozen=True, slots=True)
class ModelRequests:
    """What can be asked of the registry. The id of a request is its event's id: what it causes names it.

    Attributes:
        committed: tells the relay that there is something to send.
    """

    sessions: async_sessionmaker[AsyncSession]
    committed: Callable[[], None]

    async def promote(self, model: str, wanted: NewPromotion, caller: Caller) -> UUID:
        """Ask for a promotion; its id.

        Raises:
            UnknownModel: no version of it was ever registered.
        """
        request_id, by = new_id(), caller.requested_by
        return await self._ask(
            "promotion",
            PromotionRequested(model=model, request_id=request_id, requested_by=by, **wanted.model_dump()),
            request_id,
        )

    async def roll_back(self, model: str, wanted: NewRollback, caller: Caller) -> UUID:
        """Ask for a rollback; its id.

        Raises:
            UnknownModel: as `promote`.
        """
        request_id, by = new_id(), caller.requested_by
        return await self._ask(
            "rollback",
            RollbackRequested(model=model, request_id=request_id, requested_by=by, **wanted.model_dump()),
            request_id,
        )

    async def _ask(self, kind: str, request: PromotionRequested | RollbackRequested, request_id: UUID) -> UUID:
        told = request.model_dump(exclude={"request_id"})
        async with transaction(self.sessions) as session:
            if not await has_versions(session, request.model):
                raise UnknownModel(f"there is no model {request.model!r}")
            await session.execute(insert(PROMOTIONS).values(id=request_id, kind=kind, state="requested", **told))
            await Outbox(session, SOURCE).publish(request, sequence=1, event_id=request_id)
        self.committed()
        return request_id
