"""What the gateway hears is read as its golden examples say; what it asks for is what was promised."""

from uuid import UUID

import numpy as np
import pytest

from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_EVENTS, PREDICTIONS_REQUESTS, TRAINING_EVENTS
from babbitt.contracts.waveform import encode_samples, read_waveform
from babbitt.gateway.datasets.consumers import DATASET_HANDLERS
from babbitt.gateway.datasets.schemas import NewDataset
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.models.consumers import MODEL_HANDLERS
from babbitt.gateway.predictions.dispatch import Dispatcher, Question
from babbitt.gateway.predictions.preparation import Prepared
from babbitt.gateway.predictions.replies import Replies
from babbitt.gateway.system.roster import Roster
from babbitt.gateway.training_jobs.consumers import JOB_HANDLERS

SAMPLES = np.zeros((1, 8), dtype=np.float32)


class FakeProducer:
    """Keeps what is sent."""

    def __init__(self):
        self.sent = []

    async def send(self, topic, *, key, value, headers):
        self.sent.append((topic, key, value, headers))


@pytest.mark.parametrize(
    ("topic", "handlers", "passed_over"),
    [
        (DATASETS_EVENTS, DATASET_HANDLERS, set()),
        (TRAINING_EVENTS, JOB_HANDLERS, {"CheckpointSaved", "TrainProgressed"}),
        (MODELS_EVENTS, MODEL_HANDLERS, set()),
    ],
)
def test_every_event_of_the_topics_that_are_shown_is_handled_or_passed_over_on_purpose(topic, handlers, passed_over):
    assert {kind.type_name() for kind in handlers} == messages_on(topic).keys() - passed_over


def test_what_a_reference_points_at_is_known(golden, golden_record):
    aliases, assigned = Aliases(), golden("AliasAssigned").message
    aliases.heard(golden_record("AliasAssigned"))
    assert aliases.resolve(f"{assigned.model}@{assigned.reference}") == assigned


def test_a_heartbeat_is_a_replica_that_is_alive(golden, golden_record):
    roster = Roster()
    roster.heard(golden_record("ServiceHeartbeat"))
    (seen,) = roster.replicas()
    assert seen.heartbeat == golden("ServiceHeartbeat").message
    assert seen.alive(roster.now())


@pytest.mark.parametrize("name", ["PredictionCompleted", "PredictionFailed"])
async def test_a_result_ends_the_waiting_of_its_caller(golden, golden_record, name):
    replies, result = Replies(), golden(name).message
    with replies.expecting(UUID(result.key())) as reply:
        replies.heard(golden_record(name))
        assert await reply == result


async def test_a_question_is_sent_as_inference_reads_it(golden, promised):
    request, producer = golden("PredictionRequested").message, FakeProducer()
    samples, encoding = encode_samples(SAMPLES)
    prepared = Prepared(SAMPLES, encoding, request.sampling_rate_hz, None, None, None, ())
    await Dispatcher(producer, Replies(), None, "/babbitt/gateway/0").send(Question(request, prepared))
    ((topic, key, value, headers),) = producer.sent
    assert (topic, key, value) == (PREDICTIONS_REQUESTS, request.key().encode(), samples)
    assert read_waveform(PredictionRequested, headers) == (request, encoding)
    assert promised([request]) == {"PredictionRequested"}


def test_the_body_of_a_dataset_asks_for_the_golden_one(golden):
    asked = golden("DatasetRequested").message
    body = asked.configuration.model_dump(mode="json") | {"label": asked.label}
    assert NewDataset.model_validate(body).configuration() == asked.configuration
