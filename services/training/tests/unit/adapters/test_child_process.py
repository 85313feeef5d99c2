import asyncio
import json
import sys

import psutil
import pytest

from babbitt.training.adapters import child_process
from babbitt.training.adapters.child_process import ChildFits
from babbitt.training.fitting.progress import Failed


async def test_a_child_that_cannot_read_its_request_says_so(tmp_path):
    (tmp_path / "request.json").write_text("not JSON")
    async with ChildFits(threads=1).started(tmp_path, "training", 60.0) as fit:
        said = [progress async for progress in fit.progress()]
        words = await fit.last_words()
    assert isinstance(said[0], Failed)
    assert said[0].kind == "bad_request"
    assert words.startswith("ended with status 2: fit: ")


async def test_a_child_is_given_no_setting_of_the_service_and_no_credential_of_the_store(tmp_path, monkeypatch):
    """A stand-in for the interpreter writes down its environment and arguments."""
    script = tmp_path / "python"
    script.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"json.dump([dict(os.environ), sys.argv], open({str(tmp_path / 'told')!r}, 'w'))\n"
    )
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setenv("BABBITT_TRAINING_DATABASE_URL", "postgresql://role:secret@host/database")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    async with ChildFits(threads=3, processes=2).started(tmp_path, "training", 60.0) as fit:
        await fit.last_words()
    environment, arguments = json.loads((tmp_path / "told").read_text())
    assert not [name for name in environment if name.startswith(("BABBITT_", "AWS_"))]
    assert environment["PATH"]
    assert arguments[1:3] == ["-m", "babbitt.training"]
    assert {"--resume", "--end-with-stdin", "--in-step"} <= set(arguments)
    assert arguments[-4:] == ["--threads", "3", "--processes", "2"]


async def test_a_child_is_killed_when_nobody_wants_it_any_more(tmp_path, monkeypatch):
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    with pytest.raises(KeyError):
        async with ChildFits(threads=None).started(tmp_path, "training", 60.0) as fit:
            raise KeyError
    assert (await fit.last_words()).startswith("ended by signal 9, as where memory runs out")


async def test_all_processes_of_a_child_have_ended_when_it_is_killed(tmp_path, monkeypatch):
    """A stand-in for a launcher, whose process ends where the pipe to the service closes."""
    script = tmp_path / "python"
    said = Failed(kind="test", reason="it is up").model_dump_json()
    script.write_text(f"#!/bin/sh\n(echo '{said}'; cat; echo over > {tmp_path}/over) <&0 &\nexec sleep 60\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    async with ChildFits(threads=None).started(tmp_path, "training", 60.0) as fit:
        await anext(fit.progress())
    assert (tmp_path / "over").read_text() == "over\n"


async def test_a_process_of_a_child_that_does_not_end_is_not_waited_for(tmp_path, monkeypatch):
    script = tmp_path / "python"
    said = Failed(kind="test", reason="it is up").model_dump_json()
    script.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/pid\necho '{said}'\nwait\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(child_process, "ALL_END_WITHIN_S", 0.05)
    async with asyncio.timeout(10.0):
        async with ChildFits(threads=None).started(tmp_path, "training", 60.0) as fit:
            await anext(fit.progress())
    left = psutil.Process(int((tmp_path / "pid").read_text()))
    left.kill()
    assert [line async for line in fit.progress()] == [], "the pipe is closed"


async def test_a_child_that_dies_amid_a_line_has_not_said_it(tmp_path, monkeypatch):
    script = tmp_path / "python"
    script.write_text('#!/bin/sh\nprintf \'{"event": "star\'\nkill -9 $$\n')
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    async with ChildFits(threads=None).started(tmp_path, "training", 60.0) as fit:
        assert [progress async for progress in fit.progress()] == []
        assert (await fit.last_words()).startswith("ended by signal 9, as where memory runs out")
