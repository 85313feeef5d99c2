"""Composition: what the registry consists of."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.topics import MODELS_REQUESTS, TRAINING_EVENTS
from babbitt.registry.adapters.kafka_group import caught_up
from babbitt.registry.adapters.object_store import StoredArtifacts
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.adapters.postgres_artifacts import PostgresArtifacts
from babbitt.registry.adapters.postgres_needs import PostgresNeeds
from babbitt.registry.adapters.postgres_policies import PostgresPolicies
from babbitt.registry.adapters.postgres_test_splits import PostgresTestSplits
from babbitt.registry.adapters.stored_copies import StoredCopies
from babbitt.registry.adapters.stored_test_files import StoredTestFiles
from babbitt.registry.adapters.trusted_keys import TrustedKeys
from babbitt.registry.application.apply_retention import ApplyRetention
from babbitt.registry.application.change_policy import ChangePolicy
from babbitt.registry.application.collect_artifacts import CollectArtifacts
from babbitt.registry.application.follow_jobs import FollowJobs
from babbitt.registry.application.judge_version import JudgeVersion
from babbitt.registry.application.promote_version import PromoteVersion
from babbitt.registry.application.register_version import RegisterVersion
from babbitt.registry.application.remove_alias import RemoveAlias
from babbitt.registry.application.retire_version import RetireVersion
from babbitt.registry.application.roll_back import RollBack
from babbitt.registry.entrypoints.consumers import Consumers
from babbitt.registry.entrypoints.sweeps import COLLECTION_EVERY_S, RETENTION_EVERY_S, RetentionSweep, sweeping
from babbitt.registry.entrypoints.takeovers import assert_aliases
from babbitt.registry.settings import RegistrySettings


async def serve(settings: RegistrySettings, stop: asyncio.Event) -> None:
    """Run until `stop` is set."""
    signatures = TrustedKeys(settings.trusted_keys)

    def models(session: AsyncSession) -> PostgresModels:
        return PostgresModels(session, signatures)

    chassis = make_chassis(settings, on_takeover=assert_aliases(models))
    artifacts, tests = StoredArtifacts(chassis.objects), StoredTestFiles(chassis.objects)

    def policies(session: AsyncSession) -> PostgresPolicies:
        return PostgresPolicies(session, settings.policy)

    def retain(session: AsyncSession, outbox: Outbox) -> ApplyRetention:
        return ApplyRetention(models(session), policies(session), outbox, utc_now)

    @asynccontextmanager
    async def book() -> AsyncGenerator[PostgresArtifacts]:
        async with transaction(chassis.sessions) as session:
            yield PostgresArtifacts(session)

    consumers = Consumers(
        register=lambda session, outbox: RegisterVersion(
            models(session),
            PostgresArtifacts(session),
            book,
            artifacts,
            signatures,
            policies(session),
            JudgeVersion(tests, PostgresTestSplits(session)),
            outbox,
            utc_now,
        ),
        promote=lambda session, outbox: PromoteVersion(models(session), outbox, utc_now),
        roll_back=lambda session, outbox: RollBack(models(session), outbox, utc_now),
        remove_alias=lambda session, outbox: RemoveAlias(models(session), outbox, utc_now),
        retire=lambda session, outbox: RetireVersion(models(session), outbox),
        retain=retain,
        change_policy=lambda session, outbox: ChangePolicy(models(session), policies(session), outbox),
        follow=lambda session: FollowJobs(PostgresNeeds(session)),
    )

    grace = timedelta(hours=settings.condemned_hours)
    collect = CollectArtifacts(book, StoredCopies(chassis.objects), utc_now, grace)
    sweep = RetentionSweep(partial(caught_up, settings, TRAINING_EVENTS), chassis.sessions, models, retain)
    chassis.control_plane.hears(TRAINING_EVENTS, consumers.of_training())
    chassis.control_plane.hears(MODELS_REQUESTS, consumers.of_requests())
    async with running(chassis, stop) as background:
        background.create_task(sweeping("retention", sweep, RETENTION_EVERY_S))
        background.create_task(sweeping("collection", collect, COLLECTION_EVERY_S))
        await stop.wait()
