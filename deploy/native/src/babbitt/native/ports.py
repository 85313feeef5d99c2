"""TCP ports nobody listens on."""

import random
import socket
from collections.abc import Collection

from babbitt.native.errors import NativeError

LOOPBACK = "127.0.0.1"

# Below the range the kernel lends to outgoing connections (32768 and up on Linux), so that a port stays ours
# while its server restarts.
_FIRST, _LAST = 20_000, 32_000
_TRIES = 200


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen on `port`; connections still closing do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(*, prefer: int | None = None, taken: Collection[int] = ()) -> int:
    """Choose a port of the loopback interface that is free now.

    Args:
        prefer: taken where it is free.
        taken: ports promised to others, not chosen.

    Raises:
        NativeError: none was found.
    """
    if prefer is not None and prefer not in taken and is_free(prefer):
        return prefer
    draw = random.SystemRandom()
    for _ in range(_TRIES):
        port = draw.randint(_FIRST, _LAST)
        if port not in taken and is_free(port):
            return port
    raise NativeError(f"no free port found between {_FIRST} and {_LAST}")
