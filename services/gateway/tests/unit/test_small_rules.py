"""Small rules, each in a sentence."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import ConsumerRecord
from pydantic import BaseModel, Field, ValidationError

from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.heartbeats import ServiceHeartbeat, Serving
from babbitt.gateway.accepted_types import prefers
from babbitt.gateway.errors import InvalidInput, UnknownModel, UnknownReference
from babbitt.gateway.keys.tokens import new_token, read_token
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.preferences import Preferences, read_preferences
from babbitt.gateway.problems import invalid_input
from babbitt.gateway.settings import GatewaySettings
from babbitt.gateway.system.roster import Roster
from babbitt.gateway.texts import Body

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(message, *, sequence=1, key=None, value=b"?", at=NOW):
    headers = headers_of(Envelope.of(message, id="1", source="/s", time=NOW, sequence=sequence)) if message else ()
    value = message.model_dump_json().encode() if message else None
    key = key or message.key().encode()
    return ConsumerRecord("t", 0, 0, int(at.timestamp() * 1000), 0, key, value, None, 1, 1, tuple(headers))


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, Preferences()),
        ("respond-async", Preferences(respond_async=True)),
        ("wait=5", Preferences(wait_s=5)),
        ('Respond-Async, wait="10"; x=y', Preferences(respond_async=True, wait_s=10)),
        ("wait=100000000000000000000", Preferences(wait_s=60)),
        ("wait=-1, wait=soon, colour=red", Preferences()),
        ("wait=\u0665", Preferences()),  # a digit, but none of ASCII's
    ],
)
def test_a_preference_that_is_not_understood_is_passed_over(header, wanted):
    assert read_preferences(header) == wanted


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        ("application/json, text/html;q=0.5", False),
        ("Text/HTML; q=0.9, application/json; Q=0.1", True),
        ("text/html;q=0", False),
        ("application/json;q=0.5, text/*", True),
        ("text/html;q=soon, application/json;q=0.1", False),
    ],
)
def test_what_is_accepted_goes_by_weight_and_by_how_specific_it_is(accept, page):
    assert prefers(accept, "text/html", "application/json") is page


def test_a_key_is_read_back_whatever_its_secret_and_nothing_else_is():
    for _ in range(200):
        token = new_token()
        assert read_token(token.reveal()) == token
        assert token.secret not in repr(token)
    for wrong in ("", "bbt_", "bbt_00_x", f"{new_token().reveal()} ", f"{new_token().reveal()}\n", "bbt_" + "é" * 56):
        assert read_token(wrong) is None


def test_what_is_wrong_with_the_whole_body_says_so():
    assert InvalidInput.at("", "is empty").problem.detail == "the body: is empty"
    assert InvalidInput.at("/seed", "is odd").problem.detail == "/seed: is odd"


def test_of_two_assignments_the_one_with_the_higher_sequence_stays(assigned):
    aliases = Aliases()
    aliases.heard(record(assigned(version=2), sequence=5))
    aliases.heard(record(assigned(version=1), sequence=4))
    assert aliases.resolve("pump").version == aliases.resolve("pump@champion").version == 2
    aliases.heard(record(assigned(version=3), sequence=5))
    assert aliases.resolve("pump").version == 3


def test_a_reference_whose_key_ends_is_gone_and_so_is_a_model_without_references(assigned):
    aliases = Aliases()
    aliases.heard(record(assigned()))
    aliases.heard(record(assigned(reference="7", version=7)))
    assert aliases.resolve("pump@7").version == 7
    aliases.heard(record(None, key=b"pump/champion"))
    with pytest.raises(UnknownReference, match="it has 7"):
        aliases.resolve("pump")
    aliases.heard(record(None, key=b"pump/7"))
    with pytest.raises(UnknownModel):
        aliases.resolve("pump@7")


def test_a_late_repeat_does_not_bring_back_a_reference_that_is_gone(assigned):
    aliases = Aliases()
    aliases.heard(record(assigned(reference="7", version=7), sequence=5))
    for _ in range(3):
        aliases.heard(record(None, key=b"pump/7"))
    aliases.heard(record(assigned(reference="7", version=7), sequence=5))
    assert not aliases.of("pump")
    aliases.heard(record(assigned(reference="7", version=7), sequence=6))
    assert aliases.resolve("pump@7").version == 7


def beat(service="inference", *, health="ready", serves=("champion",), instance="i"):
    serving = tuple(Serving(model="pump", reference=name, version=1, digest="a" * 64) for name in serves)
    return ServiceHeartbeat(
        service=service, instance=instance, version="1", health=health, serves=serving, interval_s=2.0, sent_at=NOW
    )


def test_a_reference_is_served_while_a_replica_that_is_alive_says_so():
    clock = [100.0]
    roster = Roster(monotonic=lambda: clock[0], wall=NOW.timestamp)
    assert not roster.serves("pump", "champion")
    roster.heard(record(beat()))
    assert roster.serves("pump", "champion")
    assert roster.serves("pump", "7"), "a version is loaded on demand"
    assert not roster.serves("pump", "shadow")
    assert not roster.serves("fan", "champion")
    clock[0] += 7
    assert roster.serves("pump", "champion")
    clock[0] += 2
    assert not roster.serves("pump", "champion")
    assert not roster.serves("pump", "7")
    roster.heard(record(beat()))
    roster.heard(record(beat(health="stopping")))
    assert not roster.serves("pump", "champion")


def test_replicas_that_are_silent_for_long_are_forgotten_though_nobody_looks():
    clock = [100.0]
    roster = Roster(monotonic=lambda: clock[0], wall=NOW.timestamp)
    for number in range(10):
        roster.heard(record(beat(instance=f"i-{number}")))
        clock[0] += 60
    assert len(roster._seen) == 2


def test_a_beat_that_lay_in_the_topic_is_as_old_as_it_is():
    roster = Roster(monotonic=lambda: 100.0, wall=NOW.timestamp)
    roster.heard(record(beat(), at=NOW - timedelta(seconds=9)))
    assert not roster.serves("pump", "champion")
    assert [seen.alive(100.0) for seen in roster.replicas()] == [False]


class Inner(BaseModel):
    number: int


class Outer(Body):
    name: str = ""
    inner: list[Inner] | dict[str, Inner] = Field(default_factory=list)


def test_a_pointer_leads_into_the_body_and_names_no_member_of_a_union():
    body = {"inner": {"a/b": {"number": "x"}}}
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(body)
    findings = [{**finding, "loc": ("body", *finding["loc"])} for finding in caught.value.errors()]
    pointers = {one.pointer for one in invalid_input(findings, body).problem.errors}
    assert "/inner/a~1b/number" in pointers
    assert not any("dict[" in pointer for pointer in pointers if pointer.endswith("number"))


@pytest.mark.parametrize("body", [{"name": "a\x00"}, {"inner": {"\x00": {"number": 1}}}])
def test_a_body_with_nul_is_refused_wherever_it_stands(body):
    with pytest.raises(ValidationError, match="NUL"):
        Outer.model_validate(body)


def test_the_nesting_of_a_body_cannot_exhaust_the_stack():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValidationError):
        Outer.model_validate({"inner": deep})


def test_a_stale_time_below_the_fresh_one_is_no_setting():
    wrong = {"kafka_bootstrap_servers": "x", "object_store_url": "file:///x", "database_url": "postgresql+asyncpg://x"}
    with pytest.raises(ValidationError, match="key_stale_s"):
        GatewaySettings(**wrong, key_fresh_s=10, key_stale_s=1)
