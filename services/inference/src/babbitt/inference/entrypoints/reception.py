"""Requests as they arrive: read, held against their model, and made ready to be answered."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from babbitt.chassis.errors import Malformed, Unavailable
from babbitt.chassis.logs import logger
from babbitt.contracts.waveform import Claim, Encoding
from babbitt.inference.application.serve_models import ServeModels
from babbitt.inference.domain import suitability
from babbitt.inference.domain.question import Question, Served
from babbitt.inference.entrypoints.busy import Busy
from babbitt.inference.entrypoints.delivery import Delivery
from babbitt.inference.entrypoints.kafka_arrivals import Arrival, Asked
from babbitt.inference.entrypoints.micro_batches import MicroBatches, Pending
from babbitt.inference.errors import DeadlinePassed, Unanswered

_LOG = logger(__name__)
_AGAIN_S = 0.2
_LONGEST_S = 60.0
"""Whatever its deadline says, a request is made ready within this or not answered."""


class Claims(Protocol):
    """Fetches samples that lie in the object store."""

    async def fetch(self, claim: Claim, encoding: Encoding) -> bytes:
        """The samples, verified.

        Raises:
            Malformed: the claim is not one of samples, its object is gone, larger or other than it says.
            Unavailable: the store is away.
        """
        ...


class Reception:
    """Takes requests over. What needs time (samples to fetch, a model to load) is made ready aside, by itself.

    Args:
        models: what is served.
        claims: fetches samples from the object store.
        batches: where questions wait for their answer.
        delivery: says what cannot be answered.
        busy: counts what has begun.
        tasks: where the making ready runs.
        claims_held: so many claims are held in memory at once, at most.
        now_s: the clock, seconds since the epoch.
    """

    def __init__(
        self,
        models: ServeModels,
        claims: Claims,
        batches: MicroBatches,
        delivery: Delivery,
        busy: Busy,
        tasks: asyncio.TaskGroup,
        *,
        claims_held: int = 8,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._models = models
        self._claims = claims
        self._batches = batches
        self._delivery = delivery
        self._busy = busy
        self._tasks = tasks
        self._now_s = now_s
        self._room = asyncio.Semaphore(claims_held)
        self._aside: set[asyncio.Task[None]] = set()

    def accept(self, arrival: Arrival) -> None:
        """Take a request over. What is wrong with it is said; nothing is raised."""
        try:
            self._accept(arrival)
        except Malformed as error:
            self._delivery.give([self._delivery.malformed(arrival, error)])
        except Exception as error:  # noqa: BLE001 - the process's edge: one bad message harms no other
            _LOG.error("a request failed", exc_info=error)
            self._delivery.give([self._delivery.broke(arrival, error)])

    async def finish(self) -> None:
        """Forget what has not begun, and wait until what has is answered."""
        self._batches.clear()
        for task in self._aside:
            task.cancel()
        await self._busy.idle()

    def _accept(self, arrival: Arrival) -> None:
        asked = arrival.read()
        request = asked.request
        try:
            served = self._models.find(request.model, request.reference)
            if served is None or asked.claim is not None:
                task = self._tasks.create_task(self._make_ready(asked))
                self._aside.add(task)
                task.add_done_callback(self._aside.discard)
            else:
                _check(asked, served)
                self._batches.put(_pending(asked, served, arrival.record.value or b""))
        except Unanswered as error:
            self._delivery.give([self._delivery.refused(asked, error)])

    async def _make_ready(self, asked: Asked) -> None:
        request, arrival = asked.request, asked.arrival
        try:
            async with asyncio.timeout(min(request.deadline_ms / 1000 - self._now_s(), _LONGEST_S)):
                served = await self._models.obtain(request.model, request.reference)
                _check(asked, served)
                if asked.claim is None:
                    pending = _pending(asked, served, arrival.record.value or b"")
                else:
                    pending = await self._fetched(asked, served, asked.claim)
            self._batches.put(pending)
        except TimeoutError:
            self._delivery.give([self._delivery.refused(asked, DeadlinePassed("its model or samples were not there"))])
        except Unanswered as error:
            self._delivery.give([self._delivery.refused(asked, error)])
        except Malformed as error:
            self._delivery.give([self._delivery.malformed(arrival, error)])
        except Exception as error:  # noqa: BLE001 - the process's edge: one bad message harms no other
            _LOG.error("a request failed", exc_info=error)
            self._delivery.give([self._delivery.broke(arrival, error)])

    async def _fetched(self, asked: Asked, served: Served, claim: Claim) -> Pending:
        """A question with its claimed samples, as soon as there is room for them; they are let go of when answered."""
        await self._room.acquire()
        try:
            return _pending(asked, served, await self._samples(asked, claim), let_go=self._room.release)
        except BaseException:
            self._room.release()
            raise

    async def _samples(self, asked: Asked, claim: Claim) -> bytes:
        """Claimed samples; an object store that is away is waited for."""
        while True:
            try:
                return await self._claims.fetch(claim, asked.encoding)
            except Unavailable as error:
                _LOG.warning("samples wait", key=claim.key, reason=str(error))
                await asyncio.sleep(_AGAIN_S)


def _check(asked: Asked, served: Served) -> None:
    suitability.check(asked.request, asked.encoding.shape, served.assigned.data_spec, served.assigned.model_spec)


def _pending(asked: Asked, served: Served, samples: bytes, **more: Callable[[], None]) -> Pending:
    return Pending(asked, Question(asked.request, asked.encoding, samples, served), **more)
