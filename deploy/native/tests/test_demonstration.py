"""A step of the demonstration that fails is one line and exit code 1."""

import os
import subprocess
import sys
import time

import pytest
from rich.console import Console

from babbitt.native.demo.run import MAPPING, Demo
from babbitt.native.errors import NativeError
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings


def test_recordings_that_are_missing_are_named_before_anything_starts(tmp_path):
    command = [sys.executable, "-m", "babbitt.native", "demo", "--recordings", str(tmp_path)]
    startless = {**os.environ, "JAVA_HOME": str(tmp_path)}  # whoever starts Kafka misses Java
    told = subprocess.run(command, env=startless, capture_output=True, text=True, check=False, timeout=30)
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"error: {tmp_path} lacks recordings that cwru.yaml names: ")


def test_what_the_client_could_not_do_is_the_reason(tmp_path):
    stack = Stack(StackSettings(folder=tmp_path))  # not started: nobody answers
    stack.admin_key_file.write_text("bbt_one_secret")
    demo = Demo(recordings=None, mapping=MAPPING, output=tmp_path / "demo.json")
    with pytest.raises(NativeError, match="no answer from"):
        demo.run_on(stack, Console(quiet=True), time.monotonic())
