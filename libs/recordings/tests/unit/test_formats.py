"""What is told by a file's beginning is what its importer says of it when all of it is there."""

import io

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import HEAD_BYTES, format_of
from babbitt.recordings.samples import read_samples


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
    ("content", "ending", "kind"),
    [
        (MATLAB, ".mat", "matlab5"),
        (written(savemat, {"x": VECTOR}, do_compression=True), ".mat", "matlab5"),
        (npy(VECTOR), ".npy", "npy"),
        (npy(VECTOR.astype("<i2").reshape(1, -1), (2, 0)), ".npy", "npy"),
        (b"1\n2\n", ".csv", "csv"),
        (b"\xef\xbb\xbfacceleration [m/s\xc2\xb2]\r\n1.5e-3\r\n", ".csv", "csv"),
        (LONG.encode(), ".csv", "csv"),
        (LONG.replace("\n", "\r").encode(), ".csv", "csv"),
        (("é" * 1000 + "\n" + LONG).encode(), ".csv", "csv"),
        (LONG.replace(".25", f".{'2' * 700}").encode(), ".csv", "csv"),
    ],
)
def test_what_is_imported_is_known_by_its_beginning(content, ending, kind):
    assert format_of(content[:HEAD_BYTES], "x") == kind
    assert read_samples(content, f"x{ending}").size > 0


@pytest.mark.parametrize(
    ("content", "ending", "found"),
    [
        (NEWER, ".mat", r"MATLAB 7\.3 file: save it by -v7"),
        (MATLAB[:126] + b"??" + MATLAB[128:], ".mat", "mark of the byte order"),
        (MATLAB[:100], ".mat", "mark of the byte order"),
        (hdf5(), ".mat", "HDF5"),
        (npy(VECTOR, (3, 0)), ".npy", "version 1 or 2"),
        (npy(VECTOR.reshape(2, -1)), ".npy", r"float64 of shape \(2, 500\)"),
        (npy(VECTOR * 1j), ".npy", "complex128"),
        (npy([]), ".npy", "no samples"),
        (npy(VECTOR)[:30], ".npy", "no .npy file"),
        (b"time,left\n0,1\n1,2\n", ".csv", "2 columns"),
        (b"0;1\n1;2\n", ".csv", "0;1"),
        (b"0,\n1,\n", ".csv", "one column"),
        (b"1\nnan\n", ".csv", "no finite numbers"),
        (b"a heading\n", ".csv", "no samples"),
        (b"<html>not a recording</html>", ".csv", "<html>"),
        (b"\x7fELF\x02\x01\x01" + bytes(10_000), ".csv", "ELF"),
        (b"PK\x03\x04" + bytes(10_000), ".csv", "PK"),
        (b"RIFF\x24\x08\xff\xffWAVEfmt " + bytes(10_000), ".csv", "RIFF"),
    ],
)
def test_what_no_importer_reads_is_told_with_what_it_is(content, ending, found):
    with pytest.raises(RecordingUnreadable, match=found):
        format_of(content[:HEAD_BYTES], "x")
    with pytest.raises(RecordingUnreadable):
        read_samples(content, f"x{ending}")
