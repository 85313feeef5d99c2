"""Follows the way by the gateway's event stream: each wait is for an event, with a deadline."""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from babbitt.client.blocking import EventStream
from babbitt.client.events import StreamedEvent
from babbitt.contracts.datasets import DatasetFailed, DatasetReady
from babbitt.contracts.envelope import Message
from babbitt.contracts.heartbeats import ServiceHeartbeat
from babbitt.contracts.models import ModelGateEvaluated, ModelPromoted
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.training import EpochCompleted, TrainCancelled, TrainCompleted, TrainFailed
from babbitt.native.errors import NativeError


class Watch:
    """Reads one stream of everything from before the first request on, so that nothing can be missed."""

    def __init__(self, stream: EventStream, deadline_s: float) -> None:
        self._events = iter(stream)
        self._until = time.monotonic() + deadline_s

    def dataset_ready(self, dataset_id: str, told: Callable[[Message], None]) -> DatasetReady:
        """Wait for the dataset; raises NativeError with the reason when it fails."""
        while True:
            message, _ = self._next("DatasetReady")
            _refused(message, dataset_id)
            if getattr(message, "dataset_id", None) != dataset_id:
                continue
            told(message)
            if isinstance(message, DatasetFailed):
                raise NativeError(f"the dataset failed: {message.reason}")
            if isinstance(message, DatasetReady):
                return message

    def train_completed(
        self, job_id: UUID, told: Callable[[Message], None]
    ) -> tuple[TrainCompleted, datetime, list[EpochCompleted]]:
        """Wait for the end of the job: what it made, when it said so, and the epochs that were streamed."""
        epochs: list[EpochCompleted] = []
        while True:
            message, event = self._next("TrainCompleted")
            _refused(message, str(job_id))
            if getattr(message, "job_id", None) != job_id:
                continue
            told(message)
            if isinstance(message, EpochCompleted):
                epochs.append(message)
            if isinstance(message, TrainFailed | TrainCancelled):
                raise NativeError(f"the training ended without a model: {message.reason}")
            if isinstance(message, TrainCompleted):
                return message, _time(event), epochs

    def promoted(self, model: str, digest: str, told: Callable[[Message], None]) -> ModelPromoted:
        """Wait until the registry has promoted the artifact; raises NativeError naming a gate that failed."""
        versions: set[int] = set()
        while True:
            message, _ = self._next("ModelPromoted")
            if getattr(message, "model", None) != model:
                continue
            told(message)
            if getattr(getattr(message, "artifact", None), "sha256", None) == digest:
                versions.add(getattr(message, "version", 0))
            if isinstance(message, ModelGateEvaluated) and message.outcome != "passed":
                raise NativeError(f"gate {message.gate}: {message.outcome}: {message.detail}")
            if isinstance(message, ModelPromoted) and message.version in versions:
                return message

    def served(self, model: str, digest: str, replicas: int) -> datetime:
        """Wait until `replicas` replicas of inference say that they serve the artifact; when the last one said so."""
        serving: set[str] = set()
        while True:
            message, event = self._next(f"{replicas} replicas serving")
            if isinstance(message, ServiceHeartbeat) and any(
                (one.model, one.reference, one.digest) == (model, "champion", digest) for one in message.serves
            ):
                serving.add(message.instance)
                if len(serving) >= replicas:
                    return _time(event)

    def _next(self, awaited: str) -> tuple[Message, StreamedEvent]:
        """The next event that is known here; heartbeats among them see to it that the deadline is noticed."""
        for event in self._events:
            if time.monotonic() > self._until:
                break
            if event.message is not None:
                return event.message, event
        raise NativeError(f"no {awaited} in time")


def _refused(message: Message, subject: str) -> None:
    if isinstance(message, RequestRefused) and message.subject == subject:
        raise NativeError(f"{message.request_type} was refused: {message.problem.detail}")


def _time(event: StreamedEvent) -> datetime:
    assert event.time is not None, "the gateway streams every envelope's time"
    return event.time
