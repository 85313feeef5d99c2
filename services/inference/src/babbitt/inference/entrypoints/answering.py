"""The runners: take a micro-batch, answer it in a thread, hand the answers over."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from babbitt.chassis.errors import Malformed
from babbitt.chassis.logs import logger
from babbitt.inference.application.answer_questions import AnswerQuestions
from babbitt.inference.domain.diagnosis import Diagnosis
from babbitt.inference.entrypoints.busy import Busy
from babbitt.inference.entrypoints.delivery import Delivery, Given
from babbitt.inference.entrypoints.micro_batches import MicroBatches, Pending
from babbitt.inference.errors import DeadlinePassed, UnsuitableWaveform
from babbitt.inference.metrics import BATCH_REQUESTS, MODEL_SECONDS, QUEUE_SECONDS

_LOG = logger(__name__)


class Answering:
    """Answers micro-batches.

    Args:
        batches: where questions wait.
        answer: answers them; blocks, so it runs in a thread.
        delivery: words and sends the answers.
        busy: counts what has begun.
        threads: one for each runner.
        now_s: the clock, seconds since the epoch.
    """

    def __init__(
        self,
        batches: MicroBatches,
        answer: AnswerQuestions,
        delivery: Delivery,
        busy: Busy,
        threads: Executor,
        *,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._batches = batches
        self._answer = answer
        self._delivery = delivery
        self._busy = busy
        self._threads = threads
        self._now_s = now_s

    async def run(self) -> None:
        """Answer until cancelled; each runner is one call of this."""
        while True:
            batch = await self._batches.take()
            with self._busy:
                self._delivery.give(await self._isolated(batch))
                for pending in batch:
                    pending.let_go()

    async def _isolated(self, batch: Sequence[Pending]) -> list[Given]:
        """The answers of a batch; when it fails as a whole, one by one, so that only the culprit has none."""
        try:
            return await self._answered(batch)
        except Exception as error:  # noqa: BLE001 - the process's edge: only the culprit has no answer
            _LOG.error("a micro-batch failed", requests=len(batch), exc_info=error)
            if len(batch) == 1:
                return [self._delivery.broke(batch[0].asked.arrival, error)]
            return [given for pending in batch for given in await self._isolated([pending])]

    async def _answered(self, batch: Sequence[Pending]) -> list[Given]:
        now_s = self._now_s()
        due: list[Pending] = []
        given: list[Given] = []
        for pending in batch:
            QUEUE_SECONDS.observe(max(0.0, now_s - pending.asked.arrival.record.timestamp / 1000))
            late_s = now_s - pending.asked.request.deadline_ms / 1000
            if late_s > 0:
                late = DeadlinePassed(f"the deadline passed {late_s:.3f} s before its turn came")
                given.append(self._delivery.refused(pending.asked, late))
            else:
                due.append(pending)
        if not due:
            return given
        BATCH_REQUESTS.observe(len(due))
        loop = asyncio.get_running_loop()
        with MODEL_SECONDS.time():
            questions = [pending.question for pending in due]
            outcomes = await loop.run_in_executor(self._threads, self._answer, questions)
        for pending, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, Diagnosis):
                given.append(self._delivery.completed(pending, outcome))
            elif isinstance(outcome, Malformed):
                given.append(self._delivery.malformed(pending.asked.arrival, outcome))
            elif isinstance(outcome, UnsuitableWaveform):
                given.append(self._delivery.refused(pending.asked, outcome))
            else:
                given.append(self._delivery.broke(pending.asked.arrival, outcome))
        return given
