"""`python -m babbitt.registry rebuild`: an empty schema is filled from the topics."""

from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.registry.adapters.kafka_past import KafkaPast
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.adapters.postgres_beginning import PostgresBeginning
from babbitt.registry.adapters.postgres_needs import PostgresNeeds
from babbitt.registry.adapters.postgres_policies import PostgresPolicies
from babbitt.registry.application.rebuild import Rebuild, Rebuilt
from babbitt.registry.entrypoints.consumers import SOURCE
from babbitt.registry.settings import RegistrySettings


async def rebuild(settings: RegistrySettings) -> Rebuilt:
    """Fill the schema; what there is again. All or nothing.

    Raises:
        NotEmpty, Refused, Unavailable: as `Rebuild`.
    """
    engine = make_engine(settings)
    try:
        async with transaction(make_sessions(engine)) as session:
            return await Rebuild(
                KafkaPast(settings, SOURCE),
                PostgresBeginning(session),
                PostgresModels(session),
                PostgresPolicies(session, settings.policy),
                PostgresNeeds(session),
            )()
    finally:
        await engine.dispose()
