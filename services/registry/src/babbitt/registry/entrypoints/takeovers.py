"""What a relay does when it takes over."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.relay import OnTakeover
from babbitt.registry.application.assert_aliases import AssertAliases
from babbitt.registry.application.ports import Models
from babbitt.registry.entrypoints.consumers import SOURCE


def assert_aliases(models: Callable[[AsyncSession], Models]) -> OnTakeover:
    """Assert what every model's references point at, each model in a transaction: who waits for one locks no other."""

    async def on_takeover(sessions: async_sessionmaker[AsyncSession]) -> None:
        async with transaction(sessions) as session:
            names = await models(session).names()
        for name in names:
            async with transaction(sessions) as session:
                await AssertAliases(models(session), Outbox(session, SOURCE))(name)

    return on_takeover
