"""The notebook, run as it is committed; and one of its versions, made again."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

from babbitt.client.cli import app

NOTEBOOK = Path(__file__).parents[2] / "examples" / "two_versions.ipynb"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]


@pytest.fixture
def environment(stack):
    return {"BABBITT_URL": stack.gateway_url, "BABBITT_KEY": stack.admin_key, "NO_COLOR": "1"}


def test_the_notebook_compares_two_versions_and_the_one_that_it_trains_is_made_again_bit_for_bit(
    client, served, environment, tmp_path, monkeypatch
):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    NotebookClient(notebook, timeout=120).execute(env=os.environ | environment)
    drawn = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(drawn) == 3
    assert any("only spectral_small" in output.get("text", "") for output in code[-2].outputs)

    version = next(one.version for one in client.versions(served) if one.preset == "logistic_small")
    command = ["models", "reproduce", served, str(version), "--out", str(tmp_path / "anew"), "--run", "--json"]
    made = CliRunner().invoke(app, command, env=environment)
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["outcome"]["equal"]
