"""The callers that wait on this replica, and the results that end their waiting.

Results are keyed by prediction id, so a record's key tells whether somebody here waits for it, before anything of it is
decoded; results that other replicas' callers wait for cost one look into a dictionary. The first one is the answer.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord

from babbitt.chassis.kafka import origin_of
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.errors import UnknownType
from babbitt.contracts.predictions import PredictionResult
from babbitt.contracts.topics import PREDICTIONS_RESULTS
from babbitt.gateway.metrics import WAITING

type Reply = asyncio.Future[PredictionResult]


class Replies:
    """Who waits for what."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, Reply] = {}

    @contextmanager
    def expecting(self, prediction_id: UUID) -> Generator[Reply]:
        """What will be the result, for as long as the context is open."""
        key = str(prediction_id).encode()
        reply: Reply = asyncio.get_running_loop().create_future()
        self._waiting[key] = reply
        WAITING.set(len(self._waiting))
        try:
            yield reply
        finally:
            del self._waiting[key]
            WAITING.set(len(self._waiting))

    def heard(self, record: ConsumerRecord[Any, Any]) -> None:
        """Take a record of the results.

        Raises:
            MalformedMessage: somebody waits for it, and it is none of its contracts.
        """
        reply = self._waiting.get(record.key or b"")
        if reply is None or reply.done():
            return
        try:
            delivery = decode(PREDICTIONS_RESULTS, record.value, record.headers, origin_of(PREDICTIONS_RESULTS, record))
        except UnknownType:
            return
        if isinstance(delivery.message, PredictionResult):
            reply.set_result(delivery.message)
