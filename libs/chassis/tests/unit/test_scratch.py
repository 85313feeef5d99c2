"""Private folders for large files."""

import shutil
import subprocess
import sys
from pathlib import Path

from babbitt.chassis.scratch import MARKER, ScratchFolder


def test_a_folder_is_made_when_it_is_asked_for_private_and_goes_with_its_context(tmp_path):
    with ScratchFolder(tmp_path) as scratch:
        assert list(tmp_path.iterdir()) == []
        folder = scratch.made()
        assert scratch.made() == folder
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "large").write_bytes(bytes(100))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_somebody_removed_is_made_anew(tmp_path):
    with ScratchFolder(tmp_path) as scratch:
        shutil.rmtree(scratch.made())
        assert scratch.made().is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_its_folder_to_the_next_one_and_a_running_one_keeps_its_own(tmp_path):
    with ScratchFolder(tmp_path) as running:
        kept = running.made()
        killed = [sys.executable, "-c", LEAVES_A_FOLDER, str(tmp_path)]
        left = Path(subprocess.run(killed, check=False, capture_output=True, text=True, timeout=60).stdout.strip())
        assert (left / "large").is_file()
        with ScratchFolder(tmp_path):
            assert not left.exists()
            assert kept.is_dir()


def test_what_other_programs_have_there_stays_whatever_it_is_called(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    parent = tmp_path / "parent"
    for folder in (elsewhere, parent / "uploads-of-a-program", parent / "babbitt-scratch-notes", parent / "shard-1"):
        folder.mkdir(parents=True)
        (folder / "theirs").touch()
    (elsewhere / MARKER).touch()
    (parent / "babbitt-scratch-link").symlink_to(elsewhere)
    (parent / "babbitt-scratch-file").touch()
    with ScratchFolder(parent) as scratch:
        scratch.made()
    assert sorted(path.name for path in parent.iterdir()) == [
        "babbitt-scratch-file", "babbitt-scratch-link", "babbitt-scratch-notes", "shard-1", "uploads-of-a-program",
    ]  # fmt: skip
    assert len(list(tmp_path.rglob("theirs"))) == 4


LEAVES_A_FOLDER = """
import os, signal, sys
from pathlib import Path
from babbitt.chassis.scratch import ScratchFolder
with ScratchFolder(Path(sys.argv[1])) as scratch:
    folder = scratch.made()
    (folder / "large").write_bytes(bytes(100))
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
