import pytest

from babbitt.contracts.paired import PairedRecord
from babbitt.registry.domain.pairs import NotComparable, pair


def test_answers_are_paired_by_what_was_answered_not_by_their_order(predictions):
    ours = predictions(answers=[True, False, True])
    theirs = predictions(answers=[False, True, True])
    theirs = theirs.model_copy(update={"records": theirs.records[::-1]})
    pairs = pair(ours, theirs, set())
    assert pairs.ours.tolist() == [True, False, True]
    assert pairs.theirs.tolist() == [False, True, True]


def test_a_record_that_one_of_the_two_learnt_from_leaves_the_comparison(predictions):
    told = predictions(answers=[True] * 4)
    pairs = pair(told, told, {told.records[1].blake3, "f" * 64})
    assert (len(pairs.ours), pairs.learnt_from) == (3, 1)
    with pytest.raises(NotComparable, match="every test record"):
        pair(told, told, {record.blake3 for record in told.records})


def test_files_of_other_records_or_labels_cannot_be_compared(predictions):
    with pytest.raises(NotComparable, match="different records"):
        pair(predictions(answers=[True] * 3), predictions(answers=[True] * 4), set())
    with pytest.raises(NotComparable, match="other labels"):
        pair(predictions(answers=[True]), predictions(answers=[True], labels=("oilwhirl",)), set())


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ({"probabilities": (0.9, 0.1)}, True),
        ({"probabilities": (0.1, 0.9)}, False),
        ({"probabilities": (0.1, 0.9), "answer": "sain"}, True),
        ({"probabilities": (0.9, 0.1), "right": False}, False),
    ],
)
def test_right_is_what_the_file_says_else_the_answer_else_the_likeliest_class(predictions, told, right):
    record = PairedRecord(**({"record": "a", "blake3": "0" * 64, "group": "g", "label": "sain"} | told))
    found = predictions(answers=[]).model_copy(update={"records": (record,)})
    assert pair(found, found, set()).ours.tolist() == [right]
