"""How a replica tells how it is: readiness, health routes, metrics, logs."""

import json
import subprocess
import sys

import httpx
import pytest
from prometheus_client import REGISTRY

from babbitt.chassis import metrics
from babbitt.chassis.health import health_server
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.telemetry import configure_telemetry, span, traceparent


def test_a_check_that_never_reported_says_no():
    readiness = Readiness("kafka", "aliases")
    readiness.ready("kafka")
    assert not readiness
    assert readiness.reasons() == {"aliases": "not checked yet"}


def test_a_check_that_failed_says_why_until_it_is_fine_again():
    readiness = Readiness("kafka")
    readiness.unready("kafka", "connection refused")
    assert readiness.reasons() == {"kafka": "connection refused"}
    readiness.ready("kafka")
    assert readiness


async def test_health_is_served_over_http_on_a_free_port():
    readiness = Readiness("kafka")
    async with health_server(readiness, "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        root = f"http://127.0.0.1:{port}"
        assert (await client.get(f"{root}/health/live")).status_code == 200
        unready = await client.get(f"{root}/health/ready")
        assert unready.status_code == 503
        assert unready.json()["reasons"] == {"kafka": "not checked yet"}
        readiness.ready("kafka")
        assert (await client.get(f"{root}/health/ready")).status_code == 200
        assert "babbitt_ready" in (await client.get(f"{root}/metrics")).text


async def test_a_busy_port_is_an_os_error():
    readiness = Readiness()
    async with health_server(readiness, "127.0.0.1", 0) as port:
        with pytest.raises(OSError, match="address"):
            async with health_server(readiness, "127.0.0.1", port):
                pass


def test_every_metrics_labels_come_from_the_allow_list():
    collectors = [one for one in REGISTRY._collector_to_names if getattr(one, "_name", "").startswith("babbitt_")]
    used = {label for collector in collectors for label in collector._labelnames}
    assert {"topic", "kind", "check"} <= used <= metrics.LABELS


def test_a_trace_goes_on_across_a_header():
    configure_telemetry("registry", "registry-0", None)
    with span("first") as first:
        header = traceparent()
    with span("second", parent=header) as second:
        assert second.get_span_context().trace_id == first.get_span_context().trace_id


def test_logs_are_json_lines_with_service_and_trace_and_errors_in_them():
    program = (
        "from babbitt.chassis.logs import configure_logs, logger\n"
        "from babbitt.chassis.telemetry import configure_telemetry, span\n"
        "import logging\n"
        "configure_logs('registry', 'registry-0', 'INFO'); configure_telemetry('registry', 'registry-0', None)\n"
        "log = logger('x')\n"
        "log.debug('not shown')\n"
        "with span('s'):\n"
        "    log.info('promoted', version=3)\n"
        "logging.getLogger('a.library').warning('odd %s', 'thing')\n"
        "def connect(password):\n    1 / 0\n"
        "try:\n    connect('secret-' + 'word')\nexcept ZeroDivisionError as error:\n"
        "    log.error('failed', exc_info=error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    promoted, odd, failed = [json.loads(line) for line in run.stdout.splitlines()]
    assert (promoted["message"], promoted["version"], promoted["service"]) == ("promoted", 3, "registry")
    assert len(promoted["trace_id"]) == 32
    assert (odd["message"], odd["level"]) == ("odd thing", "warning")
    assert failed["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert "secret-word" not in run.stdout
    assert run.stderr == ""
