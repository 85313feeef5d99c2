"""What the documents say is there."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

from babbitt.client.cli import app

ROOT = Path(__file__).parents[2]
OURS = [ROOT / name for name in ("libs", "services", "deploy", "docs", "examples", "tests", "bench")]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(file for folder in OURS for file in folder.rglob("*.md"))])
README = (ROOT / "README.md").read_text()
CODE = "\n".join(re.findall(r"^```sh\n(.*?)^```", "\n".join(map(Path.read_text, DOCUMENTS)), re.DOTALL | re.MULTILINE))


def name(document):
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_relative_link_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=name)
def test_every_test_that_a_decision_names_exists(document):
    named = set(re.findall(r"`(test_\w+)`", document.read_text()))
    tests = {
        found
        for folder in OURS
        for file in folder.rglob("test_*.py")
        for found in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert named - tests == set()


def test_every_make_target_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)", CODE, re.MULTILINE)) | set(re.findall(r"`make ([a-z-]+)", README))
    assert named
    assert named - targets == set()


def test_every_babbitt_command_that_a_document_names_exists():
    command = typer.main.get_group(app)
    lines = re.findall(r"^babbitt ([a-z]+)(?: ([a-z]+))?", CODE, re.MULTILINE)
    assert lines
    for group, sub in lines:
        found = command.get_command(typer.Context(command), group)
        if subcommands := getattr(found, "commands", None):
            assert not sub or sub in subcommands, f"babbitt {group} {sub}"


@pytest.mark.parametrize("example", ["publish_train_requested.py", "predict.py", "publish_measurement.py"])
def test_the_readme_shows_the_example_as_it_is(example):
    assert f"```python\n{(ROOT / 'examples' / example).read_text()}```" in README


def test_the_example_of_a_waveform_writes_five_seconds(tmp_path):
    subprocess.run([sys.executable, ROOT / "examples" / "waveform.py"], cwd=tmp_path, check=True)
    assert np.load(tmp_path / "build" / "waveform.npy").shape == (1, 102_400)
    assert (tmp_path / "build" / "waveform.f32").stat().st_size == 4 * 102_400
