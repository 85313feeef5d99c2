import socket
import threading

import pytest

from babbitt.native.errors import NativeError
from babbitt.native.lasting import described, found, is_up, turn
from babbitt.native.ports import LOOPBACK, free_port
from babbitt.native.stack_settings import Choices, StackSettings


def test_a_folder_without_a_stack_is_told(tmp_path):
    assert not is_up(tmp_path)
    with pytest.raises(NativeError, match="there is no stack in"):
        found(tmp_path)


def test_a_stack_is_found_again_with_its_ports_and_replicas(tmp_path):
    ports = {"kafka": 20_001, "postgres": 20_002, "inference-0": 20_003, "inference-1": 20_004, "gateway-0": 20_005}
    Choices(ports=ports, passwords={"gateway": "secret"}).save(tmp_path / "stack.json")
    stack = found(tmp_path)
    assert stack.kafka.bootstrap_servers == "127.0.0.1:20001"
    assert stack.service("inference", 1).port == 20_004
    assert ":secret@127.0.0.1:20002/" in stack.environment.database_url("gateway")
    assert not is_up(tmp_path)


def test_a_kept_port_that_somebody_listens_on_by_now_is_chosen_anew(tmp_path):
    with socket.create_server((LOOPBACK, 0)) as listener:
        taken, kept = listener.getsockname()[1], free_port()
        Choices(ports={"kafka": taken, "postgres": kept}).save(tmp_path / "stack.json")
        stack = described(StackSettings(folder=tmp_path, temporary=False))
        assert stack.kafka.port != taken
        assert stack.postgres.port == kept


def test_two_commands_on_one_folder_take_turns(tmp_path):
    order = []
    entered = threading.Event()

    def second():
        entered.set()
        with turn(tmp_path):
            order.append("second")

    with turn(tmp_path):
        other = threading.Thread(target=second)
        other.start()
        assert entered.wait(5)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]
