"""What `inference` tells of itself: models that cannot serve, alias messages that cannot be read."""

from babbitt.chassis.kafka import origin_of
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import DEAD_LETTERS
from babbitt.chassis.unreadable import Record
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.inference.entrypoints.delivery import Announcer
from babbitt.inference.entrypoints.kafka_answers import Answers, dead_letter

_LOG = logger(__name__)


class Diagnostics:
    """Says it, and returns when it is acknowledged."""

    def __init__(self, announcer: Announcer, answers: Answers) -> None:
        self._announcer = announcer
        self._answers = answers

    async def unhealthy(self, assigned: AliasAssigned, reason: str) -> None:
        """A replica cannot serve what a reference points at."""
        await self._announcer.say([self._answers.unhealthy(assigned, reason)])

    async def bury_alias(self, record: Record, reason: str) -> None:
        """A message of the alias topic is not its contract."""
        _LOG.warning("dead letter", topic=MODELS_ALIASES.name, offset=record.offset, kind="malformed", reason=reason)
        DEAD_LETTERS.labels(MODELS_ALIASES.name, "malformed").inc()
        origin = origin_of(MODELS_ALIASES, record)
        await self._announcer.say([dead_letter(record, origin, kind="malformed", reason=reason)])
