"""Asking inference: the waveform goes out on the topic, the first result that comes back is the answer."""

import asyncio
import time
from dataclasses import dataclass

from babbitt.chassis.clock import Clock, utc_now
from babbitt.chassis.kafka import kafka_errors
from babbitt.chassis.objects import ObjectStore, digest_of
from babbitt.chassis.telemetry import traceparent
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import CLAIMS, new_id
from babbitt.contracts.predictions import PredictionRequested, PredictionResult
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.contracts.waveform import CLAIM_OVER_BYTES, CONTENT_TYPE, Encoding, waveform_headers
from babbitt.gateway.errors import Away, DeadlinePassed
from babbitt.gateway.predictions.preparation import Prepared
from babbitt.gateway.predictions.replies import Replies
from babbitt.gateway.producer import Producer


@dataclass(frozen=True, slots=True)
class Question:
    """A request and its samples, ready to be sent."""

    request: PredictionRequested
    prepared: Prepared


class Dispatcher:
    """Sends questions and waits for their results.

    Args:
        source: who asks: `/babbitt/gateway/<instance>`.
    """

    def __init__(
        self, producer: Producer, replies: Replies, objects: ObjectStore, source: str, *, now: Clock = utc_now
    ) -> None:
        self._producer = producer
        self._replies = replies
        self._objects = objects
        self._source = source
        self._now = now

    async def ask(self, question: Question) -> PredictionResult:
        """The result.

        Raises:
            Away: the broker did not take the question in time.
            DeadlinePassed: it did, and no result came.
            Unavailable: the object store or the broker is away.
        """
        request = question.request
        with self._replies.expecting(request.prediction_id) as reply:
            sending = asyncio.create_task(self.send(question))
            sending.add_done_callback(lambda done: _pass_on(done, reply))
            try:
                async with asyncio.timeout(request.deadline_ms / 1000 - time.time()):
                    return await reply
            except TimeoutError as error:
                raise _too_late(request, sent=sending.done()) from error
            finally:
                sending.cancel()

    async def send(self, question: Question) -> None:
        """Send a question; returns when the broker has it.

        Raises:
            Unavailable: the object store or the broker is away.
        """
        request, encoding = question.request, question.prepared.encoding
        value: bytes | None = question.prepared.samples.tobytes()
        if len(value) > CLAIM_OVER_BYTES:
            encoding, value = await self._claimed(encoding, value), None
        envelope = Envelope.of(request, id=new_id(), source=self._source, time=self._now(), traceparent=traceparent())
        headers = headers_of(envelope, CONTENT_TYPE) + waveform_headers(request, encoding)
        with kafka_errors():
            await self._producer.send(PREDICTIONS_REQUESTS, key=request.key().encode(), value=value, headers=headers)

    async def _claimed(self, encoding: Encoding, value: bytes) -> Encoding:
        """Leave the samples in the store. Written anew even where they lie already: claims are removed by age."""
        sha256, _ = await asyncio.to_thread(digest_of, value)
        claim = await self._objects.put(f"{CLAIMS}/{sha256}", value)
        return encoding.model_copy(update={"claim_key": claim.key, "claim_sha256": claim.sha256})


def _pass_on(sending: asyncio.Task[None], reply: asyncio.Future[PredictionResult]) -> None:
    """A question that could not be sent ends the waiting."""
    error = None if sending.cancelled() else sending.exception()
    if error is not None and not reply.done():
        reply.set_exception(error)


def _too_late(request: PredictionRequested, *, sent: bool) -> Away | DeadlinePassed:
    prediction_id = str(request.prediction_id)
    place, members = f"/v1/predictions/{prediction_id}", {"prediction_id": prediction_id}
    if not sent:
        return Away("the broker did not take the question in time", instance=place, members=members)
    detail = f"no answer in time; a late one is kept under the id {prediction_id}"
    return DeadlinePassed(detail, instance=place, members=members)
