"""What a replica serves, on a real broker."""

import asyncio

import pytest

from babbitt.chassis.metrics import DEAD_LETTERS, SKIPPED
from babbitt.contracts.predictions import PredictionCompleted
from babbitt.contracts.topics import MODELS_ALIASES

pytestmark = pytest.mark.integration


async def test_a_replica_serves_from_the_alias_topic_alone(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(gain=1.0), 1)
    await client.promote(tiny_onnx(gain=2.0), 2)
    await replica().ready()
    answer = await client.answer(await client.ask(1.0, reply_to="gateway-0"))
    assert (answer.fault, answer.model.version, answer.windows) == ("oilwhirl", 2, 1)
    await client.until_serving(2, "inference-0")


async def test_a_replica_is_ready_before_anything_was_promoted(client, replica):
    await replica().ready()
    assert (await client.answer(await client.ask())).problem.status == 404


async def test_a_promotion_is_served_without_a_restart_and_no_request_fails_meanwhile(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(gain=1.0), 1)
    await replica().ready()
    asked, swapped = [await client.ask()], asyncio.Event()
    assert (await client.answer(asked[0])).model.version == 1

    async def keep_asking():
        while not swapped.is_set():
            asked.append(await client.ask())

    async with asyncio.TaskGroup() as group:
        group.create_task(keep_asking())
        for version in (2, 3, 4):
            await client.promote(tiny_onnx(gain=float(version)), version)
            await client.until_serving(version)
        swapped.set()
    asked.append(await client.ask())
    answers = [await client.answer(prediction_id) for prediction_id in asked]
    assert {type(answer) for answer in answers} == {PredictionCompleted}
    versions = [answer.model.version for answer in answers]
    assert versions[-1] == 4


async def test_a_late_repeat_of_an_old_assertion_changes_nothing(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(gain=1.0), 1)
    await client.promote(tiny_onnx(gain=2.0), 2)
    await client.promote(tiny_onnx(gain=1.0), 1, sequence=1)
    await replica().ready()
    await client.promote(tiny_onnx(gain=1.0), 1, sequence=1)
    await client.promote(tiny_onnx(gain=1.0), 7, reference="shadow", sequence=9)
    await client.until_serving(7)
    assert (await client.answer(await client.ask())).model.version == 2


async def test_a_corrupt_artifact_is_told_and_the_old_version_goes_on_serving(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(gain=1.0), 1)
    await replica().ready()
    corrupt = await client.promote(tiny_onnx(gain=2.0), 2, corrupt=True)
    told = await client.unhealthy(2)
    assert (told.model, told.reference, told.instance) == ("pump", "champion", "inference-0")
    assert told.digest == corrupt.artifact.sha256
    assert "digest" in told.reason
    assert (await client.answer(await client.ask())).model.version == 1


async def test_an_artifact_that_is_no_model_is_told_and_asking_for_it_is_answered(client, replica):
    await client.promote(b"not onnx", 1)
    await replica().ready()
    assert "cannot be loaded" in (await client.unhealthy(1)).reason
    assert (await client.answer(await client.ask())).problem.status == 503


async def test_a_version_number_is_loaded_on_demand(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(gain=1.0), 1, reference="1")
    await client.promote(tiny_onnx(gain=2.0), 2, reference="2")
    await replica().ready()
    for version in (1, 2, 1):
        answer = await client.answer(await client.ask(reference=str(version)))
        assert answer.model.version == version
    assert (await client.answer(await client.ask(reference="3"))).problem.status == 404


async def test_an_alias_that_is_gone_is_answered_as_unknown(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(), 1)
    await client.promote(tiny_onnx(), 1, reference="shadow")
    await replica().ready()
    assert (await client.answer(await client.ask(reference="shadow"))).model.version == 1
    await client.send(MODELS_ALIASES, None, key=b"pump/shadow")
    async with asyncio.timeout(20):
        while (await client.answer(await client.ask(reference="shadow"))).__class__ is PredictionCompleted:
            pass
    assert (await client.answer(await client.ask())).model.version == 1


async def test_poison_on_the_alias_topic_is_buried_and_reading_goes_on(client, replica, tiny_onnx):
    buried = DEAD_LETTERS.labels(MODELS_ALIASES.name, "malformed")
    skipped = SKIPPED.labels(MODELS_ALIASES.name)
    before = buried._value.get(), skipped._value.get()
    envelope = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/x")]
    wrong = [
        (b"not json", []),
        (b"", []),
        (b'{"model": 7}', [*envelope, ("ce_type", b"AliasAssigned")]),
        (b"{}", [("ce_id", None)]),
    ]
    for value, headers in wrong:
        await client.send(MODELS_ALIASES, value, key=b"pump/champion", headers=headers)
    await client.send_unreadable(MODELS_ALIASES, 0)
    await client.send(MODELS_ALIASES, b"{}", key=b"x", headers=[*envelope, ("ce_type", b"AliasRenamed")])
    await client.promote(tiny_onnx(), 1)
    await replica().ready()
    assert (await client.answer(await client.ask())).model.version == 1
    assert (buried._value.get() - before[0], skipped._value.get() - before[1]) == (5, 1)
    record = await client.dead.first(lambda record: record.value == b"not json")
    headers = dict(record.headers)
    assert (headers["dlq_topic"], headers["dlq_offset"]) == (b"models.aliases.v1", b"0")


async def test_an_object_store_that_is_away_at_the_start_is_waited_for(client, replica, tiny_onnx, tmp_path):
    await client.promote(tiny_onnx(), 1)
    artifact = next(path for path in (tmp_path / "objects").rglob("*") if path.is_file())
    content = artifact.read_bytes()
    artifact.unlink()
    artifact.symlink_to(artifact)  # a store that answers neither with the object nor that there is none
    waiting = replica()
    async with asyncio.timeout(20):
        while "aliases" not in (reasons := await waiting.reasons()) or "kafka" in reasons:
            await asyncio.sleep(0.05)
    artifact.unlink()
    artifact.write_bytes(content)
    await waiting.ready()
    assert (await client.answer(await client.ask())).model.version == 1


async def test_a_replica_that_waits_for_its_broker_stops_when_it_is_asked_to(replica):
    waiting = replica(kafka_bootstrap_servers="127.0.0.1:1")
    async with asyncio.timeout(20):
        while "kafka" not in await waiting.reasons():
            await asyncio.sleep(0.02)
        await waiting.stop()
