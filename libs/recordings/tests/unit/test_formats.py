"""What is told by a file's beginning is what its importer says of it when all of it is there."""

import io

import h5py
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy.io import savemat, wavfile

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import HEAD_BYTES, format_of


def written(write, *arguments, **more):
    stream = io.BytesIO()
    write(stream, *arguments, **more)
    return stream.getvalue()


def npy(array, version=(1, 0)):
    return written(np.lib.format.write_array, np.asarray(array), version=version)


def hdf5():
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["x"] = np.arange(3.0)
    return stream.getvalue()


LONG = "".join(f"{number}.25\n" for number in range(2000))
VECTOR = np.arange(1000.0)
MATLAB = written(savemat, {"x": VECTOR})
NEWER = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM" + bytes(384) + hdf5()


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (MATLAB, "matlab5"),
        (written(savemat, {"x": VECTOR}, do_compression=True), "matlab5"),
        (NEWER, "matlab73"),
        (hdf5(), "hdf5"),
        (npy(VECTOR), "npy"),
        (npy(VECTOR.astype("<i2").reshape(2, -1), (2, 0)), "npy"),
        (written(np.savez, x=VECTOR), "npz"),
        (written(np.savez_compressed, VECTOR), "npz"),
        (written(wavfile.write, 1000, VECTOR), "wav"),
        (written(lambda stream: parquet.write_table(pa.table({"x": VECTOR}), stream)), "parquet"),
        (b"1\n2\n", "csv"),
        (b"\xef\xbb\xbfacceleration [m/s\xc2\xb2]\r\n1.5e-3\r\n", "csv"),
        (LONG.encode(), "csv"),
        (LONG.replace("\n", "\r").encode(), "csv"),
        (("é" * 1000 + "\n" + LONG).encode(), "csv"),
        (("é" * 1000 + "\n" + LONG).encode("latin-1"), "csv"),
        (LONG.replace(".25", f".{'2' * 700}").encode(), "csv"),
        (b"time,left\n0,1\n1,2\n", "csv"),
        (b"0;1\n1;2\n", "csv"),
        (b"0,\n1,\n", "csv"),
        (b"1\nnan\n", "csv"),
        (b"1:2\n3:4\n", "csv"),  # what delimits it, its mapping says
        (b"a heading\n", "csv"),
    ],
)
def test_what_is_imported_is_known_by_its_beginning(content, format_):
    assert format_of(content[:HEAD_BYTES], "x") == format_


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (MATLAB[:126] + b"??" + MATLAB[128:], "mark of the byte order"),
        (MATLAB[:100], "mark of the byte order"),
        (MATLAB.replace(b"MATLAB 5.0", b"MATLAB 9.0"), r"version that is not read \(b'MATLAB 9\.0'\)"),
        (npy(VECTOR, (3, 0)), "version 1 or 2"),
        (npy(VECTOR * 1j), "complex128"),
        (npy([]), "no samples"),
        (npy(VECTOR)[:30], r"no \.npy file"),
        (b"\x7fELF\x02\x01\x01" + bytes(10_000), "ELF"),
        (b"PK\x03\x04" + bytes(10_000), "ZIP archive"),
        (b"RIFF\x24\x08\xff\xffAVI LIST" + bytes(10_000), "RIFF"),
        (b"", "no text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a MATLAB file tells when it was written
)
def test_what_no_importer_reads_is_told_with_what_it_is(content, found):
    with pytest.raises(RecordingUnreadable, match=found):
        format_of(content[:HEAD_BYTES], "x")
