import os
import signal
import subprocess
import sys

import psutil
import pytest

from babbitt.native.errors import NativeError
from babbitt.native.identity import identity
from babbitt.native.processes import Process
from babbitt.native.waiting import wait_until

SLEEPER = [sys.executable, "-c", "import signal; print('here', flush=True); signal.pause()"]
IGNORE = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True)"
STUBBORN = [sys.executable, "-c", f"{IGNORE}\nwhile True: signal.pause()"]
OWNER = """
import os, signal, sys
from pathlib import Path
from babbitt.native.processes import Process
one = Process("bound", Path(sys.argv[1]))
one.start([sys.executable, "-c", "import signal; signal.pause()"], environment=os.environ,
          end_with_parent=signal.SIGKILL if sys.argv[2] == "temporary" else None)
print(one.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def process(tmp_path):
    one = Process("sleeper", tmp_path)
    yield one
    one.stop()


def wait_for_output(process):
    assert wait_until(lambda: "here" in process.log_file.read_text(), deadline_s=10)


def test_a_started_process_runs_until_it_is_stopped(process):
    process.start(SLEEPER, environment=os.environ)
    assert process.alive
    process.stop()
    assert not process.alive


def test_a_second_start_leaves_the_running_process_alone(process):
    process.start(SLEEPER, environment=os.environ)
    first = process.pid
    process.start(SLEEPER, environment=os.environ)
    assert process.pid == first


def test_another_command_finds_and_stops_it_by_its_pid_file(process, tmp_path):
    process.start(SLEEPER, environment=os.environ)
    Process("sleeper", tmp_path).stop()
    assert not process.alive


def test_a_process_that_ignores_sigterm_is_killed_after_the_deadline(process):
    process.start(STUBBORN, environment=os.environ)
    wait_for_output(process)
    process.stop(deadline_s=0.2)
    assert not process.alive


def test_a_paused_process_can_be_stopped(process):
    process.start(SLEEPER, environment=os.environ)
    process.pause()
    assert wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, deadline_s=5)
    process.stop(deadline_s=10)
    assert not process.alive


def test_a_recycled_pid_is_never_ended(process, tmp_path):
    process.start(SLEEPER, environment=os.environ)
    stranger = Process("stranger", tmp_path)
    (tmp_path / "pids" / "stranger.pid").write_text(f"{process.pid} 12345\n")
    assert not stranger.alive
    stranger.stop()
    stranger.kill()
    assert process.alive


def test_a_program_that_is_not_there_is_told_in_one_line(process):
    with pytest.raises(NativeError, match="sleeper could not be started"):
        process.start(["/no/such/program"], environment=os.environ)


def test_a_process_that_ended_by_itself_is_not_alive(process):
    process.start([sys.executable, "-c", "print('here')"], environment=os.environ)
    assert process.ended(deadline_s=10)


@pytest.mark.parametrize(("mode", "survives"), [("temporary", False), ("lasting", True)])
def test_when_its_owner_is_killed_a_temporary_process_ends_and_a_lasting_one_goes_on(tmp_path, mode, survives):
    command = [sys.executable, "-c", OWNER, str(tmp_path), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        watchers = [child.pid for child in psutil.Process(owner.pid).children() if child.pid != pid]
        owner.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not any(map(identity, watchers)), deadline_s=10)
    bound = Process("bound", tmp_path)
    assert bound.ended(deadline_s=0 if survives else 10) is not survives
    bound.stop()


def test_an_owner_that_ends_leaves_no_process_that_it_did_not_collect(tmp_path):
    started_and_killed = OWNER.replace("signal.pause()\n", "one.kill()\n")
    command = [sys.executable, "-W", "always", "-c", started_and_killed, str(tmp_path), "temporary"]
    owner = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert owner.stderr == ""


def test_a_process_that_has_ended_is_collected_whenever_it_ended(folder):
    for _ in range(20):
        process = Process("short", folder)
        process.start([sys.executable, "-c", "import time; time.sleep(0.05)"], environment={})
        process.stop()
        assert process._child
        assert process._child.returncode is not None
