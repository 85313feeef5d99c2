import io
import struct

import numpy as np
import pytest
from scipy.io import wavfile

from babbitt.recordings.errors import RecordingUnreadable


def wav(samples, rate=48_000):
    stream = io.BytesIO()
    wavfile.write(stream, rate, samples)
    return stream.getvalue()


def chunk(kind, content):
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def riff(*chunks):
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WAVE" + b"".join(chunks)


def format_(code=1, channels=1, rate=1000, bits=16, more=b""):
    frame = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits) + more)


@pytest.mark.parametrize(
    ("dtype", "written", "full_scale"),
    [
        (np.uint8, [0, 128, 192], [-1, 0, 0.5]),
        (np.int16, [-(2**15), 0, 2**14], [-1, 0, 0.5]),
        (np.int32, [-(2**31), 0, 2**30], [-1, 0, 0.5]),
        (np.float32, [-1, 0, 7.5], [-1, 0, 7.5]),
        (np.float64, [-1, 0, 7.5], [-1, 0, 7.5]),
    ],
)
def test_integers_are_a_share_of_full_scale_and_floats_what_they_are(opened, dtype, written, full_scale):
    reader = opened(wav(np.array([written, written[::-1]], dtype).T, 25_600))
    assert (reader.format, reader.sampling_rate_hz) == ("wav", 25_600.0)
    np.testing.assert_array_equal(reader.vector("#1"), full_scale)
    np.testing.assert_array_equal(reader.vector("#2"), full_scale[::-1])


def test_24_bits_are_read_with_their_sign(opened):
    samples = b"".join(value.to_bytes(3, "little", signed=True) for value in (-(2**23), -1, 2**22))
    reader = opened(riff(format_(bits=24), chunk(b"data", samples)))
    np.testing.assert_array_equal(reader.vector("*"), [-1, -(2.0**-23), 0.5])


def test_what_is_written_as_extensible_and_amid_other_chunks_is_read(opened):
    subformat = struct.pack("<HHIH", 22, 16, 0, 1) + b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
    content = riff(chunk(b"LIST", b"odd"), format_(0xFFFE, more=subformat), chunk(b"data", b"\x00\x40\x00\xc0"))
    np.testing.assert_array_equal(opened(content).vector("*"), [0.5, -0.5])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (riff(format_(), chunk(b"data", b"")), "holds no samples"),
        (riff(format_()), "without its format, or without data"),
        (riff(chunk(b"data", bytes(8))), "without its format, or without data"),
        (riff(chunk(b"fmt ", bytes(8)), chunk(b"data", bytes(8))), "without its format"),
        (riff(format_(code=7, bits=8), chunk(b"data", bytes(8))), "encoding 7"),
        (riff(format_(bits=12), chunk(b"data", bytes(8))), "12 bits"),
        (riff(format_(channels=0), chunk(b"data", bytes(8))), "0 channels"),
        (riff(format_(channels=65), chunk(b"data", bytes(200))), "65 channels"),
        (riff(*(chunk(str(number).encode().rjust(4), b"") for number in range(1001))), "no data among its first 1000"),
        (riff(format_(rate=0), chunk(b"data", bytes(8))), "at 0 Hz"),
        (riff(format_(), b"data\xff\xff\xff\xff" + bytes(8)), "truncated: 4294967295 bytes announced, 8 there"),
        (b"RIFF\x24\x08\x00\x00AVI LIST" + bytes(100), "no WAV file"),
    ],
)
def test_what_is_no_sound_is_refused(opened, content, reason):
    with pytest.raises(RecordingUnreadable, match=rf"x\.wav: .*{reason}"):
        opened(content, "x.wav")


def test_a_file_cut_anywhere_or_with_any_byte_wrong_is_read_or_refused(opened):
    whole = wav(np.arange(40, dtype=np.int16).reshape(20, 2))
    for length in range(13, len(whole) - 1):
        with pytest.raises(RecordingUnreadable):
            opened(whole[:length])
    for position in range(12, 44):
        for value in (0, 0xFF):
            try:
                opened(whole[:position] + bytes([value]) + whole[position + 1 :]).vector("#1")
            except RecordingUnreadable:
                continue
