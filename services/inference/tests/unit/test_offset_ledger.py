import pytest
from aiokafka import TopicPartition

from babbitt.inference.entrypoints.offset_ledger import OffsetLedger

A, B = TopicPartition("requests", 0), TopicPartition("requests", 1)


@pytest.fixture
def ledger():
    ledger = OffsetLedger()
    for offset in (5, 6, 7):
        ledger.take(A, offset)
    return ledger


def test_a_position_never_passes_over_what_is_not_answered(ledger):
    ledger.answer(A, 6)
    assert ledger.collect_positions() == {}
    ledger.answer(A, 5)
    assert ledger.collect_positions() == {A: 7}
    ledger.answer(A, 7)
    assert ledger.collect_positions() == {A: 8}


def test_partitions_go_on_by_themselves(ledger):
    ledger.take(B, 40)
    ledger.answer(B, 40)
    assert ledger.collect_positions() == {B: 41}
    assert ledger.unanswered == 3


def test_a_position_is_collected_once_unless_it_could_not_be_committed(ledger):
    ledger.answer(A, 5)
    positions = ledger.collect_positions()
    assert ledger.collect_positions() == {}
    ledger.put_back(positions)
    assert ledger.collect_positions() == {A: 6}


def test_what_is_put_back_does_not_undo_what_came_after_it(ledger):
    ledger.answer(A, 5)
    old = ledger.collect_positions()
    ledger.answer(A, 6)
    ledger.put_back(old)
    assert ledger.collect_positions() == {A: 7}


def test_an_answer_to_what_was_given_away_changes_nothing(ledger):
    ledger.forget()
    ledger.answer(A, 5)
    assert ledger.collect_positions() == {}
    assert ledger.unanswered == 0


def test_an_answer_given_twice_counts_once(ledger):
    ledger.answer(A, 5)
    ledger.answer(A, 5)
    assert ledger.unanswered == 2
