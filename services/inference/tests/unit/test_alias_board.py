import pytest

from babbitt.inference.domain.alias_board import AliasBoard


@pytest.fixture
def board():
    return AliasBoard()


def test_the_assertion_with_the_higher_sequence_stands(board, assigned):
    first, second = assigned(b"1", version=1), assigned(b"2", version=2)
    assert board.assign(second, 10)
    assert not board.assign(first, 9)
    assert board.find("pump", "champion") == second


def test_of_equal_sequences_the_later_assertion_stands(board, assigned):
    first, second = assigned(b"1", version=1), assigned(b"2", version=2)
    board.assign(first, 7)
    assert board.assign(second, 7)
    assert board.find("pump", "champion") == second


def test_a_reference_that_is_gone_is_not_known_and_may_come_back(board, assigned):
    board.assign(assigned(b"1"), 9)
    board.remove("pump/champion")
    assert board.find("pump", "champion") is None
    assert not board.assign(assigned(b"1"), 9), "a late repeat"
    board.remove("pump/champion")
    assert board.assign(assigned(b"1"), 10)


def test_version_numbers_are_known_and_are_not_aliases(board, assigned):
    board.assign(assigned(b"1", reference="1"), 1)
    board.assign(assigned(b"1", reference="champion"), 2)
    assert board.find("pump", "1") is not None
    assert [standing.reference for standing in board.aliases()] == ["champion"]
