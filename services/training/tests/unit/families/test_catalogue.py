"""The documents' table of families, and the command that prints it."""

import json
from pathlib import Path

import pytest

from babbitt.training.families import command
from babbitt.training.families.catalogue import Entry
from babbitt.training.families.costs import measured
from babbitt.training.families.registry import load_presets

DOCUMENT = Path(__file__).parents[5] / "docs" / "families.md"
KNOWN_AT_ONCE = 5
"""Columns that need no measuring."""


@pytest.fixture(scope="module")
def unmeasured():
    return command.rows(load_presets(), measured=False)


def test_the_document_says_of_every_preset_what_the_code_says(unmeasured):
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    written = {line.split("`")[1]: [cell.strip() for cell in line.strip("|").split("|")] for line in lines}
    for row in unmeasured:
        assert written[row["preset"]][:KNOWN_AT_ONCE] == command.cells(row)[:KNOWN_AT_ONCE]


def test_the_document_has_a_section_for_every_family(unmeasured):
    headings = " ".join(line for line in DOCUMENT.read_text().splitlines() if line.startswith("## "))
    assert {row["family"] for row in unmeasured if f"`{row['family']}`" not in headings} == set()


def test_the_command_prints_an_object_a_line(monkeypatch, capsys, unmeasured):
    monkeypatch.setattr(command, "rows", lambda presets, measured: unmeasured)
    assert command.main(["--json", "--unmeasured"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["preset"] for row in told] == list(load_presets().names())
    assert told[0].keys() >= {"family", "inputs", "window_samples", "parameters", "task"}


@pytest.mark.thorough
def test_a_cost_is_of_one_record_through_the_exported_graph(case):
    one = case("logistic_small")
    content = one.exported.SerializeToString()
    took = measured(Entry(one.preset, one.data, one.spec, "", windows=1, parameters=None, members=0), content)
    assert took.record_ms > 0
    assert took.file_bytes == len(content)
    assert took.embedding == one.taught.linear.mean.shape[0]
