import json
from datetime import UTC, datetime
from uuid import uuid4

from .conftest import problem

NOW = "2026-01-02T03:04:05Z"
PROMOTION = {
    "id": str(uuid4()), "kind": "promotion", "state": "applied", "model": "pump", "alias": "line-3", "version": 7,
    "replaced": None, "reason": "a trial", "created_at": NOW, "updated_at": NOW,
}  # fmt: skip
CHANGE = {
    "kind": "promoted", "alias": "champion", "version": 2, "replaced": 1, "reason": "all gates passed",
    "automatic": True, "requested_by": None, "at": NOW,
}  # fmt: skip
RETENTION = {
    "id": str(uuid4()), "state": "applied", "model": "pump", "dry_run": True, "retired": [1, 2],
    "kept": {"3": "champion", "10": "the newest version"}, "reason": "look", "created_at": NOW, "updated_at": NOW,
}  # fmt: skip


def test_aliases_are_listed_set_where_they_were_seen_and_taken_away(counterpart, run):
    alias = {"reference": "champion", "version": 2, "digest": "ab" * 32, "assigned_at": NOW}
    counterpart.answers("GET /v1/models/pump/aliases", {"items": [alias]})
    assert "champion" in run("models", "aliases", "list", "pump").stdout
    counterpart.answers("POST /v1/models/pump/promotions", PROMOTION)
    arguments = ("models", "aliases", "set", "pump", "line-3", 7, "--reason", "a trial")
    assert run(*arguments, "--if-at", 0).stdout == "pump@line-3 is version 7\n"
    assert run(*arguments, "--if-at", 3).exit_code == run(*arguments).exit_code == 0
    asked = counterpart.requests[1:]
    assert json.loads(asked[0].body) == {"version": 7, "alias": "line-3", "reason": "a trial"}
    conditions = [(one.headers.get("if-match"), one.headers.get("if-none-match")) for one in asked]
    assert conditions == [(None, "*"), ('"3"', None), (None, None)]
    gone = PROMOTION | {"kind": "removal", "version": None, "replaced": 7}
    counterpart.answers("DELETE /v1/models/pump/aliases/line-3", gone)
    removed = run("models", "aliases", "remove", "pump", "line-3", "--reason", "it is over", "--if-at", 7)
    assert removed.stdout == "pump@line-3 is gone (before: 7)\n"
    assert counterpart.requests[-1].query == {"reason": "it is over"}
    assert counterpart.requests[-1].headers["if-match"] == '"7"'


def test_a_promotion_that_came_too_late_says_where_the_alias_is_by_now(counterpart, run):
    moved = problem(409, "alias-moved", "champion of pump points at version 8 by now, not at 6")
    counterpart.answers("POST /v1/models/pump/promotions", moved)
    result = run("models", "promote", "pump", 7, "--if-at", 6, "--reason", "better")
    assert (result.exit_code, result.stderr) == (1, "babbitt: champion of pump points at version 8 by now, not at 6\n")


def test_what_served_at_a_time_is_told_with_the_reason(counterpart, run):
    page = {"items": [CHANGE], "aliases": {"champion": 2}, "serving": {"champion": CHANGE}}
    counterpart.answers("GET /v1/models/pump/history", page)
    shown = run("models", "history", "pump", "--at", "2026-01-03T00:00+01:00")
    assert shown.stdout.splitlines()[1].split()[:2] == ["champion", "2"]
    assert "gates" in shown.stdout
    assert "all gates passed" in shown.stdout
    asked = counterpart.requests[0].query
    assert datetime.fromisoformat(asked["at"]) == datetime(2026, 1, 2, 23, tzinfo=UTC)
    assert asked["limit"] == "1"
    assert json.loads(run("models", "history", "pump", "--at", "2026-01-03", "--json").stdout) == {"champion": CHANGE}
    wrong = run("models", "history", "pump", "--at", "yesterday")
    assert wrong.exit_code == 2
    assert "is no date" in wrong.stderr


def test_retention_only_looks_unless_it_is_told_to_apply(counterpart, run):
    done = RETENTION | {"dry_run": False}
    counterpart.answers("POST /v1/models/pump/retentions", RETENTION, done, RETENTION | {"state": "requested"})
    looked = run("models", "retention", "pump")
    rows = [line.split(maxsplit=1) for line in looked.stdout.splitlines()[1:]]
    assert rows == [
        ["10", "kept: the newest version"],
        ["3", "kept: champion"],
        ["2", "would be retired"],
        ["1", "would be retired"],
    ]
    applied = run("models", "retention", "pump", "--apply", "--reason", "room")
    assert applied.stdout.splitlines()[-1].split() == ["1", "retired"]
    assert [json.loads(one.body)["dry_run"] for one in counterpart.requests] == [True, False]
    assert run("models", "retention", "pump").exit_code == 3
