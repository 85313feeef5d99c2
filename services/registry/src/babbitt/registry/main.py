"""Composition: what the registry consists of."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import utc_now
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.models import PromotionRequested, RetirementRequested, RollbackRequested
from babbitt.contracts.topics import MODELS_REQUESTS, TRAINING_EVENTS
from babbitt.contracts.training import TrainCompleted
from babbitt.registry.adapters.object_store import StoredArtifacts
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.application.assert_aliases import AssertAliases
from babbitt.registry.application.promote_version import PromoteVersion
from babbitt.registry.application.register_version import RegisterVersion
from babbitt.registry.application.retire_version import RetireVersion
from babbitt.registry.application.roll_back import RollBack
from babbitt.registry.domain.gates import GatePolicy
from babbitt.registry.entrypoints.consumers import SOURCE, Consumers
from babbitt.registry.settings import RegistrySettings


async def assert_aliases(session: AsyncSession) -> None:
    """What a relay does when it takes over."""
    await AssertAliases(PostgresModels(session), Outbox(session, SOURCE))()


async def serve(settings: RegistrySettings, stop: asyncio.Event) -> None:
    """Run until `stop` is set."""
    chassis = make_chassis(settings, on_takeover=assert_aliases)
    artifacts = StoredArtifacts(chassis.objects)
    policy = GatePolicy(settings.accuracy_floor, settings.accuracy_margin)
    consumers = Consumers(
        register=lambda session, outbox: RegisterVersion(PostgresModels(session), artifacts, outbox, policy, utc_now),
        promote=lambda session, outbox: PromoteVersion(PostgresModels(session), outbox, utc_now),
        roll_back=lambda session, outbox: RollBack(PostgresModels(session), outbox, utc_now),
        retire=lambda session, outbox: RetireVersion(PostgresModels(session), outbox),
    )
    chassis.control_plane.hears(TRAINING_EVENTS, {TrainCompleted: consumers.train_completed})
    chassis.control_plane.hears(
        MODELS_REQUESTS,
        {
            PromotionRequested: consumers.promotion_requested,
            RollbackRequested: consumers.rollback_requested,
            RetirementRequested: consumers.retirement_requested,
        },
    )
    async with running(chassis, stop):
        await stop.wait()
