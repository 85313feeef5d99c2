"""The table of wrong input in the interfaces page, but for waveforms, each row over real HTTP."""

import asyncio
import socket

import pytest

from babbitt.gateway.metrics import AUTH_FAILURES

from .problems import problem_of

pytestmark = pytest.mark.integration

PREDICT = "/v1/models/pump/predictions"


@pytest.mark.parametrize(
    ("method", "place", "body", "pointer"),
    [
        ("POST", "/v1/datasets", {}, "/source"),
        ("POST", "/v1/datasets", {"source": {"kind": "guessed"}}, "/source"),
        ("POST", "/v1/datasets", {"source": {"kind": "simulated", "seed": -1}}, "/source/seed"),
        ("POST", "/v1/datasets", {"source": {"kind": "simulated"}, "label": "a\x00b"}, ""),
        ("POST", "/v1/datasets", [], ""),
        ("POST", "/v1/training-jobs", {"model": "Pump", "dataset": "a" * 64}, "/model"),
        ("POST", "/v1/training-jobs", {"model": "pump", "dataset": "a" * 64, "hurry": True}, "/hurry"),
        ("POST", "/v1/models/pump/promotions", {"version": 0, "reason": "x"}, "/version"),
        ("POST", "/v1/models/pump/promotions", {"version": 1}, "/reason"),
        ("POST", "/v1/models/pump/rollbacks", {"reason": "x", "alias": "7"}, "/alias"),
        ("POST", "/v1/api-keys", {"name": "x", "scopes": ["root"]}, "/scopes/0"),
        ("GET", "/v1/datasets?limit=0", None, "limit"),
        ("GET", "/v1/predictions?since=yesterday", None, "since"),
        ("GET", "/v1/models/pump/history?at=yesterday", None, "at"),
    ],
)
async def test_other_wrong_requests_name_the_field(api, method, place, body, pointer):
    answer = await api.request(method, place, json=body)
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


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(gateway, api, inference):
    limit = gateway.settings.samples_limit_bytes
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


async def test_json_which_is_parsed_while_others_wait_has_smaller_limits_and_a_waveform_has_another_way(gateway, api):
    headers = {"Content-Type": "application/json"}
    limit = gateway.settings.json_limit_bytes
    too_long = await api.post("/v1/datasets", content=bytes(limit + 1), headers=headers)
    assert (too_long.status_code, problem_of(too_long).type) == (413, "urn:babbitt:problem:body-too-large")
    limit = gateway.settings.waveform_json_limit_bytes
    too_long = problem_of(await api.post(PREDICT, content=bytes(limit + 1), headers=headers))
    assert too_long.status == 413
    assert "as samples (application/octet-stream) more is read" in too_long.detail


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
        f"Bearer {secret[:-1]}B",  # which no secret of whole bytes ends with
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
        unread = reader | {"Content-Type": "application/json"}
        answer = await api.request(method, place, headers=unread, content=b"{ no JSON")
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
