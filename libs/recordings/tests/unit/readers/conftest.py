from contextlib import ExitStack
from itertools import count

import pytest

from babbitt.recordings.readers.opening import open_file


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
