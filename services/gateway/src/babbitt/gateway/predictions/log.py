"""The prediction log: results are written in batches by a consumer group of their own, off the callers' path.

At least once: the offsets are committed after the rows. The first result of an id is the answer, later ones change
nothing. What cannot be read, or cannot be stored, is a dead letter, and the log goes on.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import group_id, kafka_errors, origin_of
from babbitt.chassis.logs import logger
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import ReadableConsumer, Record, UnreadableRecord
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.errors import MalformedMessage, UnknownType
from babbitt.contracts.predictions import PredictionCompleted, PredictionFailed
from babbitt.contracts.topics import PREDICTIONS_RESULTS
from babbitt.gateway.metrics import LOGGED
from babbitt.gateway.predictions.queries import add_results
from babbitt.gateway.predictions.schemas import PredictionAnswer
from babbitt.gateway.producer import Producer

_LOG = logger(__name__)

BATCH = 1000
BATCH_BYTES, BATCH_WAIT_MS = 262_144, 250
"""The broker gathers a batch: a statement for every result would cost more than the prediction itself."""
_ANSWER = set(PredictionAnswer.model_fields)


class PredictionLog:
    """Writes results into the log for as long as it runs."""

    def __init__(self, settings: Settings, sessions: async_sessionmaker[AsyncSession], producer: Producer) -> None:
        self._settings = settings
        self._sessions = sessions
        self._producer = producer

    async def run(self) -> None:
        """Write until cancelled; what is away is waited for."""
        while True:
            consumer = ReadableConsumer(
                PREDICTIONS_RESULTS.full_name(self._settings.kafka_prefix),
                bootstrap_servers=self._settings.kafka_bootstrap_servers,
                client_id=f"{self._settings.kafka_prefix}{self._settings.instance}",
                group_id=group_id(self._settings, PREDICTIONS_RESULTS, "log"),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                session_timeout_ms=int(self._settings.group_session_s * 1000),
                fetch_min_bytes=BATCH_BYTES,
                fetch_max_wait_ms=BATCH_WAIT_MS,
            )
            try:
                with kafka_errors():
                    await consumer.start()
                    await self._read(consumer)
            except Unavailable as error:
                _LOG.warning("the prediction log waits", reason=str(error))
                await asyncio.sleep(0.5)
            finally:
                with suppress(KafkaError):
                    await consumer.stop()

    async def _read(self, consumer: ReadableConsumer) -> None:
        delay_s = 0.2
        while True:
            batch = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            if not batch:
                continue
            try:
                await self._write([record for records in batch.values() for record in records])
            except Unavailable as error:
                _LOG.warning("the prediction log waits", reason=str(error))
                for partition, records in batch.items():
                    consumer.seek(partition, records[0].offset)
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, 10.0)
            else:
                delay_s = 0.2
                await consumer.commit({partition: records[-1].offset + 1 for partition, records in batch.items()})

    async def _write(self, records: Sequence[Record]) -> None:
        """Store what can be stored, bury the rest.

        Raises:
            Unavailable: database or broker are away; all of it is to come again.
        """
        rows: dict[Any, dict[str, Any]] = {}
        sources: dict[Any, Record] = {}
        for record in records:
            try:
                row = row_of(record)
            except UnknownType:
                LOGGED.labels("skipped").inc()
            except MalformedMessage as error:
                LOGGED.labels("malformed").inc()
                await self._producer.bury(PREDICTIONS_RESULTS, record, error.detail)
            else:
                if rows.setdefault(row["id"], row) is row:
                    sources[row["id"]] = record
        if not rows:
            return
        try:
            first = await self._store(list(rows.values()))
        except SQLAlchemyError:
            first = await self._store_singly(rows, sources)
        LOGGED.labels("first").inc(first)
        LOGGED.labels("repeat").inc(len(rows) - first)

    async def _store(self, rows: Sequence[dict[str, Any]]) -> int:
        async with transaction(self._sessions) as session:
            return await add_results(session, rows)

    async def _store_singly(self, rows: Mapping[Any, dict[str, Any]], sources: Mapping[Any, Record]) -> int:
        """One row spoils a statement: the others are written without it."""
        first = 0
        for identity, row in rows.items():
            try:
                first += await self._store([row])
            except SQLAlchemyError as error:
                await self._producer.bury(PREDICTIONS_RESULTS, sources[identity], str(error), kind="bug")
        return first


def row_of(record: Record) -> dict[str, Any]:
    """A result as a row of the log.

    Raises:
        MalformedMessage: it is none of its contracts.
    """
    if isinstance(record, UnreadableRecord):
        raise MalformedMessage(record.reason)
    delivery = decode(PREDICTIONS_RESULTS, record.value, record.headers, origin_of(PREDICTIONS_RESULTS, record))
    match delivery.message:
        case PredictionCompleted() as result:
            answer = result.model_dump(mode="json", include=_ANSWER)
            return _row(result, "completed", result.completed_at, answer=answer)
        case PredictionFailed() as result:
            problem = result.problem.model_dump(mode="json", exclude_none=True)
            return _row(result, "failed", result.failed_at, problem=problem)
        case other:
            raise UnknownType(f"{type(other).__name__} is no result", envelope=delivery.envelope)


def _row(
    result: PredictionCompleted | PredictionFailed,
    state: str,
    at: datetime,
    *,
    answer: dict[str, Any] | None = None,
    problem: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "id": result.prediction_id,
        "state": state,
        "model": result.model_name,
        "reference": result.reference,
        "machine": result.machine,
        "answer": answer,
        "problem": problem,
        "completed_at": at,
    }
