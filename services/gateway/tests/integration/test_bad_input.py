"""The table of wrong input in the interfaces page, each row over real HTTP."""

import asyncio
import socket

import numpy as np
import pytest

from babbitt.contracts.problems import Problem
from babbitt.gateway.metrics import AUTH_FAILURES

pytestmark = pytest.mark.integration

PREDICT = "/v1/models/pump/predictions"
GOOD = np.zeros(2048, "<f4")
JSON = {"waveform": GOOD.tolist(), "sampling_rate_hz": 20480}
SAMPLES = {"Content-Type": "application/octet-stream"}


def problem_of(answer):
    """The answer as a problem; every error is one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found = Problem.model_validate(answer.json())
    assert found.status == answer.status_code
    assert found.type.startswith("urn:babbitt:problem:")
    return found


@pytest.mark.parametrize(
    ("body", "pointer", "accepted"),
    [
        (b"{", "", "a JSON object"),
        (b"[1]", "", "a JSON object"),
        (b"", "", "a JSON object"),
        (b"\xff\xfe", "", "a JSON object"),
        (JSON | {"waveform": "loud"}, "/waveform", None),
        (JSON | {"waveform": [1, "2", 3]}, "/waveform/1", None),
        (JSON | {"waveform": [1, None]}, "/waveform/1", None),
        (JSON | {"waveform": [True, 1]}, "/waveform/0", None),
        (JSON | {"waveform": [[1, 2], 3]}, "/waveform/1", None),
        (JSON | {"waveform": [[1, 2], [3]]}, "/waveform", "rows of one length"),
        (JSON | {"waveform": []}, "/waveform", "at least one sample"),
        ({"sampling_rate_hz": 20480}, "/waveform", "a list of numbers, or a list of such lists"),
        ({"waveform": [1, 2]}, "/sampling_rate_hz", None),
        (JSON | {"sampling_rate_hz": "fast"}, "/sampling_rate_hz", None),
        (JSON | {"sampling_rate_hz": 0}, "/sampling_rate_hz", "more than 0"),
        (JSON | {"sampling_rate_hz": 20000}, "/sampling_rate_hz", "20480 or more"),
        (JSON | {"rate": 1}, "/rate", None),
        (JSON | {"machine": "Pump 7"}, "/machine", "text matching"),
        (JSON | {"shaft_speed_hz": 30, "shaft_speed_rpm": 1800}, "/shaft_speed_rpm", "exactly one of the two"),
        (JSON | {"shaft_speed_hz": -1}, "/shaft_speed_hz", "more than 0"),
        (JSON | {"unit": "um"}, "/unit", "m/s2; g and m/s2 are converted"),
        (JSON | {"unit": "furlong"}, "/unit", "'m/s2', 'g', 'mm/s', 'um' or '1'"),
        (JSON | {"channels": ["left"]}, "/channels", "vibration"),
        (JSON | {"waveform": [[0.0] * 2048] * 2}, "/waveform", "1: vibration"),
        (JSON | {"waveform": [0.0] * 1000}, "/waveform", "at least 1024 samples a channel (0.05 s)"),
        (b'{"waveform": [1, NaN], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1, -Infinity], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1, 1e400], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1, 1e39], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1], "sampling_rate_hz": NaN}', "/sampling_rate_hz", None),
    ],
)
async def test_a_wrong_json_waveform_is_answered_with_the_field_and_what_is_accepted(
    api, inference, body, pointer, accepted
):
    sent = (
        {"content": body, "headers": {"Content-Type": "application/json"}}
        if isinstance(body, bytes)
        else {"json": body}
    )
    answer = await api.post(PREDICT, **sent)
    assert answer.status_code == 422, answer.text
    wrong = problem_of(answer).errors[0]
    assert wrong.pointer == pointer
    if accepted:
        assert accepted in (wrong.accepted or "")


@pytest.mark.parametrize(
    ("query", "samples", "pointer", "accepted"),
    [
        ({}, GOOD, "sampling_rate_hz", None),
        ({"sampling_rate_hz": "nan"}, GOOD, "sampling_rate_hz", None),
        ({"sampling_rate_hz": 20480, "dtype": "<f2"}, GOOD, "dtype", "'<f4', '<f8' or '<i2'"),
        ({"sampling_rate_hz": 20480, "colour": "red"}, GOOD, "colour", None),
        ({"sampling_rate_hz": 20480, "dtype": "<i2"}, GOOD, "scale", "a number more than 0"),
        ({"sampling_rate_hz": 20480, "scale": 1}, GOOD, "scale", "a number more than 0"),
        ({"sampling_rate_hz": 20480, "dtype": "<i2", "scale": "-1"}, GOOD, "scale", "more than 0"),
        ({"sampling_rate_hz": 20480, "channels": "3"}, GOOD, "", None),
        ({"sampling_rate_hz": 20480, "channels": "a,a"}, GOOD, "channels", "vibration"),
        ({"sampling_rate_hz": 20480, "channels": "2"}, GOOD, "", "1: vibration"),
        ({"sampling_rate_hz": 20480}, np.zeros(10, "<f4"), "", "at least 1024 samples a channel (0.05 s)"),
        ({"sampling_rate_hz": 40960}, np.zeros(2000, "<f4"), "", "at least 2048 samples a channel (0.05 s)"),
        ({"sampling_rate_hz": 20480}, np.full(2048, np.nan, "<f4"), "", "finite numbers"),
        ({"sampling_rate_hz": 20480, "dtype": "<f8"}, np.full(2048, 1e300), "", "finite numbers"),
        ({"sampling_rate_hz": 20480}, np.zeros(3, "i1"), "", "a multiple of 4"),
        ({"sampling_rate_hz": 20480}, np.zeros(0), "", "a multiple of 4"),
    ],
)
async def test_wrong_samples_are_answered_with_the_parameter_and_what_is_accepted(
    api, inference, query, samples, pointer, accepted
):
    answer = await api.post(PREDICT, params=query, content=samples.tobytes(), headers=SAMPLES)
    assert answer.status_code == 422, answer.text
    wrong = problem_of(answer).errors[0]
    assert wrong.pointer == pointer
    if accepted:
        assert accepted in (wrong.accepted or "")


async def test_a_rate_within_a_thousandth_is_taken_as_it_is(api, inference):
    answer = await api.post(PREDICT, json=JSON | {"sampling_rate_hz": 20490})
    assert answer.status_code == 200
    assert answer.json()["warnings"] == []
    assert answer.json()["input"]["resampled_from_hz"] is None


async def test_g_becomes_metres_a_second_squared(api, inference):
    answer = await api.post(PREDICT, json=JSON | {"waveform": [1.0] * 2048, "unit": "g"})
    assert answer.status_code == 200
    _, encoding, record = inference.seen[-1]
    np.testing.assert_allclose(np.frombuffer(record.value, encoding.dtype), 9.80665, rtol=1e-6)


async def test_a_model_that_reads_shaft_speed_gets_none_by_default_and_none_in_rpm_by_mistake(
    api, inference, assigned, until
):
    reads = assigned("turbine", inputs=("waveform", "shaft_speed_hz"), shaft_speed="constant", shaft_speed_hz=29.5)
    await inference.assign(reads)

    async def known():
        return (await api.get("/v1/models/turbine/aliases")).status_code == 200

    await until(known)
    place = "/v1/models/turbine/predictions"
    missing = problem_of(await api.post(place, json=JSON))
    assert (missing.status, missing.errors[0].pointer) == (422, "/shaft_speed_hz")
    rpm = problem_of(await api.post(place, json=JSON | {"shaft_speed_hz": 1770}))
    assert "as shaft_speed_rpm, 1770 would fit" in rpm.detail
    far = problem_of(
        await api.post(
            place, params={"sampling_rate_hz": 20480, "shaft_speed_rpm": 6000}, content=GOOD.tobytes(), headers=SAMPLES
        )
    )
    assert far.errors[0].pointer == "shaft_speed_rpm"
    assert (await api.post(place, json=JSON | {"shaft_speed_rpm": 1770})).status_code == 200


async def test_a_body_of_another_kind_and_parameters_beside_json_are_refused(api, inference):
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": ""}):
        answer = await api.post(PREDICT, content=b"x", headers=headers)
        assert (answer.status_code, problem_of(answer).type) == (415, "urn:babbitt:problem:unsupported-media-type")
    beside = await api.post(PREDICT, json=JSON, params={"sampling_rate_hz": 1})
    assert (beside.status_code, problem_of(beside).errors[0].pointer) == (422, "sampling_rate_hz")


@pytest.mark.parametrize("asked", ["soon", "0", "-1", "nan", "inf"])
async def test_a_request_timeout_that_is_no_number_of_seconds_is_refused(api, inference, asked):
    answer = await api.post(PREDICT, json=JSON, headers={"Request-Timeout": asked})
    assert (answer.status_code, problem_of(answer).errors[0].pointer) == (422, "Request-Timeout")


@pytest.mark.parametrize(
    ("method", "place", "body", "pointer"),
    [
        ("POST", "/v1/datasets", {}, "/source"),
        ("POST", "/v1/datasets", {"source": {"kind": "guessed"}}, "/source"),
        ("POST", "/v1/datasets", {"source": {"kind": "simulated", "seed": -1}}, "/source/seed"),
        ("POST", "/v1/datasets", {"source": {"kind": "simulated"}, "label": "a\x00b"}, ""),
        ("POST", "/v1/datasets", [], ""),
        ("POST", "/v1/training-jobs", {"model": "Pump", "dataset": "a" * 64}, "/model"),
        ("POST", "/v1/training-jobs", {"model": "pump", "dataset": "a" * 64, "quick": True}, "/quick"),
        ("POST", "/v1/models/pump/promotions", {"version": 0, "reason": "x"}, "/version"),
        ("POST", "/v1/models/pump/promotions", {"version": 1}, "/reason"),
        ("POST", "/v1/models/pump/rollbacks", {"reason": "x", "alias": "7"}, "/alias"),
        ("POST", "/v1/api-keys", {"name": "x", "scopes": ["root"]}, "/scopes/0"),
        ("GET", "/v1/datasets?limit=0", None, "limit"),
        ("GET", "/v1/predictions?since=yesterday", None, "since"),
        ("GET", "/v1/models/pump/history?at=1", None, None),
    ],
)
async def test_other_wrong_requests_name_the_field(api, method, place, body, pointer):
    answer = await api.request(method, place, json=body)
    if pointer is None:
        assert answer.status_code in {200, 404, 422}
        return
    assert answer.status_code == 422, answer.text
    assert problem_of(answer).errors[0].pointer == pointer


async def test_malformed_json_is_the_same_problem_everywhere(api):
    answer = await api.post("/v1/datasets", content=b'{"a":', headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert problem_of(answer).errors[0].accepted == "a JSON object"
    deep = await api.post("/v1/datasets", content=b"[" * 100_000, headers={"Content-Type": "application/json"})
    assert deep.status_code in {400, 422}
    problem_of(deep)


async def test_what_is_nowhere_and_what_is_done_otherwise_are_problems_too(api):
    nowhere = await api.get("/v1/nothing")
    assert (nowhere.status_code, problem_of(nowhere).type) == (404, "urn:babbitt:problem:not-found")
    otherwise = await api.put("/v1/datasets", json={})
    assert (otherwise.status_code, problem_of(otherwise).type) == (405, "urn:babbitt:problem:method-not-allowed")
    assert (await api.get("/v1/datasets/%00")).status_code == 404
    assert (await api.get("/v1/models/%00/versions")).status_code == 404
    assert (await api.get("/v1/datasets?cursor=garbage")).status_code == 400
    assert (await api.get("/v1/predictions?cursor=WyJhIiwiYiJd")).status_code == 400


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(gateway, api):
    limit = gateway.settings.body_limit_bytes
    host, port = "127.0.0.1", gateway.settings.port
    key = api.headers["authorization"]
    head = (
        f"POST {PREDICT}?sampling_rate_hz=1 HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
        "Content-Type: application/octet-stream\r\n"
    )
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"{head}Content-Length: {limit + 1}\r\n\r\n".encode())
    assert b"413" in await asyncio.wait_for(reader.readline(), 60)  # not one byte of the body was sent
    writer.close()
    reader, writer = await asyncio.open_connection(host, port, limit=2**20)
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    chunk, sent = b"%x\r\n" % 2**20 + bytes(2**20) + b"\r\n", 0
    answer = asyncio.create_task(reader.readline())
    while not answer.done() and sent < 4 * limit:
        writer.write(chunk)
        await writer.drain()
        sent += 2**20
    assert b"413" in await asyncio.wait_for(answer, 60)
    writer.close()
    too_long = await api.post("/v1/datasets", content=bytes(limit + 1), headers={"Content-Type": "application/json"})
    assert (too_long.status_code, problem_of(too_long).type) == (413, "urn:babbitt:problem:body-too-large")


async def test_without_a_key_with_a_wrong_one_and_without_the_scope_nothing_is_said(world, gateway, api, capfd, until):
    def failures(reason):
        return AUTH_FAILURES.labels(reason)._value.get()

    before = {reason: failures(reason) for reason in ("missing", "wrong", "scope")}
    secret = await world.key("read")
    for header in (
        None,
        "Bearer",
        "Basic abc",
        f"Basic {secret}",
        "Bearer nonsense",
        f"Bearer {secret[:-1]}A",
        "Bearer bbt_é",
    ):
        headers = {"Authorization": header.encode() if header else ""}
        answer = await api.get("/v1/models", headers=headers)
        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert problem_of(answer).type == "urn:babbitt:problem:unauthorized"
    reader = {"Authorization": f"Bearer {secret}"}
    assert (await api.get("/v1/models", headers=reader)).status_code == 200
    for method, place in (
        ("POST", PREDICT),
        ("POST", "/v1/datasets"),
        ("POST", "/v1/uploads"),
        ("DELETE", "/v1/datasets/x"),
        ("POST", "/v1/training-jobs"),
        ("DELETE", "/v1/training-jobs/00000000-0000-7000-8000-000000000000"),
        ("POST", "/v1/models/pump/promotions"),
        ("POST", "/v1/models/pump/rollbacks"),
        ("POST", "/v1/api-keys"),
        ("GET", "/v1/api-keys"),
    ):
        body = {"json": {"version": 1, "reason": "x"}} if "pump/p" in place and "predictions" not in place else {}
        body = {"json": {"reason": "x"}} if "rollbacks" in place else body
        body = {"json": {"source": {"kind": "simulated"}}} if place == "/v1/datasets" else body
        body = {"json": {"model": "pump", "dataset": "a" * 64}} if place == "/v1/training-jobs" else body
        body = {"json": {"name": "x", "scopes": ["read"]}} if (method, place) == ("POST", "/v1/api-keys") else body
        answer = await api.request(method, place, headers=reader, **body)
        assert (answer.status_code, problem_of(answer).type) == (403, "urn:babbitt:problem:missing-scope"), place
    nothing_to_read = {"Authorization": f"Bearer {await world.key('predict')}"}
    for place in ("models", "datasets", "training-jobs", "predictions", "events", "system/services"):
        assert (await api.get(f"/v1/{place}", headers=nothing_to_read)).status_code == 403, place
    assert failures("missing") > before["missing"]
    assert failures("wrong") > before["wrong"]
    assert failures("scope") == before["scope"] + 16
    logged = "".join(capfd.readouterr())
    assert secret not in logged
    assert secret.rpartition("_")[2] not in logged
    for place in ("/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"):
        assert (await api.get(place, headers={"Authorization": ""})).status_code == 200


async def test_what_is_not_http_does_not_stop_the_gateway(gateway, api):
    with socket.create_connection(("127.0.0.1", gateway.settings.port)) as connection:
        connection.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    assert (await api.get("/health/live")).status_code == 200
