import json
import socket
import stat
from pathlib import Path

import httpx
import pytest

from babbitt.chassis.deploy import SERVICES_WITH_SCHEMA
from babbitt.native.errors import NativeError, PortTakenError
from babbitt.native.ports import LOOPBACK
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings

pytestmark = pytest.mark.integration


def test_a_stack_starts_deploys_adds_and_restarts_replicas_and_stops(folder, standins):
    told = Path(standins["STANDIN_FOLDER"])
    settings = StackSettings(folder=folder, replicas={"inference": 2}, environment=standins)
    with Stack(settings) as stack:
        assert {file.stem for file in told.glob("*.migrated")} == set(SERVICES_WITH_SCHEMA)
        assert stack.admin_key == "bbt_one_secret"
        assert stat.S_IMODE(stack.admin_key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "stack.json").stat().st_mode) == 0o600
        assert httpx.get(f"{stack.gateway_url}/health/ready").is_success

        inference = stack.service("inference", 1)
        before = inference.pid
        inference.kill()
        assert not inference.alive
        inference.restart()
        assert inference.pid != before

        added = stack.add_replica("signals")
        assert added.ready()
        environment = json.loads((told / "signals-1.json").read_text())
        assert environment["BABBITT_INSTANCE"] == "signals-1"
        assert environment["ORT_DISABLE_TELEMETRY"] == "1"
        with pytest.raises(NativeError, match="there is no gateway-7"):
            stack.service("gateway", 7)
        processes = stack.processes
        assert all(one.alive for one in processes)
    assert not any(one.alive for one in processes)


def test_a_service_that_ends_is_named_with_the_end_of_its_log_and_all_is_stopped(folder, standins):
    stack = Stack(StackSettings(folder=folder, environment={**standins, "STANDIN_FAILS": "registry"}))
    with pytest.raises(NativeError, match=r"registry-0 ended before it was ready(?s:.*)the database refuses this role"):
        stack.start()
    assert not any(one.alive for one in stack.processes)


def test_a_busy_gateway_port_is_named_with_how_to_choose_another_before_anything_starts(folder):
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        stack = Stack(StackSettings(folder=folder, gateway_port=port))
        with pytest.raises(PortTakenError, match=f"port {port} .* make up GATEWAY_PORT={port + 1}"):
            stack.start()
    assert not any(one.alive for one in stack.processes)
