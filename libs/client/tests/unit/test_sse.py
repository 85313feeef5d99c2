from babbitt.client.sse import Frame, FrameReader


def frames(*chunks: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for chunk in chunks for frame in reader.read(chunk)]


STREAM = (
    b": heartbeat\n\n"
    b'id: a1\nevent: EpochCompleted\ndata: {"epoch": 1}\n\n'
    b"data:two\ndata: lines\r\n\r\n"
    b"event: nothing\n\n"
    b"retry: 1500\nid\nunknown: field\ndata\n\n"
)  # fmt: skip
READ = [
    Frame("EpochCompleted", '{"epoch": 1}', "a1"),
    Frame("message", "two\nlines", "a1"),
    Frame("message", "", ""),
]


def test_a_stream_is_read_as_the_standard_says():
    assert frames(STREAM) == READ


def test_where_the_bytes_are_cut_makes_no_difference():
    assert frames(*(STREAM[place : place + 1] for place in range(len(STREAM)))) == READ
    for cut in range(len(STREAM)):
        assert frames(STREAM[:cut], STREAM[cut:]) == READ


def test_a_line_may_end_with_a_carriage_return_alone():
    assert frames(b"data: 1\r\rdata: 2\r", b"\ndata: 3\r\n\r\n") == [
        Frame("message", "1", ""),
        Frame("message", "2\n3", ""),
    ]


def test_a_character_that_only_unicode_takes_for_a_line_ending_stays_in_its_line():
    assert frames("data: a\u2028b\x85c\x0bd\n\n".encode()) == [Frame("message", "a\u2028b\x85c\x0bd", "")]


def test_an_id_with_a_null_is_skipped():
    assert frames(b"id: 1\ndata: x\n\nid: 2\x00\ndata: y\n\n") == [
        Frame("message", "x", "1"),
        Frame("message", "y", "1"),
    ]


def test_the_wait_that_the_stream_asks_for_is_in_seconds():
    reader = FrameReader()
    assert reader.retry_s is None
    list(reader.read(b"retry: 1500\nretry: soon\n"))
    assert reader.retry_s == 1.5


def test_what_the_connection_did_not_complete_is_no_event():
    assert frames(b"data: half\n") == []
