"""What the registry hears. One message is one transaction: inbox row, state, outbox rows, or none of them."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.outbox import Outbox
from babbitt.chassis.settlement import Handler
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message
from babbitt.contracts.model_requests import (
    AliasRemovalRequested,
    PolicyChangeRequested,
    PromotionRequested,
    RetentionRequested,
    RetirementRequested,
    RollbackRequested,
)
from babbitt.contracts.training import (
    JobEvent,
    TrainCompleted,
    TrainQueued,
)
from babbitt.registry.application.apply_retention import ApplyRetention
from babbitt.registry.application.change_policy import ChangePolicy
from babbitt.registry.application.follow_jobs import ENDS, FollowJobs
from babbitt.registry.application.promote_version import PromoteVersion
from babbitt.registry.application.register_version import RegisterVersion
from babbitt.registry.application.remove_alias import RemoveAlias
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
        remove_alias: UseCase[RemoveAlias],
        retire: UseCase[RetireVersion],
        retain: UseCase[ApplyRetention],
        change_policy: UseCase[ChangePolicy],
        follow: Callable[[AsyncSession], FollowJobs],
    ) -> None:
        self._register = register
        self._promote = promote
        self._roll_back = roll_back
        self._remove_alias = remove_alias
        self._retire = retire
        self._retain = retain
        self._change_policy = change_policy
        self._follow = follow

    def of_training(self) -> dict[type[Message], Handler]:
        """Who hears what of training."""
        ended = dict.fromkeys(ENDS, self.job_ended)
        return {**ended, TrainQueued: self.job_queued, TrainCompleted: self.train_completed}

    def of_requests(self) -> dict[type[Message], Handler]:
        """Who hears which request."""
        return {
            PromotionRequested: self.promotion_requested,
            RollbackRequested: self.rollback_requested,
            AliasRemovalRequested: self.alias_removal_requested,
            RetentionRequested: self.retention_requested,
            RetirementRequested: self.retirement_requested,
            PolicyChangeRequested: self.policy_change_requested,
        }

    async def train_completed(self, delivery: Delivery[TrainCompleted], session: AsyncSession) -> None:
        await self._register(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)
        await self._follow(session).ended(delivery.message)

    async def job_queued(self, delivery: Delivery[TrainQueued], session: AsyncSession) -> None:
        await self._follow(session).queued(delivery.message)

    async def job_ended(self, delivery: Delivery[JobEvent], session: AsyncSession) -> None:
        await self._follow(session).ended(delivery.message)

    async def promotion_requested(self, delivery: Delivery[PromotionRequested], session: AsyncSession) -> None:
        await self._promote(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def rollback_requested(self, delivery: Delivery[RollbackRequested], session: AsyncSession) -> None:
        await self._roll_back(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def alias_removal_requested(self, delivery: Delivery[AliasRemovalRequested], session: AsyncSession) -> None:
        await self._remove_alias(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def retention_requested(self, delivery: Delivery[RetentionRequested], session: AsyncSession) -> None:
        await self._retain(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def retirement_requested(self, delivery: Delivery[RetirementRequested], session: AsyncSession) -> None:
        await self._retire(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)

    async def policy_change_requested(self, delivery: Delivery[PolicyChangeRequested], session: AsyncSession) -> None:
        await self._change_policy(session, Outbox(session, SOURCE, delivery.envelope))(delivery.message)
