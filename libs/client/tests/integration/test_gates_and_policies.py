import json
from uuid import uuid4

import pytest

from babbitt.contracts.model_requests import GatePolicy

NOW = "2026-01-02T03:04:05Z"
RULES = GatePolicy(accuracy_floor=0.9).model_dump(mode="json")
POLICY = {
    "model": "pump",
    "policy": RULES,
    "revision": 4,
    "reason": "better data",
    "requested_by": "key-1",
    "changed_at": NOW,
}
CHANGE = {
    "id": str(uuid4()), "state": "applied", "model": "pump", "policy": RULES, "reason": "x",
    "created_at": NOW, "updated_at": NOW,
}  # fmt: skip
GATES = [
    {"gate": "digest", "outcome": "passed", "detail": "3 files", "evaluated_at": NOW},
    {
        "gate": "no_worse", "outcome": "inconclusive", "detail": "8 groups are needed", "champion": 3,
        "measured": {"groups": 5.0}, "evaluated_at": NOW,
    },
]  # fmt: skip


@pytest.fixture
def version(golden):
    """A version as the gateway tells it."""
    told = golden("ModelRegistered").message.model_dump(mode="json")
    return told | {"model": "pump", "version": 7, "registered_at": NOW, "gates": GATES}


def test_what_each_gate_says_is_a_table_and_all_that_was_measured_is_in_json(counterpart, run, version):
    counterpart.answers("GET /v1/models/pump/versions/7", version)
    shown = run("models", "gates", "pump", "7")
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.splitlines()[-1].split() == ["no_worse", "inconclusive", "3", "8", "groups", "are", "needed"]
    told = json.loads(run("models", "gates", "pump", "7", "--json").stdout)
    assert told[1]["measured"] == {"groups": 5.0}


def test_a_list_of_versions_names_the_gates_that_did_not_pass(counterpart, run, version):
    passed = version | {"version": 6, "gates": GATES[:1]}
    counterpart.answers("GET /v1/models/pump/versions", {"items": [version, passed]})
    shown = run("models", "show", "pump").stdout
    assert "no_worse inconclusive" in shown
    assert "all 1 passed" in shown
    assert "digest passed" not in shown


def test_rules_are_shown(counterpart, run):
    counterpart.answers("GET /v1/models/pump/policy", POLICY)
    shown = run("models", "policy", "pump")
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["accuracy_floor", "0.9"] in lines
    assert ["by", "key-1"] in lines
    assert ["revision", "4"] in lines
    assert json.loads(run("models", "policy", "pump", "--json").stdout)["policy"] == RULES


def test_what_is_set_is_all_that_is_asked_for_and_so_the_others_stay(counterpart, run):
    counterpart.answers("GET /v1/models/pump/policy", POLICY)
    counterpart.answers("PATCH /v1/models/pump/policy", CHANGE)
    wanted = ("--set", "promotion=manual", "--set", "latency_budget_ms=none", "--reason", "before the audit")
    assert run("models", "policy", "pump", *wanted, "--if-revision", 4).exit_code == 0
    asked = counterpart.requests[0]
    assert asked.headers["if-match"] == '"4"'
    assert json.loads(asked.body) == {
        "policy": {"promotion": "manual", "latency_budget_ms": None},
        "reason": "before the audit",
    }
    assert asked.headers["prefer"] == "wait=30"


@pytest.mark.parametrize(("wanted", "told"), [("margins=1", "known are promotion"), ("margin=2", "margin: Input")])
def test_what_is_no_rule_or_no_value_of_one_is_told_and_nothing_is_asked(counterpart, run, wanted, told):
    result = run("models", "policy", "pump", "--set", wanted)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())
    assert not counterpart.requests
