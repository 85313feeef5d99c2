"""What is read in this process is read or refused, whatever happened to the file."""

import io
from random import Random

import numpy as np
import pytest
from scipy.io import wavfile

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.opening import open_file

LIKELY = b',;\t"\n\r .-e0159\x00\xff\x80N|#'


def written(write, *arguments):
    stream = io.BytesIO()
    write(stream, *arguments)
    return stream.getvalue()


def damaged(content, chance):
    """Bytes changed, put in, taken out, or all of it twice."""
    wrong = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(wrong))
        match chance.randrange(4):
            case 0:
                wrong[at] = chance.choice(LIKELY)
            case 1:
                wrong[at:at] = bytes(chance.choices(LIKELY, k=3))
            case 2:
                del wrong[at : at + 4]
            case _:
                wrong = wrong[:at] + wrong * 2
        wrong = wrong or bytearray(b"1")
    return bytes(wrong)


@pytest.mark.parametrize(
    "content",
    [
        b"time,left\n0,.5\n1,2.\n",
        b'"a";"b"\n"0,5";1\n1;2\n',
        b"0.5 1.5\n1 2\n",
        b"a\tb\n1\t\n\t2\n",
        "Zeit;µ\n1;2\n".encode("utf-16"),
        written(wavfile.write, 1000, np.zeros((4, 2), np.int16)),
        written(np.save, np.arange(6.0)),
    ],
)
def test_a_damaged_file_is_read_or_refused(tmp_path, content):
    chance, path, ended = Random(7), tmp_path / "x", set()
    for _ in range(120):
        path.write_bytes(damaged(content, chance))
        try:
            with open_file(path, "x") as reader:
                for variable in reader.variables():
                    ended.add(reader.vector(variable.name).size > 0)
        except RecordingUnreadable:
            ended.add("refused")
    assert ended == {True, "refused"}
