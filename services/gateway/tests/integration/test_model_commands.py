"""Models: what the registry said of them, and promotions and rollbacks that are asked for."""

import asyncio
import json

import pytest

from babbitt.contracts.models import ModelGateEvaluated, ModelPromoted
from babbitt.contracts.problems import Problem, RequestRefused
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS

from .commands import cause_of, exists, headers_of, register

pytestmark = pytest.mark.integration


async def test_a_promotion_is_applied_by_the_event_that_it_caused(world, api, until, assigned):
    await register(world, assigned("crane"), versions=(1, 2))
    gate = ModelGateEvaluated(model="crane", version=2, gate="no_worse", outcome="passed", detail="0.99 against 0.98")
    await world.say(gate, sequence=3)
    await until(lambda: exists(api, "/v1/models/crane/versions/2"))
    missing = await api.post("/v1/models/none/promotions", json={"version": 1, "reason": "x"})
    assert missing.status_code == 404

    wanted = {"version": 2, "reason": "it is better"}
    asking = asyncio.create_task(api.post("/v1/models/crane/promotions", json=wanted, headers={"Prefer": "wait=60"}))

    async def asked():
        return [one for one in await world.records(MODELS_REQUESTS) if b"better" in one.value]

    record = (await until(asked))[0]
    said = json.loads(record.value)
    assert said["request_id"] == headers_of(record)["ce_id"]
    shown = (await api.get(f"/v1/promotions/{said['request_id']}")).json()
    assert shown["state"] == "requested"
    promoted = ModelPromoted(model="crane", version=2, alias="champion", replaced=None, reason="it is better")
    await world.say(promoted, sequence=4, cause=cause_of(record))
    answer = await asking
    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["version"]) == ("applied", 2)

    history = (await api.get("/v1/models/crane/history")).json()
    assert [item["kind"] for item in history["items"]] == ["promoted"]
    assert history["aliases"] == {"champion": 2}
    before = (await api.get("/v1/models/crane/history", params={"at": "2020-01-01T00:00:00Z"})).json()
    assert before == {"items": [], "next_cursor": None, "aliases": {}}
    version = (await api.get("/v1/models/crane/versions")).json()["items"][0]
    assert (version["version"], version["gates"][0]["outcome"]) == (2, "passed")
    await world.say(assigned("crane", version=2), sequence=4)

    async def routed():
        return (await api.get("/v1/models/crane")).json()["champion"]

    assert await until(routed) == 2


async def test_a_rollback_that_the_registry_refuses_is_told_with_its_status(world, api, until, assigned):
    await register(world, assigned("derrick"))
    await until(lambda: exists(api, "/v1/models/derrick/versions/1"))
    wanted = {"reason": "go back"}
    asking = asyncio.create_task(api.post("/v1/models/derrick/rollbacks", json=wanted, headers={"Prefer": "wait=60"}))

    async def asked():
        return [one for one in await world.records(MODELS_REQUESTS) if b"go back" in one.value]

    record = (await until(asked))[0]
    problem = Problem.of("nothing-before", 409, "Nothing before", "champion had no version before")
    refused = RequestRefused(
        request_id=headers_of(record)["ce_id"], request_type="RollbackRequested", subject="derrick", problem=problem
    )
    await world.say(refused, topic=MODELS_EVENTS, sequence=0)
    answer = await asking
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:babbitt:problem:nothing-before")
    shown = (await api.get(answer.json()["instance"])).json()
    assert (shown["kind"], shown["state"]) == ("rollback", "refused")


async def test_models_versions_and_their_history_come_in_pages_and_each_names_only_its_own(world, api, until, assigned):
    for name in ("lathe", "lift"):
        await register(world, assigned(name), versions=(1, 2, 3))
    for number, outcome in ((1, "failed"), (3, "passed")):
        said = ModelGateEvaluated(model="lift", version=number, gate="parity", outcome=outcome, detail="x")
        await world.say(said, sequence=10 + number)
    changes = ((1, "champion"), (2, "champion"), (3, "shadow"))
    for number, alias in changes:
        said = ModelPromoted(model="lift", version=number, alias=alias, replaced=None, reason="x")
        await world.say(said, sequence=20 + number)

    async def heard():
        answer = await api.get("/v1/models/lift/history")
        return answer.status_code == 200 and len(answer.json()["items"]) == len(changes)

    await until(heard)
    await until(lambda: exists(api, "/v1/models/lathe/versions/3"))
    models = [item["name"] for item in await everything(api, "/v1/models?limit=1")]
    assert models == sorted(models)
    assert {"lathe", "lift"} <= set(models)
    assert (await api.get("/v1/models/lift")).json()["versions"] == 3
    versions = await everything(api, "/v1/models/lift/versions?limit=2")
    assert [(one["version"], [gate["outcome"] for gate in one["gates"]]) for one in versions] == [
        (3, ["passed"]),
        (2, []),
        (1, ["failed"]),
    ]
    assert (await api.get("/v1/models/lift/versions/1")).json()["gates"] == versions[-1]["gates"]
    told = await everything(api, "/v1/models/lift/history?limit=1")
    assert [(one["version"], one["alias"]) for one in told] == list(reversed(changes))
    last = (await api.get("/v1/models/lift/history?limit=1")).json()
    assert last["aliases"] == {"champion": 2, "shadow": 3}
    another_lists = await api.get("/v1/models", params={"cursor": last["next_cursor"]})
    assert (another_lists.status_code, another_lists.json()["type"]) == (400, "urn:babbitt:problem:invalid-cursor")
    for place in (
        "/v1/models/none",
        "/v1/models/none/versions",
        "/v1/models/none/history",
        "/v1/models/lift/versions/9",
    ):
        assert (await api.get(place)).status_code == 404, place


async def everything(api, place):
    """The items of all pages of a list."""
    found = []
    while place:
        answer = await api.get(place)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        place = answer.links.get("next", {}).get("url")
    return found
