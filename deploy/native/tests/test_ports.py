import socket

import pytest

from babbitt.native.ports import LOOPBACK, free_port, is_free


@pytest.fixture
def listener():
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(listener):
    assert not is_free(listener)


def test_a_preferred_port_that_is_taken_is_passed_over(listener):
    assert free_port(prefer=listener) != listener


def test_a_preferred_port_that_is_free_is_taken():
    port = free_port()
    assert free_port(prefer=port) == port


def test_a_port_promised_to_another_is_not_chosen():
    port = free_port()
    assert free_port(prefer=port, taken=[port]) != port
