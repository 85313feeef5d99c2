"""Kafka's own console tools, as the documents show them: a line that is typed is a job, and a topic can be read."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from tests.way import until

from babbitt.contracts.topics import TRAINING_REQUESTS

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def shown(document, opening):
    """The command of a document that begins so, as it stands there."""
    blocks = re.findall(r"^```sh\n(.*?)\n```", (ROOT / document).read_text(), re.DOTALL | re.MULTILINE)
    return next(block for block in blocks if block.startswith(opening))


@pytest.fixture
def shell(stack):
    """A function: what a command prints that is run in the repository's root, beside the session's stack."""
    ours = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{ours}:{os.environ['PATH']}", "BABBITT_UP_FOLDER": str(stack.folder)}

    def run(command):
        told = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command.replace(".venv/bin", str(ours))],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        return told.stdout

    return run


@pytest.mark.parametrize(
    ("document", "opening", "cause"),
    [("README.md", "echo '{", ""), ("docs/runbooks/dead-letters.md", "printf 'ce_", "OLD_ID")],
)
def test_a_line_typed_into_the_console_producer_is_a_job(shell, client, outside, document, opening, cause):
    dataset = secrets.token_hex(32)  # is not there: the job waits for it and costs nothing
    shell(shown(document, opening).replace("DATASET_ID", dataset))
    (job,) = until(
        lambda: [one for one in client.training_jobs(model="pump") if one.dataset == dataset],
        what=f"the job that {document} types",
    )
    assert (job.state, job.waits_for_dataset) == ("queued", True)
    assert cause in {record.cause for record in outside.all_of(TRAINING_REQUESTS)}
    assert client.cancel_training(job.id, wait_s=20).state == "cancelled"


def test_the_console_consumer_shows_where_a_message_lies_and_its_headers(shell):
    command = shown("docs/runbooks/dead-letters.md", "python -m babbitt.native kafka console-consumer")
    told = shell(command.replace("training.dlq", "system.heartbeats") + " --max-messages 1")
    assert told.startswith("Offset:0\t")
    assert "ce_type:ServiceHeartbeat" in told
