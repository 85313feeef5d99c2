"""The process that started this one, as far as standard input tells: it is gone, or it has kept up."""

import os
import threading

STANDARD_INPUT = 0


class Parent:
    """Reads standard input in a thread of its own.

    Args:
        end_with_it: end this process, with this status, when standard input is closed.
    """

    def __init__(self, *, end_with_it: int | None) -> None:
        self._status = end_with_it
        self._lines = 0
        self._more = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_for_lines(self, number: int) -> None:
        """Wait until so many lines have come in all."""
        with self._more:
            self._more.wait_for(lambda: self._lines >= number)

    def _listen(self) -> None:
        while read := os.read(STANDARD_INPUT, 4096):
            with self._more:
                self._lines += read.count(b"\n")
                self._more.notify_all()
        if self._status is not None:
            os._exit(self._status)
