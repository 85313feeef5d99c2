"""Published files on their way to this machine: taken up where they broke off, kept only if they are what they must be.

What is there of a file lies beside it as `NAME.part`, and in `NAME.part.tag` what the server called that version of it
(RFC 9110: `If-Range`): a file that has changed since begins anew, as on a server without ranges.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from babbitt.client.public_sets import PublicFile
from babbitt.client.retries import RetryPolicy

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
ATTEMPTS = RetryPolicy(attempts=5, first_delay_s=0.5, longest_delay_s=8.0)
"""Without more than there was before; what got further begins to count anew."""
MOST_REDIRECTS = 5
_PARTIAL, _RANGE_WRONG = 206, 416
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class DownloadFailed(OSError):
    """A file cannot be had; says why."""


class _BrokenOff(Exception):
    """This try ended before the file did; another may go on."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """Fetches published files into a folder.

    Attributes:
        http: follows redirects, and carries no key.
        base_url: the names of files are added to it.
        folder: is there.
        policy: how often and after how long what brings nothing is tried again.
    """

    http: httpx.Client
    base_url: str
    folder: Path
    policy: RetryPolicy = ATTEMPTS

    def fetch(self, file: PublicFile, arrived: Callable[[int], None]) -> bool:
        """Bring a file, unless it is there; whether it was brought.

        Args:
            file: what it must be.
            arrived: told how many bytes are there, from 0 when it begins anew.

        Raises:
            DownloadFailed: it is not there, is another one, or keeps breaking off; what came of it stays for the next
                time, except of another one.
        """
        target = self.folder / file.name
        if target.is_file() and _digest(target) == file.sha256:
            arrived(file.size_bytes)
            return False
        part, tag = (self.folder / f"{file.name}{suffix}" for suffix in (".part", ".part.tag"))
        self._whole(file, part, tag, arrived)
        tag.unlink(missing_ok=True)
        if (found := _digest(part)) != file.sha256:
            part.unlink()
            raise DownloadFailed(f"{file.name}: what came has the SHA-256 {found}, not {file.sha256}: it was not kept")
        part.replace(target)
        return True

    def _whole(self, file: PublicFile, part: Path, tag: Path, arrived: Callable[[int], None]) -> None:
        """Go on until the part has the size of the file."""
        failed, most = 0, 0
        while _size(part) < file.size_bytes:
            try:
                self._go_on(file, part, tag, arrived)
            except (_BrokenOff, httpx.TransportError) as error:
                failed = 1 if _size(part) > most else failed + 1
                most = max(most, _size(part))
                if failed >= self.policy.attempts:
                    raise DownloadFailed(f"{file.name}: {_why(error)}; run it again to go on") from error
                time.sleep(self.policy.backoff_s(failed))
        if _size(part) > file.size_bytes:
            part.unlink()
            tag.unlink(missing_ok=True)
            raise DownloadFailed(f"{file.name}: longer than the {file.size_bytes} bytes that it has: it was not kept")

    def _go_on(self, file: PublicFile, part: Path, tag: Path, arrived: Callable[[int], None]) -> None:
        have = _size(part) if tag.is_file() else 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": tag.read_text(encoding="ascii")}
        try:
            with self.http.stream("GET", self.base_url + file.name, headers=headers) as response:
                if _of_another_range(response, have):
                    part.unlink(missing_ok=True)
                    tag.unlink(missing_ok=True)
                    raise _BrokenOff(
                        f"the server answered {response.status_code}, without what comes after byte {have}"
                    )
                goes_on = _goes_on(response, file)
                if not goes_on:
                    tag.unlink(missing_ok=True)
                    if said := _validator(response):
                        tag.write_text(said, encoding="ascii")
                with part.open("ab" if goes_on else "wb") as opened:
                    done = have if goes_on else 0
                    for piece in _pieces(response, file.size_bytes - done + 1):
                        opened.write(piece)
                        done += len(piece)
                        arrived(done)
        except httpx.TooManyRedirects as error:
            raise DownloadFailed(f"{file.name}: {error}") from error
        if _size(part) < file.size_bytes:
            raise _BrokenOff(f"ended after {_size(part)} of {file.size_bytes} bytes")


def _of_another_range(response: httpx.Response, have: int) -> bool:
    """Whether nothing in a response is of use, and the file is to be asked for from its beginning."""
    if response.status_code == _PARTIAL:
        return not response.headers.get("content-range", "").startswith(f"bytes {have}-")
    return response.status_code == _RANGE_WRONG


def _goes_on(response: httpx.Response, file: PublicFile) -> bool:
    """Whether a response goes on where the part ends; else it begins anew."""
    if response.status_code in _PASSING:
        raise _BrokenOff(f"the server answered {response.status_code}")
    if not response.is_success:
        raise DownloadFailed(f"{file.name}: {response.url} answered {response.status_code}")
    length = response.headers.get("content-length", "")
    if response.status_code != _PARTIAL and length.isdecimal() and int(length) != file.size_bytes:
        raise DownloadFailed(f"{file.name}: {response.url} has {length} bytes, the file {file.size_bytes}: another one")
    return response.status_code == _PARTIAL


def _validator(response: httpx.Response) -> str | None:
    """What names this version of the file: a strong entity tag, or when it was last modified."""
    etag = response.headers.get("etag", "")
    said = etag if etag.startswith('"') else response.headers.get("last-modified", "")
    return said if said and said.isascii() and said.isprintable() else None


def _pieces(response: httpx.Response, most: int) -> Iterator[bytes]:
    """The body, or as much of it as is too much."""
    for piece in response.iter_raw():
        yield piece[:most]
        most -= len(piece)
        if most <= 0:
            return


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
