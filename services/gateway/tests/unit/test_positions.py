"""Where a reader stands: what was written is read, and nothing else is."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babbitt.gateway.errors import InvalidCursor, InvalidInput
from babbitt.gateway.events.position import read_position, write_position
from babbitt.gateway.events.selection import STREAMED, select

ALL = select(",".join(topic.name for topic in STREAMED), None, None)
offsets = st.lists(st.integers(0, 2**63 - 1), min_size=len(ALL.places()), max_size=len(ALL.places()))


@given(offsets)
def test_a_position_comes_back_as_it_was(numbers):
    position = dict(zip(ALL.places(), numbers, strict=True))
    assert read_position(ALL, write_position(ALL, position)) == position


@given(st.text(max_size=80))
def test_text_that_nobody_wrote_is_refused(text):
    with pytest.raises(InvalidCursor):
        read_position(ALL, text)


@given(st.binary(max_size=60))
def test_bytes_with_a_right_check_and_nothing_else_right_are_refused(body):
    raw = body + zlib.crc32(body).to_bytes(4, "big")
    with pytest.raises(InvalidCursor):
        read_position(ALL, base64.urlsafe_b64encode(raw).decode().rstrip("="))


def test_a_position_belongs_to_one_choice_however_it_is_written():
    selection = select("datasets.events", "A,B", "x")
    position = write_position(selection, dict.fromkeys(selection.places(), 1))
    assert read_position(select("datasets.events.v1", " B, A ", "x"), position)
    for other in (
        select("training.events", "A,B", "x"),
        select("datasets.events", "A", "x"),
        select("datasets.events", "A,B", None),
    ):
        with pytest.raises(InvalidCursor, match="are not those"):
            read_position(other, position)


def test_topics_that_are_not_named_are_all_but_beats_and_aliases():
    assert {topic.name for topic in select(None, None, None).topics} == {
        "datasets.events.v1",
        "training.events.v1",
        "models.events.v1",
        "predictions.results.v1",
        "diagnostics.events.v1",
    }


def test_a_topic_that_is_not_streamed_is_named_with_those_that_are():
    with pytest.raises(InvalidInput) as caught:
        select("datasets.events,datasets.requests", None, None)
    wrong = caught.value.problem.errors[0]
    assert "datasets.requests" in wrong.detail
    assert "training.events" in wrong.accepted
