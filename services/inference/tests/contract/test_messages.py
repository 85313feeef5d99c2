"""What inference hears is read as its golden examples say; what it says is what was promised."""

from dataclasses import replace

import numpy as np

from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.topics import DIAGNOSTICS_EVENTS, PREDICTIONS_RESULTS
from babbitt.contracts.waveform import encode_samples, waveform_headers
from babbitt.inference.domain.diagnosis import Diagnosis
from babbitt.inference.entrypoints.kafka_answers import Answers
from babbitt.inference.entrypoints.kafka_arrivals import Arrival
from babbitt.inference.errors import DeadlinePassed


def arrived(golden_record, golden):
    """The golden request, as the gateway sends it: its fields in headers, samples as the value."""
    samples, encoding = encode_samples(np.zeros((1, 8), dtype=np.float32))
    record = golden_record("PredictionRequested")
    headers = (*record.headers, *waveform_headers(golden("PredictionRequested").message, encoding))
    return Arrival(replace(record, value=samples, headers=headers)), encoding


def test_the_golden_request_is_read_from_its_headers(golden, golden_record):
    arrival, encoding = arrived(golden_record, golden)
    asked = arrival.read()
    assert (asked.request, asked.encoding, asked.claim) == (golden("PredictionRequested").message, encoding, None)
    assert arrival.prediction_id() == asked.request.prediction_id


def test_all_that_is_said_is_what_was_promised(golden, golden_record, promised):
    asked, assigned = arrived(golden_record, golden)[0].read(), golden("AliasAssigned").message
    answers = Answers("inference-0")
    outgoing = [
        answers.completed(asked, assigned, Diagnosis("sain", 0.9, {"sain": 0.9, "oilwhirl": 0.1}, 2)),
        answers.failed(asked, DeadlinePassed("it came too late").problem),
        answers.unhealthy(assigned, "its digest is another"),
    ]
    topics = {topic.name: topic for topic in (PREDICTIONS_RESULTS, DIAGNOSTICS_EVENTS)}
    said = [decode(topics[each.topic], each.value, each.headers, asked.arrival.origin) for each in outgoing]
    assert [delivery.message.key().encode() for delivery in said] == [each.key for each in outgoing]
    everything = messages_on(PREDICTIONS_RESULTS).keys() | messages_on(DIAGNOSTICS_EVENTS).keys()
    assert promised([delivery.message for delivery in said]) == everything
