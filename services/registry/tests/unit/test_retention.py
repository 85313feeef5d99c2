from datetime import timedelta
from uuid import UUID

import pytest

from babbitt.contracts.model_requests import GatePolicy, RetentionRequested
from babbitt.contracts.models import ModelRetired, RetentionCompleted
from babbitt.registry.application.apply_retention import ApplyRetention
from babbitt.registry.domain.model import Model, trails
from babbitt.registry.domain.retention import retention
from babbitt.registry.errors import UnknownModel

OLD = timedelta(days=91)
POLICY = GatePolicy(retained_champions=2, retained_days=90)


@pytest.fixture
def model(candidate, now):
    """A model with six versions; nothing is promoted."""
    made = Model("pump")
    for _ in range(6):
        made.register(candidate(), now())
    return made


def test_all_that_is_young_is_kept_and_of_what_is_old_the_newest(model, now):
    assert retention(model, POLICY, now()).retired == ()
    late = retention(model, POLICY, now() + OLD)
    assert (late.retired, late.kept) == ((1, 2, 3, 4, 5), {6: "the newest version"})


def test_a_version_is_young_until_the_day_that_the_policy_names(model, now):
    first = model.versions[1].registered_at
    last_moment = first + timedelta(days=90)
    assert retention(model, POLICY, last_moment - timedelta(seconds=1)).kept[1] == "registered 89 days ago, kept 90"
    assert retention(model, POLICY, last_moment).retired == (1,)


def test_what_an_alias_points_at_and_what_a_pending_job_reads_is_kept_however_old(model, now):
    model.promote(2, "champion", now())
    model.promote(2, "shadow", now())
    model.promote(3, "mine", now())
    model.needs[4] = frozenset({UUID(int=7)})
    found = retention(model, POLICY, now() + OLD)
    assert found.retired == (1, 5)
    assert (found.kept[2], found.kept[3]) == ("champion, shadow", "mine")
    assert "0007 needs it" in found.kept[4]


def test_as_many_former_champions_are_kept_as_the_policy_says_the_nearest_first(model, now):
    for number in (1, 2, 3, 2, 4):
        model.promote(number, "champion", now())
    found = retention(model, POLICY, now() + OLD)
    assert found.retired == (1, 5)
    assert found.kept[2].startswith("former champion, 1 of 2")
    assert found.kept[3].startswith("former champion, 2 of 2")


def test_every_champion_that_is_kept_can_be_rolled_back_to(model, now):
    for number in (1, 2, 3, 4):
        model.promote(number, "champion", now())
    for number in retention(model, POLICY, now() + OLD).retired:
        model.retire(number)
    assert [model.roll_back("champion", now()).version.number for _ in range(2)] == [3, 2]


def test_a_former_champion_that_is_retired_already_takes_no_other_ones_place_and_is_passed_over_by_a_rollback(
    model, now
):
    moves = [("champion", number, "promotion") for number in (1, 2, 3, 4)]
    for _, number, _ in moves:
        model.promote(number, "champion", now())
    model.retire(3)
    found = retention(model, GatePolicy(retained_champions=1, retained_days=90), now() + OLD)
    assert (found.retired, found.kept[2]) == ((1, 5), "former champion, 1 of 1 that are kept for a rollback")
    assert model.roll_back("champion", now()).version.number == 2
    assert model.trails == trails([*moves, ("champion", 2, "rollback")]) == {"champion": [1, 2]}


def test_what_is_retired_already_is_neither_kept_nor_retired_again(model, now):
    model.retire(1)
    model.retire(6)
    found = retention(model, POLICY, now() + OLD)
    assert found.retired == (2, 3, 4, 5)
    assert found.kept == {}


@pytest.fixture
def apply(in_memory, model, said, now):
    """A function that applies retention 91 days later."""

    async def apply(call):
        async with in_memory.transaction() as models:
            await models.locked_or_new("pump")
            models.changed["pump"] = model
        async with in_memory.transaction() as models:
            return await call(ApplyRetention(models, models, said, lambda: now() + OLD))

    return apply


async def stood(in_memory):
    async with in_memory.transaction() as models:
        return [number for number, one in (await models.locked("pump")).versions.items() if not one.retired]


async def test_a_dry_run_says_what_would_go_and_why_the_rest_is_kept_and_changes_nothing(in_memory, apply, said):
    await apply(lambda use_case: use_case(RetentionRequested(model="pump", reason="look", requested_by="key-1")))
    ((completed, _),) = said.messages
    assert (completed.dry_run, completed.retired, completed.requested_by) == (True, (1, 2, 3, 4, 5), "key-1")
    assert completed.kept == {"6": "the newest version"}
    assert await stood(in_memory) == [1, 2, 3, 4, 5, 6]


async def test_what_is_not_kept_is_retired_one_by_one_and_serves_no_more_by_its_number(in_memory, apply, said):
    request = RetentionRequested(model="pump", dry_run=False, reason="room", requested_by="key-1")
    await apply(lambda use_case: use_case(request))
    assert [(one.version, one.reason, one.requested_by) for one in said.of(ModelRetired)] == [
        (number, "room", "key-1") for number in range(1, 6)
    ]
    ended = [key for key, sequence in said.messages if sequence is None]
    assert ended == [f"pump/{number}" for number in range(1, 6)]
    assert isinstance(said.messages[-1][0], RetentionCompleted)
    sequences = [sequence for _, sequence in said.messages if sequence is not None]
    assert sequences == sorted(sequences)
    assert await stood(in_memory) == [6]


async def test_a_sweep_that_finds_nothing_says_nothing(in_memory, apply, said, now):
    assert await apply(lambda use_case: use_case.sweep("pump")) == 5
    said.messages.clear()
    async with in_memory.transaction() as models:
        swept = await ApplyRetention(models, models, said, lambda: now() + OLD).sweep("pump")
    assert (swept, said.messages) == (0, [])


async def test_retention_of_a_model_that_is_not_there_is_refused(in_memory, said, now):
    async with in_memory.transaction() as models:
        with pytest.raises(UnknownModel):
            await ApplyRetention(models, models, said, now)(RetentionRequested(model="fan", reason="look"))
