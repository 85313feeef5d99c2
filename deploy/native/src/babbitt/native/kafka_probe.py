"""Asks a broker, in Kafka's own protocol, whether it serves."""

import socket
import struct

_METADATA, _VERSION, _CORRELATION, _NO_CLIENT_ID, _NO_TOPICS = 3, 1, 7, -1, 0
_TIMEOUT_S = 2.0
_HEAD = struct.Struct(">iii")  # size, correlation id, number of brokers


def serves(host: str, port: int) -> bool:
    """Say whether the broker on `port` answers a Metadata request and names a broker that is not fenced.

    A socket that opens is not enough: it does so about a second before the controller lets the broker in.
    """
    request = struct.pack(">hhihi", _METADATA, _VERSION, _CORRELATION, _NO_CLIENT_ID, _NO_TOPICS)
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                head = answer.read(_HEAD.size)
    except OSError:
        return False
    if len(head) < _HEAD.size:
        return False
    _, correlation, brokers = _HEAD.unpack(head)
    return correlation == _CORRELATION and brokers > 0
