"""What every request passes: a span and a measurement, the key, the limit of the body. Plain ASGI, before any route."""

import time
from typing import Any

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.telemetry import span
from babbitt.gateway.errors import ApiError, BodyTooLarge
from babbitt.gateway.keys.keyring import Keyring
from babbitt.gateway.metrics import HTTP_SECONDS
from babbitt.gateway.problems import answer_to, answer_to_unavailable, problem_response

API = "/v1/"
"""What lies under it needs a key; health, metrics and the documents do not."""
UPLOADS = "/v1/uploads"


class Front:
    """Stands before the application.

    A body over its limit is refused before it is read where its length is told, else as soon as it is over.
    """

    def __init__(
        self, application: ASGIApp, keyring: Keyring, *, body_limit_bytes: int, upload_limit_bytes: int
    ) -> None:
        self._application = application
        self._keyring = keyring
        self._body_limit_bytes = body_limit_bytes
        self._upload_limit_bytes = upload_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        status = 500
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        parent = headers.get(b"traceparent", b"").decode("latin-1") or None
        with span(
            f"{scope['method']} {API if scope['path'].startswith(API) else '/'}", parent=parent, kind=SpanKind.SERVER
        ):
            try:
                await self._serve(scope, headers, receive, sending)
            finally:
                route = _route(scope)
                if route != "/v1/events":
                    seconds = time.perf_counter() - started
                    HTTP_SECONDS.labels(route, _method(scope), str(status)).observe(seconds)

    async def _serve(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        limit_bytes = self._upload_limit_bytes if scope["path"] == UPLOADS else self._body_limit_bytes
        try:
            if scope["path"].startswith(API):
                authorization = headers.get(b"authorization")
                caller = await self._keyring.caller(authorization.decode("latin-1") if authorization else None)
                scope.setdefault("state", {})["caller"] = caller
        except ApiError as error:
            await answer_to(error)(scope, receive, send)
            return
        except Unavailable as error:
            await answer_to_unavailable(error)(scope, receive, send)
            return
        if _told_length(headers) > limit_bytes:
            await problem_response(BodyTooLarge(limit_bytes).problem)(scope, receive, send)
            return
        await self._application(scope, _limited(receive, limit_bytes), send)


def _limited(receive: Receive, limit_bytes: int) -> Receive:
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit_bytes:
            raise BodyTooLarge(limit_bytes)
        return message

    return receiving


def _told_length(headers: dict[bytes, bytes]) -> int:
    told = headers.get(b"content-length", b"0")
    return int(told) if told.isdigit() else 0


def _route(scope: Scope) -> str:
    """The template of the route that was found; what was not found is one label for all."""
    route: Any = scope.get("route")
    return getattr(route, "path_format", None) or getattr(route, "path", None) or "none"


def _method(scope: Scope) -> str:
    return (
        scope["method"] if scope["method"] in {"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"} else "other"
    )
