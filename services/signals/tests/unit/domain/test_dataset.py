import itertools

import pytest

from babbitt.signals.domain.dataset import TRANSITIONS, Dataset, State
from babbitt.signals.errors import DatasetNotInState

MOVES = {
    State.MAKING: lambda dataset: dataset.begin(1, None),
    State.FAILED: lambda dataset: dataset.fail("no"),
    State.CANCELLED: lambda dataset: dataset.cancel(),
    State.DELETED: lambda dataset: dataset.delete(),
}


@pytest.mark.parametrize(("state", "target"), list(itertools.product(State, MOVES)))
def test_a_dataset_moves_as_the_table_says_and_no_other_way(small, state, target):
    dataset = Dataset(small().dataset_id(), small(), label=None, state=state, revision=7)
    if target in TRANSITIONS[state]:
        MOVES[target](dataset)
        assert dataset.state is target
        assert dataset.revision == 8
    elif target is state and target in {State.CANCELLED, State.DELETED}:
        MOVES[target](dataset)
        assert (dataset.state, dataset.revision) == (state, 8)
    else:
        with pytest.raises(DatasetNotInState):
            MOVES[target](dataset)
        assert (dataset.state, dataset.revision) == (state, 7)


def test_only_a_ready_dataset_is_said_to_be_ready(small):
    with pytest.raises(DatasetNotInState):
        Dataset(small().dataset_id(), small(), label=None).say_ready_again()
