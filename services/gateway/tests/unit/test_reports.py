"""Reports, of which every epoch is a part."""

import json
import threading

import ijson
import pytest

from babbitt.gateway import reports


@pytest.fixture
def pieces(monkeypatch):
    """What the parser asked for: by which thread, and how many bytes it was given."""
    asked = []

    def told(content):
        for piece in content:
            asked.append((threading.current_thread(), len(piece)))
            yield piece

    monkeypatch.setattr(reports.ijson, "from_iter", lambda content, really=ijson.from_iter: really(told(content)))
    return asked


async def test_a_report_of_many_epochs_is_read_in_small_pieces_and_never_by_the_event_loops_thread(pieces):
    told = {"runs": [{"epochs": [{"epoch": n, "loss": 0.5} for n in range(10_000)]}], "figures": {"history": {"n": 1}}}
    report = json.dumps(told).encode()
    assert await reports.members_of(report) == told
    assert await reports.members_of(report, "figures") == told["figures"]
    assert await reports.members_of(report, "other") == {}
    assert sum(size for _, size in pieces) == 3 * len(report)
    assert max(size for _, size in pieces) <= reports.PIECE_BYTES < len(report) / 4
    assert threading.current_thread() not in {thread for thread, _ in pieces}
