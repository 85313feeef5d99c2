"""Files on their way to the gateway: streamed, so that none has to fit into memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated

import httpx
from pydantic import Field

from babbitt.client.calls import Answer, Call, answer_of, get, path_of
from babbitt.client.errors import unexpected
from babbitt.contracts.names import Sha256

BLOCK_BYTES = 256 * 1024
UPLOAD_TIMEOUT_S = 600.0
"""The answer comes when gigabytes have been digested and stored."""


class Upload(Answer):
    """A recording that the gateway holds, addressed by its digest; the same file twice is the same upload.

    Attributes:
        format: what its first bytes say that it is; None where nobody looked.
    """

    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0)]
    format: str | None = None


class FileContent:
    """A file's bytes, as often as they are asked for, and their digest once they have been read to the end.

    Args:
        path: the file.
        sent: told the bytes sent so far; a call that is sent again begins at 0.
    """

    def __init__(self, path: Path, sent: Callable[[int], None] | None = None) -> None:
        self._path = path
        self._sent = sent
        self.size_bytes = path.stat().st_size
        self.sha256: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        digest, done = hashlib.sha256(), 0
        with self._path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
                yield block
                done += len(block)
                if self._sent:
                    self._sent(done)
        self.sha256 = digest.hexdigest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        blocks = iter(self)
        # The sentinel stands for StopIteration, which no coroutine can raise.
        while block := await asyncio.to_thread(next, blocks, b""):
            yield block


def sha256_of(file: str | Path) -> str:
    """The digest that a file's upload has. Raises OSError."""
    with Path(file).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def find_upload(sha256: str) -> Call[Upload]:
    """Whether a file with this digest is there already. Raises NotFound when it is sent and is not."""
    return get(Upload, "uploads", sha256)


def upload(file: str | Path, *, sent: Callable[[int], None] | None = None) -> Call[Upload]:
    """Give the gateway a file, for a dataset that imports it.

    Args:
        file: the file.
        sent: told the bytes sent so far.

    Raises:
        OSError: the file cannot be read.
        ServiceFault (when sent): what arrived is not what was sent.
    """
    content = FileContent(Path(file), sent)
    read = answer_of(Upload)

    def check(response: httpx.Response) -> Upload:
        answer = read(response)
        if answer.sha256 != content.sha256:
            raise unexpected(response, f"it received {answer.sha256}, {content.sha256} was sent")
        return answer

    return Call("POST", path_of("uploads"), check, headers={"Content-Type": "application/octet-stream"},
                content=content, repeatable=True, timeout_s=UPLOAD_TIMEOUT_S)  # fmt: skip
