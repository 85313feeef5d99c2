import os
import subprocess
import sys

import pytest

from babbitt.native.ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def native(folder, standins):
    place = folder / "run"
    environment = {**os.environ, **standins, "BABBITT_UP_FOLDER": str(place), "BABBITT_UP_PORT": str(free_port())}

    def call(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "babbitt.native", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )

    yield call
    call("clean")
    assert not place.exists()


def test_up_leaves_all_running_down_stops_it_and_the_key_survives(native, folder):
    up = native("up")
    assert up.returncode == 0, up.stderr
    assert "Gateway" in up.stdout
    key = (folder / "run" / "admin.key").read_text()
    assert native("status").returncode == 0
    assert "already running" in native("up").stdout
    (folder / "run" / "admin.key").unlink()
    assert "already running" not in native("up").stdout
    assert (folder / "run" / "admin.key").read_text() == key

    topic = native("kafka", "topics", "--create", "--topic", "typed", "--partitions", "1")
    assert topic.returncode == 0, topic.stderr

    assert native("down").returncode == 0
    assert native("status").returncode == 1
    assert native("up").returncode == 0
    assert (folder / "run" / "admin.key").read_text() == key
    assert "typed" in native("kafka", "topics", "--list").stdout
    assert "kafka" in native("logs", "-n", "1").stdout


def test_what_cannot_be_done_is_one_line_and_exit_code_1(native):
    told = native("status")
    assert told.returncode == 1
    assert told.stderr.startswith("error: there is no stack in ")
    assert len(told.stderr.splitlines()) == 1


def test_down_without_a_stack_says_so(native):
    told = native("down")
    assert told.returncode == 0
    assert "not running" in told.stdout
