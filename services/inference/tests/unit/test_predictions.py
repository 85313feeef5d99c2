"""From a record to its answer, with everything real but Kafka."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from babbitt.chassis.metrics import DEAD_LETTERS
from babbitt.contracts.cloudevents import Origin, decode
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.predictions import PredictionCompleted
from babbitt.contracts.topics import PREDICTIONS_REQUESTS, PREDICTIONS_RESULTS, dead_letters
from babbitt.contracts.waveform import encode_samples
from babbitt.inference.domain.diagnosis import Diagnosis
from babbitt.inference.entrypoints.kafka_answers import Answers
from babbitt.inference.entrypoints.kafka_arrivals import Arrival, Asked


async def test_an_answer_says_what_the_waveform_means_and_who_said_so(desk, request_for, waveform):
    desk.run()
    request = request_for(machine="fan-7", reply_to="gateway-1", warnings=("loud",), shaft_speed_hz=25.0)
    asked_as = [
        ("ce_id", b"e-1"),
        ("ce_correlationid", b"c-1"),
        ("traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01"),
    ]
    desk.ask(request, waveform(1.0, 128), more=asked_as)
    answer = (await desk.until_answered(1))[request.prediction_id]
    assert (answer.fault, answer.windows, answer.model.version) == ("oilwhirl", 3, 3)
    assert answer.confidence == max(answer.probabilities.values())
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert (answer.machine, answer.warnings, answer.input.shaft_speed_hz) == ("fan-7", ("loud",), 25.0)
    (message,) = desk.said.messages
    headers = dict(message.headers)
    assert message.key == str(request.prediction_id).encode() == headers["prediction_id"]
    assert headers["reply_to"] == b"gateway-1"
    assert (headers["ce_causationid"], headers["ce_correlationid"]) == (b"e-1", b"c-1")
    assert headers["traceparent"].startswith(b"00-1111")


async def test_an_answer_says_what_is_novel_and_which_shaft_speed_was_read(desk, request_for, waveform):
    desk.run()
    asked = desk.ask(request_for(reference="reading"), waveform(3.0))
    plain = desk.ask(request_for(), waveform(3.0))
    answers = await desk.until_answered(2)
    answer = answers[asked]
    assert (answer.novel, answer.novelty) == (True, 3.0)
    assert answer.input.shaft_speed_hz == pytest.approx(40.4)
    assert answer.input.shaft_speed_source == "refined"
    assert (answers[plain].input.shaft_speed_source, answers[plain].novel) == (None, None)


@pytest.mark.parametrize(
    ("told_hz", "refined_hz", "read_hz", "source"),
    [(None, None, 40.0, "nominal"), (30.0, None, 30.0, "measured"), (30.0, 30.2, 30.2, "refined")],
)
async def test_the_speed_that_an_answer_tells_is_the_models_or_the_clients_or_that_of_the_data(
    desk, request_for, told_hz, refined_hz, read_hz, source
):
    assigned = desk.models.find("pump", "reading").assigned
    asked = Asked(Arrival(SimpleNamespace(headers=())), request_for(shaft_speed_hz=told_hz), None, None)
    diagnosis = Diagnosis("sain", 0.9, {"sain": 0.9, "oilwhirl": 0.1}, 2, refined_speed_hz=refined_hz)
    said = PredictionCompleted.model_validate_json(Answers("i").completed(asked, assigned, diagnosis).value)
    assert (said.input.shaft_speed_hz, said.input.shaft_speed_source) == (read_hz, source)


async def test_bad_messages_in_a_batch_harm_no_neighbour_and_each_has_its_own_end(desk, request_for, waveform):
    counted = DEAD_LETTERS.labels(PREDICTIONS_REQUESTS.name, "malformed")
    before = counted._value.get()
    good = [desk.ask(request_for(), waveform(1.0))]
    loud = desk.ask(request_for(), waveform(3e38))
    nan = desk.ask(request_for(), waveform(float("nan")))
    short = desk.ask(request_for(), waveform(1.0, 63))
    fast = desk.ask(request_for(sampling_rate_hz=2_000.0), waveform(1.0))
    late = desk.ask(request_for(deadline_ms=1), waveform(1.0))
    unknown = desk.ask(request_for(reference="shadow"), waveform(1.0))
    cut = desk.ask(request_for(), waveform(1.0), value=b"\0" * 7)
    empty = desk.ask(request_for(), waveform(1.0), value=b"")
    desk.accept([("bbt_model", b""), ("bbt_shape", b"[" * 100_000)], None)
    good.append(desk.ask(request_for(), waveform(-1.0)))
    desk.run()
    answers = await desk.until_answered(11)
    assert [answers[asked].fault for asked in good] == ["oilwhirl", "sain"]
    statuses = {asked: answers[asked].problem.status for asked in (loud, nan, short, fast, late, unknown, cut, empty)}
    assert statuses == {loud: 422, nan: 422, short: 422, fast: 422, late: 504, unknown: 404, cut: 422, empty: 422}
    buried = desk.said.on(dead_letters("inference"))
    kinds = [dict(message.headers)["dlq_kind"] for message in buried]
    assert sorted(kinds) == [b"bug", b"malformed", b"malformed", b"malformed"]
    assert counted._value.get() - before == 3
    assert sorted(desk.answered) == list(range(11))


async def test_a_dead_letter_says_why_and_where_it_lay_and_keeps_the_message(desk, request_for, waveform):
    desk.run()
    asked = desk.ask(request_for(reply_to="gateway-1"), waveform(1.0), value=b"\0" * 7)
    answers = await desk.until_answered(1)
    (message,) = desk.said.on(dead_letters("inference"))
    headers = dict(message.headers)
    assert message.value == b"\0" * 7
    assert headers["bbt_prediction_id"] == str(asked).encode()
    assert (headers["dlq_topic"], headers["dlq_partition"], headers["dlq_offset"]) == (
        b"predictions.requests.v1",
        b"0",
        b"0",
    )
    assert b"7 bytes of samples" in headers["dlq_reason"]
    assert answers[asked].reply_to == "gateway-1"
    assert answers[asked].model_name == "pump"


async def test_a_header_that_is_not_its_contract_is_answered_when_the_prediction_is_known(desk, request_for, waveform):
    desk.run()
    request = request_for()
    desk.ask(request, waveform(1.0), more=[("bbt_sampling_rate_hz", b"fast")])
    answer = (await desk.until_answered(1))[request.prediction_id]
    assert answer.problem.status == 422
    assert answer.problem.errors[0].pointer == "/sampling_rate_hz"


async def test_a_waveform_that_a_model_fails_on_is_a_dead_letter_and_its_neighbours_are_answered(
    desk, request_for, waveform
):
    good = desk.ask(request_for(reference="fragile"), waveform(1.0))
    bad = desk.ask(request_for(reference="fragile"), waveform(-1.0))
    other = desk.ask(request_for(), waveform(-1.0))
    desk.run()
    answers = await desk.until_answered(3)
    assert (answers[good].fault, answers[other].fault) == ("oilwhirl", "sain")
    assert answers[bad].problem.status == 500
    (message,) = desk.said.on(dead_letters("inference"))
    assert dict(message.headers)["dlq_kind"] == b"bug"


async def test_a_bug_that_one_request_brings_out_is_a_dead_letter_and_its_neighbours_are_answered(
    desk, request_for, waveform
):
    asked = [desk.ask(request_for(), waveform(1.0)) for _ in range(3)]
    desk.bugs.add(asked[1])
    desk.run()
    answers = await desk.until_answered(3)
    assert [answers[asked[place]].fault for place in (0, 2)] == ["oilwhirl"] * 2
    assert answers[asked[1]].problem.status == 500
    assert "KeyError" not in answers[asked[1]].problem.detail
    (message,) = desk.said.on(dead_letters("inference"))
    assert b"KeyError" in dict(message.headers)["dlq_reason"]


async def test_claimed_samples_are_fetched_aside_and_a_claim_that_is_gone_is_malformed(
    desk, objects, request_for, waveform
):
    raw, _ = encode_samples(waveform(-1.0))
    there = await objects.put("gateway/claims/there", raw)
    desk.run()
    claim = {"claim_key": there.key, "claim_sha256": there.sha256}
    kept = desk.ask(request_for(), waveform(-1.0), value=b"", **claim)
    gone = desk.ask(request_for(), waveform(-1.0), value=b"", **(claim | {"claim_key": "gateway/claims/gone"}))
    half = desk.ask(request_for(), waveform(-1.0), value=b"", claim_key=there.key)
    answers = await desk.until_answered(3)
    assert answers[kept].fault == "sain"
    assert answers[gone].problem.status == answers[half].problem.status == 422
    assert len(desk.said.on(dead_letters("inference"))) == 2


async def test_more_claims_than_may_be_held_at_once_are_all_answered_and_forgotten_ones_make_room(
    desk, objects, request_for, waveform
):
    raw, _ = encode_samples(waveform(-1.0))
    there = await objects.put("gateway/claims/there", raw)
    claim = {"claim_key": there.key, "claim_sha256": there.sha256}
    for _ in range(5):
        desk.ask(request_for(), waveform(-1.0), value=b"", **claim)
    async with asyncio.timeout(10):
        while len(desk.batches._pending) < 2:
            await asyncio.sleep(0)
    assert desk.reception._room.locked()
    await desk.reception.finish()
    desk.run()
    asked = [desk.ask(request_for(), waveform(-1.0), value=b"", **claim) for _ in range(5)]
    answers = await desk.until_answered(5)
    assert {answers[one].fault for one in asked} == {"sain"}


async def test_a_version_number_is_answered_once_it_is_loaded(desk, tiny_onnx, assigned, request_for, waveform):
    desk.run()
    desk.models.assign(assigned(tiny_onnx(), reference="3", version=3), 1)
    asked = desk.ask(request_for(reference="3"), waveform(1.0))
    assert (await desk.until_answered(1))[asked].fault == "oilwhirl"


async def test_an_answer_counts_only_when_it_is_acknowledged(desk, request_for, waveform):
    desk.run()
    desk.said.acknowledged.clear()
    desk.ask(request_for(), waveform(1.0))
    async with asyncio.timeout(5):
        while not desk.said.messages:
            await asyncio.sleep(0)
    finishing = asyncio.create_task(desk.reception.finish())
    await asyncio.sleep(0)
    assert desk.answered == []
    assert not finishing.done()
    desk.said.acknowledged.set()
    await finishing
    assert desk.answered == [0]


async def test_finishing_forgets_what_has_not_begun(desk, objects, request_for, waveform):
    desk.ask(request_for(), waveform(1.0))
    desk.ask(
        request_for(reference="champion"), waveform(1.0), value=b"", claim_key="gateway/claims/1", claim_sha256="0" * 64
    )
    await desk.reception.finish()
    desk.run()
    asked = desk.ask(request_for(), waveform(1.0))
    assert list(await desk.until_answered(1)) == [asked]


async def test_what_is_waiting_when_a_runner_is_free_is_one_batch(desk, request_for, waveform):
    for _ in range(5):
        desk.ask(request_for(), waveform(1.0))
    assert len(await desk.batches.take()) == 5


async def test_an_answer_is_read_by_the_contract_as_it_was_meant(desk, request_for, waveform):
    desk.run()
    request = request_for()
    desk.ask(request, waveform(1.0))
    await desk.until_answered(1)
    (message,) = desk.said.messages
    origin = Origin(PREDICTIONS_RESULTS.name, 0, 0, datetime.now(UTC))
    delivery = decode(PREDICTIONS_RESULTS, message.value, message.headers, origin)
    envelope, prediction_id = delivery.envelope, str(request.prediction_id)
    assert isinstance(delivery.message, PredictionCompleted)
    meant = Envelope.of(delivery.message, id=envelope.id, source="/babbitt/inference", time=envelope.time)
    assert envelope == meant.model_copy(update={"causationid": prediction_id, "correlationid": prediction_id})


async def test_answers_are_json_that_needs_no_reading_of_its_headers(desk, request_for, waveform):
    desk.run()
    desk.ask(request_for(), waveform(1.0))
    await desk.until_answered(1)
    told = json.loads(desk.said.messages[0].value)
    assert {"prediction_set", "coverage", "novel", "novelty", "severity"} <= told.keys()
