"""The notebook, run as it is committed; and meanwhile one of its versions, made again."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples" / "two_versions.ipynb"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]


@pytest.fixture
def environment(stack):
    return {"BABBITT_URL": stack.gateway_url, "BABBITT_KEY": stack.admin_key, "NO_COLOR": "1"}


@contextmanager
def made_again(environment, model, version, folder):
    """What the command says, once the context has closed: it runs beside what is done in it."""
    babbitt, told = Path(sys.executable).with_name("babbitt"), {}
    command = [babbitt, "models", "reproduce", model, str(version), "--out", folder, "--run", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | environment) as making:
        try:
            yield told
            told |= json.loads(making.communicate(timeout=120)[0])
        finally:
            making.kill()


def test_the_notebook_compares_two_versions_and_the_first_is_made_again_bit_for_bit(
    served, environment, tmp_path, monkeypatch
):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    with made_again(environment, served, 1, tmp_path / "anew") as again:
        NotebookClient(notebook, timeout=120).execute(env=os.environ | environment)
    drawn = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(drawn) == 3
    assert any("only spectral_small" in output.get("text", "") for output in code[-2].outputs)
    assert again["outcome"]["equal"]
