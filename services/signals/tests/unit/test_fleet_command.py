"""What `babbitt fleet simulate` refuses, in the words of its command line."""

import pytest
from typer.testing import CliRunner

from babbitt.signals.fleet_command import app


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--seed", str(2**63)), "--seed: Input should be less than 9223372036854775808"),
        (("--record-s", "1000"), "--record-s: Input should be less than or equal to 600"),
        (("--record-s", "0.1"), "--record-s: 0.1 s hold fewer than 10 revolutions"),
        (("--profile", "rolling", "--record-s", "30"), "--record-s: a measurement would have 360000 samples"),
        (("--bootstrap", "127.0.0.1:port"), "'127.0.0.1:port': host:port is accepted"),
        (("--bootstrap", "a:9092,b:99999"), "'a:9092,b:99999': host:port is accepted"),
        (("--bootstrap", "[::1"), "host:port is accepted, several by commas"),
    ],
)
def test_a_wrong_option_is_named_as_it_was_written(options, said):
    ended = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["simulate", *options])
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert "/" not in ended.stderr, "pointers are for programs"
