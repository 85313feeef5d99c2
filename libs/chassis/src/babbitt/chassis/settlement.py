"""How a message of the control plane ends, decided in one place.

| what happened | what follows |
| --- | --- |
| handled, or a repeat | the offset is committed after the transaction |
| `Refused` | RequestRefused through the outbox, the inbox row kept |
| `Malformed` | dead letter, and RequestRefused where the envelope could be read |
| `Unavailable` | sought back and tried again with back-off for as long as it lasts; `ready` says so |
| anything else | a bug: three tries, then a dead letter, and whoever waits for an answer is told |
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.dead_letters import bury
from babbitt.chassis.errors import Malformed, Refused, Unavailable
from babbitt.chassis.inbox import first_time, note
from babbitt.chassis.kafka import origin_of
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import DEAD_LETTERS, MESSAGES, SKIPPED
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.unreadable import UnreadableRecord
from babbitt.contracts.cloudevents import Delivery, Origin, contract_of, read_envelope, read_message
from babbitt.contracts.envelope import Envelope, Message
from babbitt.contracts.errors import UnknownType
from babbitt.contracts.names import derived_id
from babbitt.contracts.problems import Problem, RequestRefused
from babbitt.contracts.topics import REFUSALS, Topic, dead_letters

_LOG = logger(__name__)

MAX_ATTEMPTS = 3
LONGEST_KEY_BYTES = 512
LONGEST_REASON = 500

type Handler = Callable[[Delivery[Any], AsyncSession], Awaitable[None]]
"""Translates and calls one use case, inside the message's transaction; never commits."""

type GivenUp = Callable[[Delivery[Any], AsyncSession, str], Awaitable[None]]
"""Ends what waits for a message that was tried in vain, for this reason, in the dead letter's transaction."""


type Gone = Callable[[str, AsyncSession], Awaitable[None]]
"""Hears, within a transaction, that a key of a compacted topic has no value any more; that again changes nothing."""


class Verdict(Enum):
    """What the consumer does next."""

    SETTLED = "commit"
    AGAIN = "seek back"


@dataclass(slots=True)
class Attempts:
    """How often the message at the head of a partition has been tried.

    Attributes:
        count: tries that ended in a bug.
        away: tries that something outside was away for.
        unanswered: nor could it be given up with an answer, by a bug too.
    """

    offset: int = -1
    count: int = 0
    away: int = 0
    unanswered: bool = False


class Settlement:
    """Settles the messages of one topic for one service."""

    def __init__(
        self,
        service: str,
        topic: Topic,
        handlers: Mapping[type[Message], Handler],
        sessions: async_sessionmaker[AsyncSession],
        readiness: Readiness,
        committed: Callable[[], None],
        given_up: GivenUp | None = None,
        gone: Gone | None = None,
    ) -> None:
        self.topic = topic
        self._service = service
        self._handlers = handlers
        self._sessions = sessions
        self._readiness = readiness
        self._committed = committed
        self._given_up = given_up or self._say_given_up
        self._gone = gone
        self._attempts: dict[int, Attempts] = {}

    async def settle(self, record: ConsumerRecord[Any, Any]) -> Verdict:
        """Handle a record to its end, or say that it has to come again."""
        try:
            outcome = await self._ended(record)
        except Unavailable as error:
            self._head(record).away += 1
            self._readiness.unready(self.topic.name, str(error))
            _LOG.warning("a message waits", topic=self.topic.name, offset=record.offset, reason=str(error))
            return Verdict.AGAIN
        except Exception as error:  # noqa: BLE001 - not even a dead letter could be written: told, and tried for ever
            self._head(record).away += 1
            self._readiness.unready(self.topic.name, f"offset {record.offset} cannot be settled: {error}")
            _LOG.error("a message cannot be settled", topic=self.topic.name, offset=record.offset, exc_info=error)
            return Verdict.AGAIN
        if outcome is None:
            return Verdict.AGAIN
        self.forget([record.partition])
        MESSAGES.labels(self.topic.name, outcome).inc()
        self._committed()
        return Verdict.SETTLED

    def back_off_s(self, partition: int) -> float:
        """Seconds to wait before the head of `partition` is tried again."""
        head = self._attempts.get(partition, Attempts())
        return min(0.2 * 2 ** min(head.away + head.count - 1, 10), 30.0)

    def forget(self, partitions: Iterable[int]) -> None:
        """Nothing waits at the heads of these partitions any more, or it is another replica's matter."""
        for partition in partitions:
            self._attempts.pop(partition, None)
        if not self._attempts:
            self._readiness.ready(self.topic.name)

    async def _ended(self, record: ConsumerRecord[Any, Any]) -> str | None:
        origin = origin_of(self.topic, record)
        delivery: Delivery[Message] | None = None
        try:
            try:
                if self.topic.compacted and record.value is None and not isinstance(record, UnreadableRecord):
                    return await self._key_gone(record)
                delivery = self._read(record, origin)
                return await self._handle(delivery) if delivery else "not_for_us"
            except UnknownType as error:
                if self.topic.kind == "requests":
                    return await self._malformed(record, origin, error)
                SKIPPED.labels(self.topic.name).inc()
                return "skipped"
            except Malformed as error:
                return await self._malformed(record, origin, error)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the process's edge: logged, counted, bounded
            return await self._bug(record, origin, delivery, error)

    def _read(self, record: ConsumerRecord[Any, Any], origin: Origin) -> Delivery[Message] | None:
        if isinstance(record, UnreadableRecord):
            raise Malformed(record.reason)
        envelope, data = read_envelope(self.topic, record.value, record.headers, origin)
        contract = contract_of(self.topic, envelope)
        if contract not in self._handlers:
            return None
        return read_message(contract, envelope, data, origin)

    async def _handle(self, delivery: Delivery[Message]) -> str:
        try:
            async with transaction(self._sessions) as session:
                if not await first_time(session, self.topic.name, delivery):
                    return "repeat"
                await self._handlers[type(delivery.message)](delivery, session)
        except Refused as error:
            return await self._refused(delivery, error)
        return "handled"

    async def _key_gone(self, record: ConsumerRecord[Any, Any]) -> str:
        if self._gone is None:
            return "not_for_us"
        async with transaction(self._sessions) as session:
            await self._gone((record.key or b"").decode("utf-8", "replace"), session)
        return "handled"

    async def _refused(self, delivery: Delivery[Message], error: Refused) -> str:
        _LOG.info(
            "refused",
            topic=self.topic.name,
            type=delivery.envelope.type,
            event_id=delivery.envelope.id,
            reason=str(error),
        )
        async with transaction(self._sessions) as session:
            await note(session, self.topic.name, delivery)
            await self._say_refused(session, delivery.envelope, delivery.message.key(), delivery.origin, error.problem)
        return "refused"

    async def _malformed(self, record: ConsumerRecord[Any, Any], origin: Origin, error: Malformed) -> str:
        async with transaction(self._sessions) as session:
            buried = await self._bury(session, record, origin, "malformed", error.detail)
            if error.envelope is not None:
                problem = Problem.of(
                    "malformed-request", 422, "The message is not its contract", error.detail, errors=error.errors
                )
                key = (record.key or b"")[:LONGEST_KEY_BYTES].decode("utf-8", "replace")
                subject = error.envelope.subject or (key if key.isprintable() else "") or error.envelope.id
                await self._say_refused(session, error.envelope, subject, origin, problem)
        self._count(buried, "malformed")
        return "malformed"

    async def _bug(
        self, record: ConsumerRecord[Any, Any], origin: Origin, delivery: Delivery[Message] | None, error: Exception
    ) -> str | None:
        head = self._head(record)
        head.count += 1
        _LOG.error("a message failed", topic=self.topic.name, offset=record.offset, attempt=head.count, exc_info=error)
        if head.count < MAX_ATTEMPTS:
            return None
        reason = f"{type(error).__name__}: {error}"
        try:
            async with transaction(self._sessions) as session:
                buried = await self._bury(session, record, origin, "bug", reason)
                if delivery and not head.unanswered:
                    await self._given_up(delivery, session, reason.partition("\n")[0][:LONGEST_REASON])
        except Unavailable:
            raise
        except Exception:
            head.unanswered = True  # what ends it may fail by the same bug: the next time it is only buried
            raise
        self._count(buried, "bug")
        return "bug"

    async def _say_given_up(self, delivery: Delivery[Message], session: AsyncSession, _reason: str) -> None:
        origin = delivery.origin
        place = f"partition {origin.partition}, offset {origin.offset} of {origin.topic}"
        detail = f"given up after {MAX_ATTEMPTS} tries; {dead_letters(self._service).name} keeps it ({place})"
        problem = Problem.of("internal-error", 500, "The request could not be handled", detail)
        await self._say_refused(session, delivery.envelope, delivery.message.key(), origin, problem)

    async def _bury(
        self, session: AsyncSession, record: ConsumerRecord[Any, Any], origin: Origin, kind: str, reason: str
    ) -> bool:
        _LOG.warning(
            "dead letter",
            topic=origin.topic,
            partition=origin.partition,
            offset=origin.offset,
            kind=kind,
            reason=reason,
        )
        key, value, headers = record.key, record.value, record.headers
        return await bury(session, self._service, key, value, headers, origin, kind=kind, reason=reason)

    def _count(self, buried: bool, kind: str) -> None:  # noqa: FBT001 - as `bury` says it
        if buried:
            DEAD_LETTERS.labels(self.topic.name, kind).inc()

    async def _say_refused(
        self, session: AsyncSession, envelope: Envelope, subject: str, origin: Origin, problem: Problem
    ) -> None:
        answers = REFUSALS.get(self.topic)
        if answers is None:
            return
        refused = RequestRefused(request_id=envelope.id, request_type=envelope.type, subject=subject, problem=problem)
        outbox = Outbox(session, f"/babbitt/{self._service}", envelope)
        event_id = derived_id("refused", origin.topic, origin.partition, origin.offset, origin.time)
        await outbox.publish(refused, sequence=0, topic=answers, event_id=event_id)

    def _head(self, record: ConsumerRecord[Any, Any]) -> Attempts:
        head = self._attempts.get(record.partition)
        if head is None or head.offset != record.offset:
            head = self._attempts[record.partition] = Attempts(record.offset)
        return head
