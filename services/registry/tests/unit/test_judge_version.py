from dataclasses import replace
from datetime import UTC, datetime

import pytest

from babbitt.contracts.model_requests import GatePolicy
from babbitt.registry.application.judge_version import JudgeVersion
from babbitt.registry.domain.gates.case import Case, Finding
from babbitt.registry.domain.version import Version

SOUND = Finding(sound=True, detail="")


@pytest.fixture
def no_worse():
    """A function that judges a version beside a champion where no file can be read."""

    async def judge(candidate, champion):
        case = Case(candidate, GatePolicy(), SOUND, SOUND, Version(1, champion, datetime(2026, 1, 1, tzinfo=UTC)))
        results = await JudgeVersion(files=None, splits=None)("pump", case, None)
        (found,) = (result for result in results if result.gate == "no_worse")
        return found

    return judge


async def test_where_answers_of_an_earlier_version_are_not_kept_that_is_told(no_worse, candidate):
    bare = replace(candidate(), predictions=None)
    for ours, theirs, why in (
        (candidate(), bare, "what the champion answered is not kept"),
        (bare, candidate(), "what the version answered is not kept"),
        (candidate(split="6" * 64), candidate(), "the champion was tested on another split"),
    ):
        found = await no_worse(ours, theirs)
        assert (found.outcome, found.detail) == ("not_comparable", why)
