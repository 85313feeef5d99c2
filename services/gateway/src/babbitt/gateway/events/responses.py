"""The stream as a response: ends with its reader, with this replica, or when the reader takes nothing any more."""

import asyncio
from contextlib import aclosing

from fastapi import Response
from starlette.types import Receive, Scope, Send

from babbitt.chassis.logs import logger
from babbitt.gateway.events.reader import Reader
from babbitt.gateway.metrics import STREAMS, STREAMS_ENDED

_LOG = logger(__name__)
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(Response):
    """Sends a reader's frames."""

    media_type = "text/event-stream"

    def __init__(self, reader: Reader, *, send_timeout_s: float) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._reader = reader
        self._send_timeout_s = send_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send until the end."""
        STREAMS.inc()
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            STREAMS.dec()
            leaving.cancel()
            sending.cancel()
            outcome, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
            await self._reader.close()
        if isinstance(outcome, Exception):
            raise outcome

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async with aclosing(self._reader.frames()) as frames:
                async for frame in frames:
                    async with asyncio.timeout(self._send_timeout_s):
                        await send({"type": "http.response.body", "body": frame, "more_body": True})
        except TimeoutError:
            STREAMS_ENDED.labels("stuck_reader").inc()
            _LOG.info("a reader of the stream took nothing", seconds=self._send_timeout_s)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
