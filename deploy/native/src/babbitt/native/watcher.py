"""The process that ends the processes of a temporary stack when their owner dies. Run by `lifeline.py`.

It reads lines `pid identity signal` from a pipe whose other end only the owner holds. When the pipe closes, it sends
each process that is still the same its signal.
"""

import os
import sys
from contextlib import suppress

from babbitt.native.identity import identity


def main() -> None:
    """Read what to watch until the pipe closes, then end it."""
    watched = [line.split() for line in sys.stdin]
    for pid, started, number in watched:
        if identity(int(pid)) == started:
            with suppress(ProcessLookupError):
                os.kill(int(pid), int(number))


if __name__ == "__main__":
    main()
