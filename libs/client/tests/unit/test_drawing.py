"""Curves in a terminal."""

import numpy as np

from babbitt.client.cli.drawing import curves

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
