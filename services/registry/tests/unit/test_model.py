from uuid import UUID

import pytest

from babbitt.registry.domain.model import Model, trails
from babbitt.registry.errors import (
    AliasMoved,
    ArtifactUnverified,
    ChampionStays,
    NothingToRollBackTo,
    UnknownAlias,
    UnknownVersion,
    VersionInUse,
    VersionRetired,
)


@pytest.fixture
def model(candidate, now):
    """A model with versions 1 to 4, the last of which has no sound artifact; nothing is promoted."""
    model = Model("pump")
    for verified in (True, True, True, False):
        model.register(candidate(verified=verified), now())
    return model


def promote(model, now, *numbers, alias="champion"):
    return [model.promote(number, alias, now()) for number in numbers]


def test_versions_are_numbered_from_one_and_one_job_makes_one_version(candidate, now):
    model, one = Model("pump"), candidate()
    assert model.register(one, now()).number == 1
    assert model.register(one, now()) is None
    assert model.register(candidate(), now()).number == 2


def test_every_change_raises_the_revision(model, now):
    revisions = [model.revision]
    for change in (
        lambda: model.promote(1, "champion", now()),
        lambda: model.promote(2, "champion", now()),
        lambda: model.roll_back("champion", now()),
        lambda: model.retire(3),
    ):
        change()
        revisions.append(model.revision)
    assert revisions == [4, 5, 6, 7, 8]


def test_a_promotion_says_what_it_replaced(model, now):
    first, second = promote(model, now, 1, 2)
    assert (first.replaced, second.replaced) == (None, 1)
    assert model.champion().number == 2


def test_a_promotion_to_where_the_alias_points_already_is_none(model, now):
    promote(model, now, 1)
    revision = model.revision
    assert model.promote(1, "champion", now()) is None
    assert model.revision == revision


def test_what_cannot_serve_is_not_promoted(model, now):
    model.retire(2)
    for number, error in ((9, UnknownVersion), (2, VersionRetired), (4, ArtifactUnverified)):
        with pytest.raises(error, match=str(number)):
            model.promote(number, "champion", now())
    assert model.aliases == {}


def test_rolling_back_twice_goes_back_twice(model, now):
    promote(model, now, 1, 2, 3)
    assert [model.roll_back("champion", now()).version.number for _ in range(2)] == [2, 1]
    with pytest.raises(NothingToRollBackTo):
        model.roll_back("champion", now())


def test_rolling_back_never_goes_in_a_circle(model, now):
    promote(model, now, 1, 2, 1)
    assert [model.roll_back("champion", now()).version.number for _ in range(2)] == [2, 1]
    with pytest.raises(NothingToRollBackTo):
        model.roll_back("champion", now())


def test_a_promotion_after_a_rollback_is_undone_to_where_the_rollback_had_gone(model, now):
    promote(model, now, 1, 2)
    model.roll_back("champion", now())
    promote(model, now, 3)
    assert model.roll_back("champion", now()).version.number == 1


def test_aliases_go_their_own_ways(model, now):
    promote(model, now, 1, 2)
    promote(model, now, 3, alias="shadow")
    with pytest.raises(NothingToRollBackTo):
        model.roll_back("shadow", now())
    with pytest.raises(UnknownAlias, match="champion, shadow"):
        model.roll_back("challenger", now())
    assert model.roll_back("champion", now()).version.number == 1


def test_a_version_retired_meanwhile_is_not_rolled_back_to(model, now):
    promote(model, now, 1, 2)
    model.retire(1)
    with pytest.raises(NothingToRollBackTo, match="in use"):
        model.roll_back("champion", now())
    assert model.champion().number == 2


def test_a_version_that_an_alias_points_at_is_not_retired(model, now):
    promote(model, now, 1, alias="shadow")
    with pytest.raises(VersionInUse, match="shadow"):
        model.retire(1)
    model.retire(2)
    with pytest.raises(VersionRetired, match="already"):
        model.retire(2)


def test_trails_follow_from_the_history_alone():
    moves = [
        ("champion", 1, "promotion"),
        ("champion", 2, "promotion"),
        ("shadow", 3, "promotion"),
        ("champion", 1, "rollback"),
        ("champion", 3, "promotion"),
        ("mine", 1, "promotion"),
        ("mine", 1, "removal"),
    ]
    assert trails(moves) == {"champion": [1, 3], "shadow": [3], "mine": []}


def test_of_two_who_promote_knowing_the_same_the_second_is_refused_and_nothing_changes(model, now):
    promote(model, now, 1)
    model.promote(2, "champion", now(), expected=1)
    revision = model.revision
    with pytest.raises(AliasMoved, match="version 2 by now"):
        model.promote(3, "champion", now(), expected=1)
    with pytest.raises(AliasMoved):
        model.roll_back("champion", now(), expected=1)
    assert (model.aliases["champion"], model.revision) == (2, revision)


def test_a_repeat_of_a_promotion_is_no_conflict_whatever_was_expected(model, now):
    promote(model, now, 1)
    model.promote(2, "champion", now(), expected=1)
    assert model.promote(2, "champion", now(), expected=1) is None


def test_who_expects_no_alias_makes_it_once(model, now):
    assert model.promote(1, "mine", now(), expected=0).replaced is None
    with pytest.raises(AliasMoved, match="not at nothing"):
        model.promote(2, "mine", now(), expected=0)


def test_an_alias_that_was_taken_away_is_gone_with_what_a_rollback_would_have_followed(model, now):
    promote(model, now, 1, 2, alias="shadow")
    removal = model.remove_alias("shadow", now())
    assert (removal.version, model.aliases, model.assigned_at) == (2, {}, {})
    with pytest.raises(UnknownAlias):
        model.remove_alias("shadow", now())
    promote(model, now, 3, alias="shadow")
    with pytest.raises(NothingToRollBackTo):
        model.roll_back("shadow", now())


def test_the_champion_is_never_taken_away(model, now):
    promote(model, now, 1)
    with pytest.raises(ChampionStays):
        model.remove_alias("champion", now())


def test_a_version_that_a_pending_job_reads_is_not_retired(model):
    model.needs[2] = frozenset({UUID(int=7)})
    with pytest.raises(VersionInUse, match="0007"):
        model.retire(2)
