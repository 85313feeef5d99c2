"""Signals hears and answers: on a real broker and a real database."""

import asyncio
import json

import pytest
from sqlalchemy import func, select, text

from babbitt.chassis.database import transaction
from babbitt.contracts.datasets import DatasetDeleted, DatasetDeleteRequested, DatasetReady
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.topics import DATASETS_REQUESTS, DATASETS_SHARDS, dead_letters
from babbitt.signals.adapters.postgres import PostgresDatasets
from babbitt.signals.adapters.tables import DATASETS, LINEAGE

pytestmark = pytest.mark.integration


async def test_a_dataset_asked_for_by_a_line_of_json_is_made_and_said_to_be_ready(bench, small):
    async with bench.running(), bench.events() as until:
        await bench.ask(small())
        ready = (await until(DatasetReady)).message
    assert ready.dataset_id == small().dataset_id()
    content = await bench.uploads.read(ready.manifest.key, ready.manifest.sha256)
    assert len(DatasetManifest.model_validate_json(content).records) == 12
    revisions = [delivery.envelope.sequence for delivery in until.seen]
    assert revisions == sorted(set(revisions))
    assert {delivery.envelope.source for delivery in until.seen} == {"/babbitt/signals"}


async def test_a_request_delivered_twice_is_one_dataset_and_a_later_one_is_answered_again(bench, small):
    async with bench.running(), bench.events() as until:
        for _ in range(2):
            await bench.ask(small(), "the same")
        first = await until(DatasetReady)
        await bench.ask(small(), "the same")
        await bench.ask(small(), "another")
        again = await until(DatasetReady)
    assert again.message == first.message
    assert again.envelope.causationid == "another"
    assert again.envelope.sequence > first.envelope.sequence
    assert await bench.counted(select(func.max(DATASETS.c.attempt))) == 1


async def test_a_dataset_that_a_registered_model_needs_is_not_deleted_until_that_is_retired(bench, small, golden):
    registered, retired = golden("ModelRegistered").message, golden("ModelRetired").message
    configuration = small()
    on = {"dataset": configuration.dataset_id()}
    async with bench.running(), bench.events() as until:
        await bench.ask(configuration)
        await until(DatasetReady)
        await bench.tell(registered.model_copy(update=on))
        async with asyncio.timeout(30):
            while not await bench.counted(select(func.count()).select_from(LINEAGE)):
                await asyncio.sleep(0.01)
        await bench.tell(DatasetDeleteRequested(dataset_id=configuration.dataset_id()))
        refused = (await until(RequestRefused)).message
        assert refused.problem.status == 409
        assert f"{registered.model}@{registered.version}" in refused.problem.detail
        await bench.tell(retired.model_copy(update={"model": registered.model, "version": registered.version}))
        async with asyncio.timeout(30):
            while await bench.counted(select(func.count()).select_from(LINEAGE).where(~LINEAGE.c.retired)):
                await asyncio.sleep(0.01)
        await bench.tell(DatasetDeleteRequested(dataset_id=configuration.dataset_id()))
        await until(DatasetDeleted)


@pytest.mark.parametrize("topic", [DATASETS_REQUESTS, DATASETS_SHARDS], ids=lambda topic: topic.name)
@pytest.mark.parametrize(
    ("value", "event_type", "reason"),
    [
        (b"{not json", None, "not JSON"),
        (b'{"dataset_id": 1, "colour": "red"}', None, "is not its contract"),
        (b"{}", None, "Field required"),
        (b"{}", "DatasetPondered", "DatasetPondered"),
    ],
)
async def test_poison_becomes_a_dead_letter_and_the_service_goes_on(bench, small, topic, value, event_type, reason):
    headers = []
    if event_type:
        attributes = {"specversion": "1.0", "id": "poison", "source": "/test", "type": event_type}
        headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    async with (
        bench.running(),
        bench.events() as until,
        bench.reader(dead_letters("signals")) as letters,
    ):
        await bench.send(value, topic=topic, headers=headers)
        letter = await letters()
        await bench.ask(small())
        await until(DatasetReady)
    told = dict(letter.headers)
    assert letter.value == value
    assert reason in told["dlq_reason"].decode()
    assert told["dlq_topic"].decode() == topic.name


@pytest.mark.parametrize(
    ("source", "pointer", "accepted"),
    [
        ({"classes": ("sain", "cavitation")}, "/configuration/source/sampling_rate_hz", "at least 6400 Hz"),
        ({"duration_s": 0.01}, "/configuration/source/duration_s", "at least 0.185 s"),
    ],
)
async def test_what_cannot_be_made_is_refused_with_the_field_and_what_is_accepted(
    bench, small, source, pointer, accepted
):
    async with bench.running(), bench.events() as until:
        await bench.ask(small(**source), "impossible")
        refused = (await until(RequestRefused)).message
    assert refused.request_id == "impossible"
    assert refused.problem.status == 422
    assert refused.problem.errors[0].pointer == pointer
    assert refused.problem.errors[0].accepted.startswith(accepted)
    assert await bench.counted(select(func.count()).select_from(DATASETS)) == 0


async def test_a_transaction_may_wait_for_work_longer_than_others(bench):
    async with transaction(bench.sessions) as session:
        await PostgresDatasets(session).expect_work(300)
        assert await session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "5min"
    assert await bench.counted(text("SHOW idle_in_transaction_session_timeout")) == "30s"


async def test_a_refused_request_is_not_a_dead_letter_and_says_whom_it_answers(bench):
    body = {"dataset_id": "0" * 64}
    attributes = {"specversion": "1.0", "id": "gone", "source": "/test", "type": "DatasetCancelRequested"}
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    async with bench.running(), bench.events() as until:
        await bench.send(json.dumps(body).encode(), headers=headers)
        refused = await until(RequestRefused)
    assert refused.message.problem.status == 404
    assert refused.message.request_type == "DatasetCancelRequested"
    assert refused.envelope.causationid == "gone"
