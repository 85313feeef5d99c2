"""Cases for gates: a version beside a champion, with what both answered."""

from datetime import UTC, datetime

import pytest

from babbitt.contracts.model_requests import GatePolicy
from babbitt.registry.domain.gates.case import Case, Comparison, Finding
from babbitt.registry.domain.paired_difference import PairedDifference
from babbitt.registry.domain.pairs import pair
from babbitt.registry.domain.version import Version

SOUND = Finding(sound=True, detail="3 files are what their digests say")
POLICY = GatePolicy(accuracy_floor=0.8, margin=0.02)


@pytest.fixture
def case(candidate):
    """A function that makes a case; `against`: the champion, which is version 3."""

    def make(one=None, *, against=None, comparison="nobody asked", files=SOUND, signature=SOUND, **rules):
        policy = POLICY.model_copy(update=rules)
        champion = against and Version(3, against, datetime(2026, 1, 1, tzinfo=UTC))
        return Case(one or candidate(), policy, files, signature, champion, comparison)

    return make


@pytest.fixture
def compared(predictions):
    """A function that compares two lists of answers, right or wrong by record; the last group takes what is over."""

    def make(ours, theirs, *, groups=None, learnt=(), decisions=1, unknown=()):
        told = [predictions(answers=answers, groups=groups) for answers in (ours, theirs)]
        pairs = pair(*told, learnt)
        return Comparison(pairs, PairedDifference.of(pairs), decisions, unknown)

    return make


@pytest.fixture
def evaluated(completed):
    """A function that makes an evaluation with these fields."""

    def make(**fields):
        return completed().evaluation.model_copy(update=fields)

    return make
