"""Asking the registry: one transaction writes what is asked for and the request itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import (
    AliasRemovalRequested,
    ModelRequest,
    PolicyChangeRequested,
    PromotionRequested,
    RetentionRequested,
    RollbackRequested,
)
from babbitt.contracts.names import new_id
from babbitt.gateway.errors import UnknownModel
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.models.queries import has_versions, pointed_at
from babbitt.gateway.models.schemas import NewPolicy, NewPromotion, NewRetention, NewRollback
from babbitt.gateway.settings import SOURCE
from babbitt.gateway.tables import POLICY_CHANGES, PROMOTIONS, RETENTIONS

_MOVES = PromotionRequested | RollbackRequested | AliasRemovalRequested


@dataclass(frozen=True, slots=True)
class ModelRequests:
    """What can be asked of the registry. The id of a request is its event's id: what it causes names it.

    A request to move an alias says what the caller expects it to point at, or else what this gateway has heard: so of
    two who move it at once one is refused.

    Attributes:
        committed: tells the relay that there is something to send.
    """

    sessions: async_sessionmaker[AsyncSession]
    committed: Callable[[], None]

    async def promote(self, model: str, wanted: NewPromotion, caller: Caller, expected: int | None) -> UUID:
        """Ask for a promotion; its id.

        Raises:
            UnknownModel: no version of it was ever registered.
        """
        request = PromotionRequested(model=model, expected=expected, **_asked(wanted, caller))
        return await self._ask(PROMOTIONS, request, kind="promotion")

    async def roll_back(self, model: str, wanted: NewRollback, caller: Caller, expected: int | None) -> UUID:
        """Ask for a rollback; its id. Raises as `promote`."""
        request = RollbackRequested(model=model, expected=expected, **_asked(wanted, caller))
        return await self._ask(PROMOTIONS, request, kind="rollback")

    async def remove_alias(self, model: str, alias: str, reason: str, caller: Caller, expected: int | None) -> UUID:
        """Ask for an alias to be taken away; the request's id. Raises as `promote`."""
        by = caller.requested_by
        request = AliasRemovalRequested(model=model, alias=alias, expected=expected, reason=reason, requested_by=by)
        return await self._ask(PROMOTIONS, request, kind="removal")

    async def retain(self, model: str, wanted: NewRetention, caller: Caller) -> UUID:
        """Ask for retention; its id. Raises as `promote`."""
        return await self._ask(RETENTIONS, RetentionRequested(model=model, **_asked(wanted, caller)))

    async def change_policy(self, model: str, wanted: NewPolicy, caller: Caller, expected: int | None) -> UUID:
        """Ask for the rules that are set, of a model to come as well; the request's id."""
        by = caller.requested_by
        request = PolicyChangeRequested(
            model=model, policy=wanted.policy, expected=expected, reason=wanted.reason, requested_by=by
        )
        return await self._ask(POLICY_CHANGES, request, may_come=True)

    async def _ask(self, table: Table, request: ModelRequest, *, may_come: bool = False, **told: Any) -> UUID:
        request_id = new_id()
        async with transaction(self.sessions) as session:
            if not may_come and not await has_versions(session, request.model):
                raise UnknownModel(f"there is no model {request.model!r}")
            asked = request.model_copy(update={"request_id": request_id, **await _heard(session, request)})
            told |= asked.model_dump(exclude={"request_id", "expected"})
            await session.execute(insert(table).values(id=request_id, state="requested", **told))
            await Outbox(session, SOURCE).publish(asked, sequence=1, event_id=request_id)
        self.committed()
        return request_id


def _asked(wanted: NewPromotion | NewRollback | NewRetention, caller: Caller) -> dict[str, Any]:
    return {**wanted.model_dump(), "requested_by": caller.requested_by}


async def _heard(session: AsyncSession, request: ModelRequest) -> dict[str, int]:
    """What the alias that is to be moved points at, where the caller does not say what it expects.

    From the table that answers who waits: who was told that an alias has moved is never refused for not knowing it.
    """
    if isinstance(request, _MOVES) and request.expected is None:
        return {"expected": await pointed_at(session, request.model, request.alias)}
    return {}
