from contextlib import ExitStack
from itertools import count

import pytest

from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.opening import open_file


class EndsAfter(Deadline):
    """Passes when it was looked at so often, whatever the time; `looks` counts."""

    def __init__(self, most):
        super().__init__("x", 60)
        self._most, self.looks = most, 0

    @property
    def left_s(self):
        self.looks += 1
        return float(self.looks <= self._most)


@pytest.fixture
def ends_after():
    return EndsAfter


@pytest.fixture
def opened(tmp_path):
    """Opens a file with this content, or one that lies somewhere, until the test ends."""
    numbers = count()
    with ExitStack() as stack:

        def open_(content, name="x", text=None, **more):
            path = content
            if isinstance(content, bytes):
                path = tmp_path / f"{next(numbers)}"
                path.write_bytes(content)
            return stack.enter_context(open_file(path, name, text, **more))

        yield open_
