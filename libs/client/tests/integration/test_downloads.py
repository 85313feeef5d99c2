"""Public recordings from a server of this machine: resumed, verified, refused."""

import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from babbitt.client import RetryPolicy
from babbitt.client.cli import app
from babbitt.client.downloads import DownloadFailed, Downloads
from babbitt.client.public_sets import CWRU, PUBLIC_SETS, PublicFile

CONTENT = np.random.default_rng(2).bytes(300_000)
FILE = PublicFile("97.mat", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
QUICK = RetryPolicy(attempts=3, first_delay_s=0.001, longest_delay_s=0.01)


class Publisher(ThreadingHTTPServer):
    """Serves `content` under every name; `faults` happen first, one a request."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.etag, self.ranges, self.faults, self.asked = CONTENT, '"v1"', True, [], []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/files/"

    def handle_error(self, request, client_address):
        """A client that has enough leaves in the middle: that is nothing to be told of."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Publisher

    def do_GET(self):
        it = self.server
        it.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        fault = it.faults.pop(0) if it.faults else None
        if isinstance(fault, int):
            self.answer(fault, {"Content-Length": "0", "ETag": '"of the answer"'})
            return
        if isinstance(fault, str):
            self.answer(302, {"Location": fault, "Content-Length": "0"})
            return
        first, status, more = 0, 200, {}
        if it.ranges and (wanted := self.headers.get("Range")) and self.headers.get("If-Range") == it.etag:
            first, status = int(wanted.removeprefix("bytes=").rstrip("-")), 206
            more = {"Content-Range": f"bytes {first}-{len(it.content) - 1}/{len(it.content)}"}
        body = it.content[first:]
        self.answer(status, more | {"Content-Length": str(len(body)), "ETag": it.etag})
        cut = fault[0] if fault else len(body)  # a tuple: the connection ends after so many bytes
        self.wfile.write(body[:cut])
        self.close_connection = cut < len(body)

    def answer(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def publisher():
    with Publisher() as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture
def downloads(publisher, tmp_path):
    with httpx.Client(follow_redirects=True, max_redirects=3, timeout=5) as http:
        yield Downloads(http, publisher.url, tmp_path, QUICK)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_brought_verified_and_not_brought_again(downloads, publisher, tmp_path):
    told = []
    assert downloads.fetch(FILE, told.append)
    assert (tmp_path / "97.mat").read_bytes() == CONTENT
    assert names(tmp_path) == ["97.mat"]
    assert told[-1] == len(CONTENT)
    assert not downloads.fetch(FILE, told.append)
    assert len(publisher.asked) == 1


def test_a_connection_that_is_cut_is_taken_up_where_it_ended(downloads, publisher, tmp_path):
    publisher.faults = [(100_000,), (50_000,), (0,), (1_000,)]
    assert downloads.fetch(FILE, lambda _: None)
    assert (tmp_path / "97.mat").read_bytes() == CONTENT
    firsts = [wanted for _, wanted, _ in publisher.asked]
    assert firsts == [None, "bytes=100000-", "bytes=150000-", "bytes=150000-", "bytes=151000-"]
    assert publisher.asked[-1][2] == '"v1"'


def test_a_download_that_was_given_up_goes_on_the_next_time(downloads, publisher, tmp_path):
    publisher.faults = [(100_000,), 503, 429, (0,)]
    with pytest.raises(DownloadFailed, match=r"97.mat: .*; run it again to go on"):
        downloads.fetch(FILE, lambda _: None)
    assert names(tmp_path) == ["97.mat.part", "97.mat.part.tag"]
    publisher.faults.clear()
    assert downloads.fetch(FILE, lambda _: None)
    assert publisher.asked[-1][1] == "bytes=100000-"
    assert names(tmp_path) == ["97.mat"]


def test_a_connection_that_breaks_now_earlier_and_now_later_is_given_up(downloads, publisher):
    publisher.etag = 'W/"no name for one version"'
    publisher.faults = [(50_000,), (100_000,), (10_000,), (90_000,)]
    with pytest.raises(DownloadFailed, match="run it again to go on"):
        downloads.fetch(FILE, lambda _: None)
    assert [wanted for _, wanted, _ in publisher.asked] == [None] * 4


def test_an_answer_that_there_is_no_such_range_is_no_version_of_the_file(downloads, publisher, tmp_path):
    publisher.faults = [(100_000,), 416, 503]
    with pytest.raises(DownloadFailed, match="run it again to go on"):
        downloads.fetch(FILE, lambda _: None)
    assert names(tmp_path) == []
    assert downloads.fetch(FILE, lambda _: None)
    assert [wanted for _, wanted, _ in publisher.asked] == [None, "bytes=100000-", None, None]


@pytest.mark.parametrize("change", [{"ranges": False}, {"etag": '"v2"'}])
def test_a_server_without_ranges_or_with_another_version_begins_anew(downloads, publisher, tmp_path, change):
    publisher.faults = [(100_000,)]
    if "etag" in change:
        (tmp_path / "97.mat.part").write_bytes(b"of the version before")
        (tmp_path / "97.mat.part.tag").write_text('"v1"')
        publisher.faults = []
    for name, value in change.items():
        setattr(publisher, name, value)
    told = []
    assert downloads.fetch(FILE, told.append)
    assert (tmp_path / "97.mat").read_bytes() == CONTENT
    assert told[-1] == len(CONTENT)


def test_a_part_without_a_name_for_its_version_is_not_built_upon(downloads, publisher, tmp_path):
    (tmp_path / "97.mat.part").write_bytes(b"of what?")
    assert downloads.fetch(FILE, lambda _: None)
    assert publisher.asked[0][1] is None


def test_another_file_than_it_must_be_is_not_kept(downloads, publisher, tmp_path):
    publisher.content = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadFailed, match=f"not {FILE.sha256}: it was not kept"):
        downloads.fetch(FILE, lambda _: None)
    publisher.content = CONTENT + b"more"
    with pytest.raises(DownloadFailed, match="has 300004 bytes, the file 300000"):
        downloads.fetch(FILE, lambda _: None)
    assert names(tmp_path) == []


@pytest.mark.parametrize(("fault", "why"), [(404, "answered 404"), (403, "answered 403")])
def test_what_no_further_try_mends_is_said_at_once(downloads, publisher, fault, why):
    publisher.faults = [fault]
    with pytest.raises(DownloadFailed, match=why):
        downloads.fetch(FILE, lambda _: None)
    assert len(publisher.asked) == 1


def test_redirects_are_followed_but_not_for_ever(downloads, publisher):
    publisher.faults = ["/elsewhere/97.mat"]
    assert downloads.fetch(FILE, lambda _: None)
    assert [path for path, *_ in publisher.asked] == ["/files/97.mat", "/elsewhere/97.mat"]
    publisher.faults = ["/round"] * 9
    with pytest.raises(DownloadFailed, match="redirects"):
        replace(downloads, folder=downloads.folder / "other").fetch(FILE, lambda _: None)


def test_the_command_brings_what_was_chosen_and_says_how_to_import_it(publisher, tmp_path, monkeypatch):
    other = replace(FILE, name="105.mat")
    monkeypatch.setitem(PUBLIC_SETS, "cwru", replace(CWRU, files=(FILE, other)))
    place = tmp_path / "a" / "cwru"
    arguments = ["datasets", "download", "cwru", "--to", str(place), "--base-url", publisher.url]
    result = CliRunner().invoke(app, [*arguments, "--files", "105"])
    assert result.exit_code == 0, result.output
    assert names(place) == ["105.mat"]
    assert f"babbitt datasets import {place} --mapping examples/mappings/cwru.yaml" in result.stdout
    assert "2 files" in CliRunner().invoke(app, arguments).stdout
    publisher.content = b"a page that says that all has moved"
    (place / "97.mat").unlink()
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("babbitt: 97.mat: ")


@pytest.mark.parametrize(
    "wrong", [("paderborn",), ("cwru", "--files", "97,98"), ("cwru", "--base-url", "ftp://mirror/")], ids=str
)
def test_what_is_not_offered_is_a_wrong_command_line(wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["datasets", "download", *wrong]).exit_code == 2
    assert names(tmp_path) == []


def test_what_is_offered_has_the_sums_of_the_recordings_that_were_verified():
    assert len({file.sha256 for file in CWRU.files}) == len(CWRU.files) == 10
    assert all(len(file.sha256) == 64 and file.size_bytes > 1_000_000 for file in CWRU.files)
