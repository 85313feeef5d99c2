"""The registry as a service, on a real broker and a real database."""

import asyncio
import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from babbitt.chassis.database import transaction
from babbitt.chassis.metrics import DEAD_LETTERS, READY, SKIPPED
from babbitt.contracts.evaluations import Lineage
from babbitt.contracts.model_requests import (
    GatePolicy,
    PolicyChangeRequested,
    PromotionRequested,
    RetirementRequested,
    RollbackRequested,
)
from babbitt.contracts.models import (
    AliasAssigned,
    ModelGateEvaluated,
    ModelPolicyChanged,
    ModelPromoted,
    ModelRegistered,
    ModelRolledBack,
)
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.signatures import Statement
from babbitt.contracts.topics import MODELS_REQUESTS, TRAINING_EVENTS
from babbitt.registry.adapters.kafka_group import caught_up
from babbitt.registry.adapters.tables import ALIAS_HISTORY

pytestmark = pytest.mark.integration


def promotion(version, **more):
    return PromotionRequested(**({"model": "pump", "version": version, "reason": "because"} | more))


async def test_a_completed_job_becomes_the_champion_and_the_whole_chain_is_told(bench, standing):
    async with bench.events() as events, bench.aliases() as aliases:
        told = await bench.train()
        hearing = asyncio.create_task(caught_up(bench.settings(), TRAINING_EVENTS))
        heard, _ = await asyncio.wait([hearing], timeout=0.3)
        assert not heard, "retention would look before it knows what jobs need"
        async with bench.running():
            promoted = await events.first(ModelPromoted)
            await aliases.until(lambda reader: len(reader.records) == 2)
            registered = await events.first(ModelRegistered)
            await asyncio.wait_for(hearing, 30)
    assert (promoted.message.version, promoted.message.automatic) == (1, True)
    assert registered.message.job_id == told.job_id
    assert {event.outcome for event in events.of(ModelGateEvaluated)} == {"passed"}
    assert standing(aliases) == {"pump/1": 1, "pump/champion": 1}
    chain = {delivery.envelope.correlationid for delivery in (*events.deliveries, *aliases.deliveries)}
    assert len(chain) == 1


async def test_an_event_delivered_twice_makes_one_version(bench):
    async with bench.events() as events, bench.running():
        told = bench._completed(artifact=await bench.training.put_addressed("artifacts", b"onnx"))
        for _ in range(2):
            await bench.say(told, event_id="job-1", source="/babbitt/training")
        await bench.say(told, event_id="job-1-again", source="/babbitt/training")
        await events.first(ModelPromoted)
        assert await bench.register(events, b"later", accuracy=1.0) == 2
    assert sorted(event.version for event in events.of(ModelRegistered)) == [1, 2]


async def test_a_promotion_delivered_twice_is_announced_once(bench, standing):
    async with bench.events() as events, bench.aliases() as aliases, bench.running():
        await bench.register(events)
        await bench.register(events, b"worse", accuracy=0.85)
        for _ in range(2):
            await bench.say(promotion(2, requested_by="key-1"), event_id="please")
        await bench.say(RollbackRequested(model="pump", reason="that was the last word"))
        rolled_back = await events.first(ModelRolledBack)
        await aliases.until(lambda reader: standing(reader).get("pump/champion") == 1 and len(reader.records) >= 5)
    by_hand = [event for event in events.of(ModelPromoted) if not event.automatic]
    assert [(event.version, event.replaced, event.requested_by) for event in by_hand] == [(2, 1, "key-1")]
    assert (rolled_back.message.version, rolled_back.message.replaced) == (1, 2)
    assert not events.of(RequestRefused)


async def test_a_promotion_typed_as_bare_json_is_done(bench):
    async with bench.events() as events, bench.running():
        await bench.train()
        await events.first(ModelPromoted)
        line = json.dumps({"model": "pump", "version": 1, "alias": "shadow", "reason": "typed"})
        await bench.send(MODELS_REQUESTS, line.encode())
        promoted = await events.first(ModelPromoted, alias="shadow")
    assert promoted.message.reason == "typed"


FORBIDDEN = [
    (promotion(1, model="fan"), 404, "unknown-model"),
    (promotion(9), 404, "unknown-version"),
    (promotion(1), 409, "already-promoted"),
    (promotion(2), 409, "artifact-unverified"),
    (RollbackRequested(model="pump", reason="r"), 409, "nothing-to-roll-back-to"),
    (RollbackRequested(model="pump", alias="shadow", reason="r"), 404, "unknown-alias"),
    (RetirementRequested(model="pump", version=1, reason="r"), 409, "version-in-use"),
]


async def test_what_the_rules_forbid_is_refused_and_changes_nothing(bench, standing):
    async with bench.events() as events, bench.aliases() as aliases, bench.running():
        await bench.register(events)
        await bench.register(events, b"gone", lost=True)
        for request_made, status, slug in FORBIDDEN:
            request_id = await bench.say(request_made)
            refused = (await events.first(RequestRefused, request_id=request_id)).message
            assert refused.request_type == type(request_made).__name__
            assert (refused.problem.status, refused.problem.type) == (status, f"urn:babbitt:problem:{slug}")
        await aliases.until(lambda reader: len(reader.records) >= 2)
    assert standing(aliases) == {"pump/1": 1, "pump/champion": 1}


async def test_where_a_key_is_trusted_what_it_did_not_sign_never_comes_to_the_topic_that_inference_serves_from(
    bench, standing
):
    key = Ed25519PrivateKey.generate()
    trusted = f"build-1={base64.b64encode(key.public_key().public_bytes_raw()).decode()}"
    async with (
        bench.events() as events,
        bench.aliases() as aliases,
        bench.running(BABBITT_REGISTRY_TRUSTED_KEYS=trusted),
    ):
        await bench.register(events, b"by somebody")
        told = await bench.completed(b"by training")
        statement = Statement(told.model, told.artifact, told.weights, told.data_spec, told.model_spec)
        signature = base64.b64encode(key.sign(statement.content())).decode()
        await bench.say(told.model_copy(update={"lineage": Lineage(signature=signature)}), source="/babbitt/training")
        registered = await events.first(ModelRegistered, job_id=told.job_id)
        await aliases.until(lambda reader: len(reader.records) == 2)
    assert (registered.message.version, registered.message.signed_by) == (2, "build-1")
    assert standing(aliases) == {"pump/2": 2, "pump/champion": 2}


async def test_rules_that_are_asked_for_hold_from_the_next_version_on(bench, standing):
    async with bench.events() as events, bench.aliases() as aliases, bench.running():
        wanted = GatePolicy(promotion="manual")
        request_id = await bench.say(PolicyChangeRequested(model="pump", policy=wanted, reason="a person looks first"))
        changed = await events.first(ModelPolicyChanged)
        await bench.register(events)
        await aliases.until(lambda reader: reader.records)
        gates = {event.gate: event.outcome for event in events.of(ModelGateEvaluated)}
    assert (changed.message.policy, changed.envelope.causationid) == (wanted, request_id)
    assert {gate for gate, outcome in gates.items() if outcome != "passed"} == {"policy"}
    assert standing(aliases) == {"pump/1": 1}


async def test_two_promotions_at_once_on_two_replicas_leave_one_winner_that_all_readers_agree_on(bench, standing):
    async with bench.events() as events, bench.aliases() as aliases, bench.running("registry-0"):
        for number in (1, 2, 3):
            await bench.register(events, f"weights {number}".encode(), accuracy=0.9 - number / 100)
        async with bench.running("registry-1"):
            for number, partition in ((2, 0), (3, 1), (2, 2)):
                body = promotion(number).model_dump_json().encode()
                await bench.send(MODELS_REQUESTS, body, partition=partition)
            await events.until(lambda reader: len(reader.of(ModelPromoted)) + len(reader.of(RequestRefused)) == 4)
            last = max(events.deliveries, key=lambda delivery: delivery.envelope.sequence or "").envelope.sequence
            await aliases.until(
                lambda reader: any(dict(r.headers)["ce_sequence"] == last.encode() for r in reader.records)
            )
    async with transaction(bench.sessions) as session:
        history = (await session.execute(select(ALIAS_HISTORY).order_by(ALIAS_HISTORY.c.id))).all()
    winner = history[-1].version
    assert standing(aliases)["pump/champion"] == winner
    final = [record for record in aliases.records if record.key == b"pump/champion"][-1]
    assert AliasAssigned.model_validate_json(final.value).version == winner
    replaced = [row.replaced for row in history]
    assert replaced == [None, *[row.version for row in history[:-1]]]


ENVELOPE = [("ce_specversion", b"1.0"), ("ce_id", b"poison"), ("ce_source", b"/test")]
POISON = [
    (MODELS_REQUESTS, b"not json", [], "not JSON"),
    (MODELS_REQUESTS, None, [], "empty"),
    (MODELS_REQUESTS, b'{"model": "pump", "version": "one", "reason": "r"}', [], "/version"),
    (MODELS_REQUESTS, b'{"model": "pump", "version": 1}', [], "/reason"),
    (MODELS_REQUESTS, b'{"model": "pump", "version": 1, "reason": "r", "force": true}', [], "/force"),
    (MODELS_REQUESTS, b"{}", [*ENVELOPE, ("ce_type", b"ModelRenamed")], "ModelRenamed"),
    (MODELS_REQUESTS, b"{}", [("ce_id", b"\xff\xfe")], "envelope"),
    (TRAINING_EVENTS, b"not json", [*ENVELOPE, ("ce_type", b"TrainCompleted")], "not JSON"),
    (TRAINING_EVENTS, b'{"job_id": 7}', [*ENVELOPE, ("ce_type", b"TrainCompleted")], "/job_id"),
    (TRAINING_EVENTS, b"{}", [], "envelope"),
]


async def test_poison_is_buried_with_reason_and_origin_and_the_service_goes_on(bench):
    counted = {topic: DEAD_LETTERS.labels(topic.name, "malformed") for topic in (MODELS_REQUESTS, TRAINING_EVENTS)}
    before = {topic: counter._value.get() for topic, counter in counted.items()}
    async with bench.events() as events, bench.letters() as letters, bench.running():
        for number, (topic, value, headers, reason) in enumerate(POISON):
            place = await bench.send(topic, value, key=b"pump", headers=headers)
            await letters.until(lambda reader, buried=number + 1: len(reader.records) == buried)
            letter = letters.records[-1]
            told = dict(letter.headers)
            assert (told["dlq_topic"], told["dlq_partition"], told["dlq_offset"]) == (
                topic.name.encode(),
                str(place.partition).encode(),
                str(place.offset).encode(),
            )
            assert reason in told["dlq_reason"].decode()
            assert letter.value == value or not value
        await bench.train()
        await events.first(ModelPromoted)
    for topic, counter in counted.items():
        assert counter._value.get() - before[topic] == sum(one[0] is topic for one in POISON)


async def test_what_else_training_tells_is_passed_over_and_an_unknown_type_is_counted(bench):
    skipped = SKIPPED.labels(TRAINING_EVENTS.name)
    before = skipped._value.get()
    async with bench.events() as events, bench.letters() as letters, bench.running():
        for kind in (b"EpochCompleted", b"TrainPaused"):
            await bench.send(TRAINING_EVENTS, b"{}", headers=[*ENVELOPE, ("ce_type", kind)], partition=0)
        await bench.train()
        await events.first(ModelPromoted)
        async with asyncio.timeout(30):
            while skipped._value.get() == before:
                await asyncio.sleep(0.02)
    assert skipped._value.get() - before == 1
    assert not letters.records


async def test_an_object_store_that_is_away_is_waited_for_and_nothing_is_buried(bench):
    READY.labels(TRAINING_EVENTS.name).set(1)
    async with bench.events() as events, bench.letters() as letters, bench.running():
        artifact = await bench.training.put_addressed("artifacts", b"onnx")
        path = bench.installation.objects / artifact.key
        path.unlink()
        path.symlink_to(path)  # a store that answers neither with the object nor that there is none
        await bench.say(bench._completed(artifact=artifact))
        async with asyncio.timeout(30):
            while READY.labels(TRAINING_EVENTS.name)._value.get() != 0:
                await asyncio.sleep(0.02)
        path.unlink()
        path.write_bytes(b"onnx")
        await events.first(ModelPromoted)
    assert not letters.records
