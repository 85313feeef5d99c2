"""A service that waits for what is not there ends when it is asked to."""

import os
import signal
import subprocess
import sys

import httpx
import pytest

from babbitt.native.ports import free_port

pytestmark = pytest.mark.e2e

DATABASE = "postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none"


@pytest.mark.parametrize("service", ["signals", "training", "registry", "inference", "gateway"])
def test_a_service_that_waits_for_kafka_at_its_start_ends_on_sigterm(service, tmp_path):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
    port = free_port()
    listens = "GATEWAY" if service == "gateway" else "HEALTH"
    environment = inherited | {
        "BABBITT_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "BABBITT_OBJECT_STORE_URL": tmp_path.as_uri(),
        f"BABBITT_{listens}_PORT": str(port),
    }
    if service != "inference":
        environment[f"BABBITT_{service.upper()}_DATABASE_URL"] = DATABASE
    command = [sys.executable, "-m", f"babbitt.{service}"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            seen = ""
            for line in process.stdout:  # until it says that it waits
                seen += line
                if "waiting" in line or "away" in line:
                    break
            if service != "gateway":
                assert httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 503
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, seen + rest
