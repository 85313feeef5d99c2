"""The rules of models: what the registry said of them, and other ones that are asked for."""

import asyncio
import json

import pytest

from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.models import ModelPolicyChanged
from babbitt.contracts.problems import Problem, RequestRefused
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS

from .commands import cause_of, exists, headers_of, register

pytestmark = pytest.mark.integration


async def asked_for(world, until, reason):
    """The request on its topic."""

    async def asked():
        return [one for one in await world.records(MODELS_REQUESTS) if reason.encode() in one.value]

    return (await until(asked))[0]


async def test_rules_are_asked_for_even_of_a_model_to_come_and_shown_once_they_hold(world, api, until):
    place, wanted = "/v1/models/hoist/policy", {"promotion": "manual", "margin": 0.01}
    assert (await api.get(place)).status_code == 404
    body = {"policy": wanted, "reason": "a person looks first"}
    asking = asyncio.create_task(api.patch(place, json=body, headers={"Prefer": "wait=60", "If-None-Match": "*"}))
    record = await asked_for(world, until, "looks first")
    said = json.loads(record.value)
    assert said["policy"] == wanted, "the registry keeps the others"
    assert said["expected"] == 0
    policy = GatePolicy.model_validate(said["policy"])
    told = ModelPolicyChanged(model="hoist", policy=policy, reason=said["reason"], requested_by=said["requested_by"])
    await world.say(told, sequence=2, cause=cause_of(record))
    answer = await asking
    assert (answer.status_code, answer.json()["state"], answer.json()["policy"]) == (200, "applied", wanted)
    assert (await api.get(answer.headers["location"])).json() == answer.json()

    late = told.model_copy(update={"policy": GatePolicy(), "reason": "an older word"})
    await world.say(late, sequence=1)
    await world.say(told.model_copy(update={"model": "hoist-2"}), sequence=1)
    await until(lambda: exists(api, "/v1/models/hoist-2/policy"))
    answer = await api.get(place)
    shown = answer.json()
    assert (shown["policy"], shown["reason"]) == (policy.model_dump(mode="json"), "a person looks first")
    assert (answer.headers["ETag"], shown["revision"]) == ('"2"', 2)


async def test_a_change_of_rules_that_is_refused_is_told_with_its_status(world, api, until):
    body = {"policy": {}, "reason": "as the contract has it"}
    known = {"Prefer": "wait=60", "If-Match": '"7"'}
    asking = asyncio.create_task(api.put("/v1/models/gantry/policy", json=body, headers=known))
    record = await asked_for(world, until, "as the contract has it")
    said = json.loads(record.value)
    assert said["policy"] == GatePolicy().model_dump(mode="json"), "PUT replaces every rule"
    assert said["expected"] == 7
    request_id = headers_of(record)["ce_id"]
    problem = Problem.of("not-here", 409, "Not here", "these rules are kept elsewhere")
    refused = RequestRefused(
        request_id=request_id, request_type="PolicyChangeRequested", subject="gantry", problem=problem
    )
    await world.say(refused, topic=MODELS_EVENTS, sequence=0)
    answer = await asking
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:babbitt:problem:not-here")
    assert (await api.get(f"/v1/policy-changes/{request_id}")).json()["state"] == "refused"


async def test_rules_that_nobody_has_told_are_null_and_wrong_ones_are_refused_naming_the_field(
    world, api, until, assigned
):
    await register(world, assigned("bellows"))
    await until(lambda: exists(api, "/v1/models/bellows"))
    assert (await api.get("/v1/models/bellows/policy")).json()["policy"] is None
    assert (await api.get("/v1/models/bellows/aliases")).json()["items"] == [], "it is known, and nothing serves"
    assert (await api.get("/v1/models/no-bellows/aliases")).status_code == 404
    for policy, pointer in (({"margin": 1}, "/policy/margin"), ({"margins": 0.1}, "/policy/margins")):
        answer = await api.put("/v1/models/bellows/policy", json={"policy": policy, "reason": "x"})
        assert answer.status_code == 422
        assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert (await api.put("/v1/models/Bellows/policy", json={"policy": {}, "reason": "x"})).status_code == 404
    for unknown in ("none", "01900000-0000-7000-8000-000000000000"):
        assert (await api.get(f"/v1/policy-changes/{unknown}")).status_code == 404
