"""Answers on their way out: said, acknowledged, and only then counted as given."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from babbitt.chassis.errors import Malformed
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import DEAD_LETTERS, MESSAGES
from babbitt.chassis.sender import Outgoing
from babbitt.contracts.problems import Problem
from babbitt.contracts.topics import PREDICTIONS_REQUESTS, PREDICTIONS_RESULTS
from babbitt.inference.domain.diagnosis import Diagnosis
from babbitt.inference.entrypoints.busy import Busy
from babbitt.inference.entrypoints.kafka_answers import Answers, dead_letter
from babbitt.inference.entrypoints.kafka_arrivals import Arrival, Asked
from babbitt.inference.entrypoints.micro_batches import Pending
from babbitt.inference.errors import PredictionBroke, Unanswered
from babbitt.inference.metrics import PREDICTIONS

_LOG = logger(__name__)
_TOPIC = PREDICTIONS_REQUESTS.name

type Given = tuple[Arrival, list[Outgoing]]
"""A request, and what is to be said about it."""


class Announcer(Protocol):
    """Says what is to be said."""

    async def say(self, messages: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """Send, and return when every message is acknowledged; those that the broker takes neither now nor later."""
        ...


class Delivery:
    """Words outcomes and sends them.

    Args:
        announcer: sends.
        answers: finds the words.
        busy: counts what is on its way.
        tasks: where the waiting for acknowledgements runs.
        answered: is told of each request whose answer is acknowledged.
    """

    def __init__(
        self,
        announcer: Announcer,
        answers: Answers,
        busy: Busy,
        tasks: asyncio.TaskGroup,
        answered: Callable[[Arrival], None],
    ) -> None:
        self._announcer = announcer
        self._answers = answers
        self._busy = busy
        self._tasks = tasks
        self._answered = answered

    def give(self, given: Sequence[Given]) -> None:
        """Send, without waiting for the acknowledgements."""
        self._busy.__enter__()
        self._tasks.create_task(self._give(given))

    def completed(self, pending: Pending, diagnosis: Diagnosis) -> Given:
        """An answer."""
        asked = pending.asked
        PREDICTIONS.labels("200").inc()
        MESSAGES.labels(_TOPIC, "handled").inc()
        return asked.arrival, [self._answers.completed(asked, pending.question.served.assigned, diagnosis)]

    def refused(self, asked: Asked, error: Unanswered) -> Given:
        """Why there is no answer."""
        PREDICTIONS.labels(str(error.status)).inc()
        MESSAGES.labels(_TOPIC, "refused").inc()
        return asked.arrival, [self._answers.failed(asked, error.problem)]

    def malformed(self, arrival: Arrival, error: Malformed) -> Given:
        """A message that is not its contract: a dead letter, and an answer if it is known whose it is."""
        problem = Problem.of(
            "malformed-request", 422, "The message is not its contract", error.detail, errors=error.errors
        )
        return self._given_up(arrival, "malformed", error.detail, problem)

    def broke(self, arrival: Arrival, error: Exception) -> Given:
        """A message that something here failed on: a dead letter, and an answer if it is known whose it is."""
        problem = PredictionBroke("something failed on this waveform; it is kept as a dead letter").problem
        return self._given_up(arrival, "bug", f"{type(error).__name__}: {error}", problem)

    def _given_up(self, arrival: Arrival, kind: str, reason: str, problem: Problem) -> Given:
        origin = arrival.origin
        _LOG.warning("dead letter", partition=origin.partition, offset=origin.offset, kind=kind, reason=reason)
        DEAD_LETTERS.labels(_TOPIC, kind).inc()
        MESSAGES.labels(_TOPIC, kind).inc()
        said = [dead_letter(arrival.record, origin, kind=kind, reason=reason)]
        prediction_id = arrival.prediction_id()
        if prediction_id is not None:
            PREDICTIONS.labels(str(problem.status)).inc()
            said.append(self._answers.unread(arrival, prediction_id, problem))
        return arrival, said

    def _instead(self, given: Sequence[Given], refused: Sequence[Outgoing]) -> list[Outgoing]:
        """A short answer to each request whose own the broker does not take."""
        problem = PredictionBroke("the broker does not take the answer").problem
        return [
            self._answers.unread(arrival, UUID(bytes.decode(said.key or b"")), problem)
            for arrival, messages in given
            for said in messages
            if said in refused and said.topic == PREDICTIONS_RESULTS.name
        ]

    async def _give(self, given: Sequence[Given]) -> None:
        try:
            refused = await self._announcer.say([message for _, messages in given for message in messages])
            if refused:
                await self._announcer.say(self._instead(given, refused))
            for arrival, _ in given:
                self._answered(arrival)
        finally:
            self._busy.__exit__(None, None, None)
