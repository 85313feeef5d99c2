"""What the registry hears. One message is one transaction: inbox row, state, outbox rows, or none of them."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.models import PromotionRequested, RetirementRequested, RollbackRequested
from babbitt.contracts.training import TrainCompleted
from babbitt.registry.application.promote_version import PromoteVersion
from babbitt.registry.application.register_version import RegisterVersion
from babbitt.registry.application.retire_version import RetireVersion
from babbitt.registry.application.roll_back import RollBack

SOURCE = "/babbitt/registry"

type UseCase[T] = Callable[[AsyncSession, Outbox], T]


class Consumers:
    """Translates deliveries and calls one use case each."""

    def __init__(
        self,
        register: UseCase[RegisterVersion],
        promote: UseCase[PromoteVersion],
        roll_back: UseCase[RollBack],
        retire: UseCase[RetireVersion],
    ) -> None:
        self._register = register
        self._promote = promote
        self._roll_back = roll_back
        self._retire = retire

    async def train_completed(self, delivery: Delivery[TrainCompleted], session: AsyncSession) -> None:
        await self._register(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def promotion_requested(self, delivery: Delivery[PromotionRequested], session: AsyncSession) -> None:
        await self._promote(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def rollback_requested(self, delivery: Delivery[RollbackRequested], session: AsyncSession) -> None:
        await self._roll_back(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def retirement_requested(self, delivery: Delivery[RetirementRequested], session: AsyncSession) -> None:
        await self._retire(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)
