"""Curves in a terminal."""

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np

from babbitt.client.api.training_jobs import Curves, Epoch
from babbitt.client.cli.drawing import curves
from babbitt.client.cli.training_curves import draw
from babbitt.client.cli.training_display import line
from babbitt.contracts.training import EpochCompleted

BLANK = "\u2800"


def run(values, last=None):
    return np.linspace(1, last or len(values), len(values)), np.array(values, float)


def height(lines, column):
    """In how many rows of a column something is drawn."""
    return sum(line[column] != BLANK for line in lines)


def test_a_curve_goes_from_the_left_to_the_right_over_the_whole_height_without_a_gap():
    lines = curves([run([3.0, 1.0, 0.0])], columns=20, rows=5)
    assert [len(line) for line in lines] == [20] * 5
    assert all(height(lines, column) for column in range(20))
    assert all(line != BLANK * 20 for line in lines)
    assert lines[0][0] != BLANK
    assert lines[-1][-1] != BLANK


def test_a_run_that_ended_earlier_ends_earlier():
    above, below = curves([run([0.0, 0.0], last=10), run([1.0, 1.0], last=5)], columns=20, rows=2)
    assert BLANK not in below
    assert [mark != BLANK for mark in above] == [True] * 10 + [False] * 10


def test_a_peak_narrower_than_a_dot_is_seen():
    values = np.zeros(500)
    values[250] = 1.0
    lines = curves([run(values)], columns=50, rows=4)
    assert sum(mark != BLANK for mark in lines[0]) in {1, 2}


def test_a_curve_of_one_value_is_a_line():
    assert all(mark != BLANK for mark in curves([run([0.5])], columns=10, rows=1)[0])


def test_a_run_of_which_nothing_was_held_out_has_no_curve_of_validation(capsys):
    at = {"learning_rate": 0.1, "seconds": 1.0, "completed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    fold = [
        Epoch(run=1, epoch=epoch, train_loss=1 / epoch, validation_loss=2 / epoch, validation_accuracy=0.5, **at)
        for epoch in (1, 2)
    ]
    final = [Epoch(run=2, run_name="seed 0", epoch=epoch, train_loss=1 / epoch, **at) for epoch in (1, 2)]
    draw(Curves(job_id=uuid4(), items=(*fold, *final)))
    told = capsys.readouterr().out
    assert "train loss: 0.5 to 1; last 0.5, seed 0 0.5" in told
    assert "validation loss: 1 to 2; last 1\n" in told
    alone = Curves(job_id=uuid4(), items=tuple(final))
    draw(alone)
    assert "validation" not in capsys.readouterr().out
    axes = alone.plot()
    assert [one.get_label() for one in axes.get_lines()] == ["train_loss seed 0"]
    said = EpochCompleted(job_id=uuid4(), model="pump", epochs=2, **final[0].model_dump(exclude={"completed_at"}))
    assert line(said) == "epoch 1/2  train loss 1.0000  1.0 s"
