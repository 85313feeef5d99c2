"""Models: what the registry said of them, and promotions and rollbacks that are asked for."""

import asyncio
import json
from functools import partial

import pytest

from babbitt.contracts.models import AliasRemoved, ModelGateEvaluated, ModelPromoted, RetentionCompleted
from babbitt.contracts.names import new_id
from babbitt.contracts.problems import Problem, RequestRefused
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS

from .commands import cause_of, exists, headers_of, register

pytestmark = pytest.mark.integration


async def test_a_promotion_is_applied_by_the_event_that_it_caused(world, api, until, assigned):
    await register(world, assigned("crane"), versions=(1, 2))
    measured = {"difference": 0.01, "lower_bound": -0.005}
    gate = ModelGateEvaluated(
        model="crane", version=2, gate="no_worse", outcome="passed", detail="better", measured=measured, champion=1
    )
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
    assert said["expected"] == 0
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
    assert before == {"items": [], "next_cursor": None, "aliases": {}, "serving": {}}
    serving = history["serving"]["champion"]
    assert (serving["version"], serving["reason"], serving["automatic"]) == (2, "it is better", False)
    version = (await api.get("/v1/models/crane/versions")).json()["items"][0]
    assert (version["version"], version["gates"][0]["outcome"]) == (2, "passed")
    assert (version["gates"][0]["measured"], version["gates"][0]["champion"]) == (measured, 1)
    await world.say(assigned("crane", version=2), sequence=4)

    async def routed():
        return (await api.get("/v1/models/crane")).json()["champion"]

    assert await until(routed) == 2
    alias = await api.get("/v1/models/crane/aliases/champion")
    assert (alias.json()["version"], alias.headers["ETag"]) == (2, '"2"')
    assert (await api.get("/v1/models/crane/aliases/mine")).status_code == 404


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


async def test_a_request_to_move_an_alias_says_what_is_expected_of_it(world, api, until, assigned):
    await register(world, assigned("crusher"), versions=(1, 2, 3))
    first = ModelPromoted(model="crusher", version=1, alias="champion", replaced=None, reason="x")
    await world.say(first, sequence=4)
    await until(lambda: exists(api, "/v1/models/crusher/versions/3"))

    async def pointing(aliases):
        return (await api.get("/v1/models/crusher/history")).json()["aliases"] == aliases

    await until(lambda: pointing({"champion": 1}))

    async def expected(what, body, **headers):
        answer = await api.post(f"/v1/models/crusher/{what}", json={"reason": "x", **body}, headers=headers)
        assert answer.status_code == 202, answer.text
        place = answer.headers["Location"].rpartition("/")[2]
        record = await until(partial(asked, world, place))
        return json.loads(record.value)["expected"], record

    assert (await expected("promotions", {"version": 2}))[0] == 1
    assert (await expected("promotions", {"version": 2, "alias": "mine"}))[0] == 0
    assert (await expected("promotions", {"version": 2}, **{"If-Match": '"3"'}))[0] == 3
    assert (await expected("promotions", {"version": 2}, **{"If-None-Match": "*"}))[0] == 0
    found, record = await expected("rollbacks", {}, **{"If-Match": '"2"'})
    assert found == 2
    problem = Problem.of("alias-moved", 409, "Moved", "champion points at version 1 by now")
    await refuse(world, record, "crusher", problem)
    held = await api.get(f"/v1/promotions/{headers_of(record)['ce_id']}", headers={"Prefer": "wait=60"})
    assert (held.json()["state"], held.json()["problem"]["status"]) == ("refused", 409)
    for header in ('W/"3"', '"3", "2"', "3", '"0"', "*"):
        body = {"version": 2, "reason": "x"}
        answer = await api.post("/v1/models/crusher/promotions", json=body, headers={"If-Match": header})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "If-Match"), header


async def test_a_promotion_to_where_the_alias_points_already_is_done(world, api, until, assigned):
    await register(world, assigned("mill"))
    await until(lambda: exists(api, "/v1/models/mill/versions/1"))
    answer = await api.post("/v1/models/mill/promotions", json={"version": 1, "reason": "again"})
    record = await until(partial(asked, world, answer.json()["id"]))
    await refuse(world, record, "mill", Problem.of("already-promoted", 409, "There", "champion is version 1 already"))
    held = (await api.get(answer.headers["Location"], headers={"Prefer": "wait=60"})).json()
    assert (held["state"], held["version"], held["problem"]) == ("applied", 1, None)


async def test_an_alias_that_is_taken_away_is_gone_from_then_on_and_stays_in_the_history(world, api, until, assigned):
    await register(world, assigned("press"))
    promoted = ModelPromoted(model="press", version=1, alias="mine", replaced=None, reason="a trial")
    await world.say(promoted, sequence=2)
    await until(lambda: exists(api, "/v1/models/press/versions/1"))

    async def pointing():
        return (await api.get("/v1/models/press/history")).json()["aliases"] == {"mine": 1}

    await until(pointing)
    place = "/v1/models/press/aliases/mine"
    assert (await api.delete(place)).status_code == 422, "a reason is needed"
    early = await api.delete(place, params={"reason": "seen elsewhere"}, headers={"If-Match": '"4"'})
    assert json.loads((await until(partial(asked, world, early.json()["id"]))).value)["expected"] == 4
    wanted = {"reason": "the trial is over"}
    asking = asyncio.create_task(api.delete(place, params=wanted, headers={"Prefer": "wait=60"}))
    record = await until(partial(asked, world, "the trial is over"))
    assert headers_of(record)["ce_type"] == "AliasRemovalRequested"
    assert json.loads(record.value)["expected"] == 1, "by what was heard"
    removed = AliasRemoved(model="press", version=1, alias="mine", **wanted)
    await world.say(removed, sequence=3, cause=cause_of(record))
    answer = await asking
    assert (answer.status_code, answer.json()["state"], answer.json()["replaced"]) == (200, "applied", 1)
    history = (await api.get("/v1/models/press/history")).json()
    assert [(item["kind"], item["reason"]) for item in history["items"]] == [
        ("alias_removed", "the trial is over"),
        ("promoted", "a trial"),
    ]
    assert history["aliases"] == {}
    before = (await api.get("/v1/models/press/history", params={"at": history["items"][1]["at"]})).json()
    assert before["aliases"] == {"mine": 1}


async def test_retention_is_told_with_what_it_keeps_and_why(world, api, until, assigned):
    await register(world, assigned("saw"), versions=(1, 2))
    await until(lambda: exists(api, "/v1/models/saw/versions/2"))
    wanted = {"reason": "what would go"}
    asking = asyncio.create_task(api.post("/v1/models/saw/retentions", json=wanted, headers={"Prefer": "wait=60"}))
    record = await until(partial(asked, world, "what would go"))
    assert json.loads(record.value)["dry_run"] is True
    completed = RetentionCompleted(
        model="saw", dry_run=True, retired=(1,), kept={"2": "the newest version"}, reason="what would go"
    )
    await world.say(completed, sequence=2, cause=cause_of(record))
    answer = await asking
    assert answer.status_code == 201, answer.text
    assert (answer.json()["retired"], answer.json()["kept"]) == ([1], {"2": "the newest version"})
    assert (await api.get(answer.headers["Location"])).json() == answer.json()
    for missing in ("no-id", str(new_id())):
        assert (await api.get(f"/v1/retentions/{missing}")).status_code == 404
    assert (await api.post("/v1/models/none/retentions", json=wanted)).status_code == 404


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


async def asked(world, told):
    """The request that says so, or has this id."""
    for record in await world.records(MODELS_REQUESTS):
        if told.encode() in record.value or headers_of(record)["ce_id"] == told:
            return record
    return None


async def refuse(world, record, model, problem):
    headers = headers_of(record)
    refused = RequestRefused(
        request_id=headers["ce_id"], request_type=headers["ce_type"], subject=model, problem=problem
    )
    await world.say(refused, topic=MODELS_EVENTS, sequence=0)
