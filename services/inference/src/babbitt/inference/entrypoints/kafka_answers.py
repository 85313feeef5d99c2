"""Answers, dead letters and diagnostics as messages. Answers tell in headers whose they are, to be filtered unread."""

import re
from uuid import UUID

from babbitt.chassis.clock import Clock, utc_now
from babbitt.chassis.dead_letters import dead_letter as letter_of
from babbitt.chassis.sender import Outgoing
from babbitt.chassis.unreadable import Record
from babbitt.contracts.cloudevents import JSON_TYPE, Origin, headers_of
from babbitt.contracts.envelope import SEQUENCE_DIGITS, SPEC_VERSION, Envelope
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.names import NAME_PATTERN, new_id
from babbitt.contracts.predictions import (
    InputSummary,
    ModelUnhealthy,
    PredictionCompleted,
    PredictionFailed,
    PredictionRequested,
    PredictionResult,
    ServedModel,
)
from babbitt.contracts.problems import Problem
from babbitt.contracts.topics import DIAGNOSTICS_EVENTS, PREDICTIONS_RESULTS, dead_letters
from babbitt.contracts.waveform import PREFIX
from babbitt.inference.domain.diagnosis import Diagnosis
from babbitt.inference.domain.outputs import SHAFT_SPEED
from babbitt.inference.entrypoints.kafka_arrivals import Arrival, Asked
from babbitt.inference.entrypoints.traces import Traceparent, passed_on

_SOURCE = "/babbitt/inference"
_SEQUENCE = f"{1:0{SEQUENCE_DIGITS}d}".encode()
_SPEC_VERSION, _JSON = SPEC_VERSION.encode(), JSON_TYPE.encode()
_DEAD_LETTERS = dead_letters("inference").name
_UNREAD = "unknown"


def dead_letter(record: Record, origin: Origin, *, kind: str, reason: str) -> Outgoing:
    """A message as it was, and what became of it; `kind` is `malformed` or `bug`."""
    key, value, told = letter_of(
        record.key, record.value, record.headers, origin, kind=kind, reason=reason, consumer="inference"
    )
    return Outgoing(_DEAD_LETTERS, key or b"", value, told)


class Answers:
    """Writes what is to be said.

    Args:
        instance: the replica.
        traceparent: finds the trace that an answer belongs to.
        now: the clock.
    """

    def __init__(self, instance: str, traceparent: Traceparent = passed_on, *, now: Clock = utc_now) -> None:
        self._instance = instance
        self._traceparent = traceparent
        self._now = now

    def completed(self, asked: Asked, assigned: AliasAssigned, diagnosis: Diagnosis) -> Outgoing:
        """The answer."""
        request = asked.request
        result = PredictionCompleted(
            prediction_id=request.prediction_id,
            model_name=request.model,
            reference=request.reference,
            machine=request.machine,
            reply_to=request.reply_to,
            model=ServedModel(name=assigned.model, version=assigned.version, digest=assigned.artifact.sha256),
            fault=diagnosis.fault,
            confidence=diagnosis.confidence,
            probabilities=diagnosis.probabilities,
            prediction_set=diagnosis.prediction_set,
            coverage=diagnosis.coverage,
            novel=diagnosis.novel,
            novelty=diagnosis.novelty,
            severity=diagnosis.severity,
            windows=diagnosis.windows,
            input=_summary(request, assigned, diagnosis.refined_speed_hz),
            warnings=request.warnings + diagnosis.warnings,
            completed_at=self._now(),
        )
        return self._result(asked.arrival, result)

    def failed(self, asked: Asked, problem: Problem) -> Outgoing:
        """Why there is no answer."""
        request = asked.request
        result = PredictionFailed(
            prediction_id=request.prediction_id,
            model_name=request.model,
            reference=request.reference,
            machine=request.machine,
            reply_to=request.reply_to,
            problem=problem,
            failed_at=self._now(),
        )
        return self._result(asked.arrival, result)

    def unread(self, arrival: Arrival, prediction_id: UUID, problem: Problem) -> Outgoing:
        """Why there is no answer, where no more than the prediction's id could be relied on."""
        model = arrival.header(f"{PREFIX}model") or ""
        result = PredictionFailed(
            prediction_id=prediction_id,
            model_name=model if re.fullmatch(NAME_PATTERN, model) else _UNREAD,
            reference=arrival.header(f"{PREFIX}reference") or _UNREAD,
            reply_to=arrival.header(f"{PREFIX}reply_to"),
            problem=problem,
            failed_at=self._now(),
        )
        return self._result(arrival, result)

    def unhealthy(self, assigned: AliasAssigned, reason: str) -> Outgoing:
        """An artifact that cannot be served here."""
        event = ModelUnhealthy(
            model=assigned.model,
            reference=assigned.reference,
            version=assigned.version,
            digest=assigned.artifact.sha256,
            instance=self._instance,
            reason=reason[:2000],
        )
        envelope = Envelope.of(event, id=new_id(), source=f"{_SOURCE}/{self._instance}", time=self._now())
        return Outgoing(
            DIAGNOSTICS_EVENTS.name, event.key().encode(), event.model_dump_json().encode(), headers_of(envelope)
        )

    def _result(self, arrival: Arrival, result: PredictionResult) -> Outgoing:
        """The envelope is written by hand: through its own class it takes longer than reading the request does."""
        prediction_id = str(result.prediction_id)
        key = prediction_id.encode()
        cause = arrival.raw_header("ce_id") or key
        headers = [
            ("prediction_id", key),
            ("content-type", _JSON),
            ("ce_specversion", _SPEC_VERSION),
            ("ce_id", str(new_id()).encode()),
            ("ce_source", _SOURCE.encode()),
            ("ce_type", type(result).type_name().encode()),
            ("ce_time", self._now().isoformat().encode()),
            ("ce_subject", key),
            ("ce_causationid", cause),
            ("ce_correlationid", arrival.raw_header("ce_correlationid") or cause),
            ("ce_sequence", _SEQUENCE),
        ]
        if result.reply_to:
            headers.append(("reply_to", result.reply_to.encode()))
        if traceparent := self._traceparent(arrival):
            headers.append(("traceparent", traceparent))
        return Outgoing(PREDICTIONS_RESULTS.name, key, result.model_dump_json().encode(), headers)


def _summary(request: PredictionRequested, assigned: AliasAssigned, refined_speed_hz: float | None) -> InputSummary:
    """What was read of the input, and where its shaft speed is from."""
    speed_hz, source = request.shaft_speed_hz, "measured"
    if speed_hz is None and SHAFT_SPEED in assigned.model_spec.inputs:
        speed_hz, source = assigned.data_spec.shaft_speed_hz, "nominal"
    if refined_speed_hz is not None:
        speed_hz, source = refined_speed_hz, "refined"
    return InputSummary(
        sampling_rate_hz=request.sampling_rate_hz,
        resampled_from_hz=request.resampled_from_hz,
        shaft_speed_hz=speed_hz,
        shaft_speed_source=None if speed_hz is None else source,
    )
