"""What every request passes: a span and a measurement, the key, the limit of the body. Plain ASGI, before any route."""

import time
from typing import Any

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.telemetry import span
from babbitt.gateway.errors import ApiError, BodyTooLarge
from babbitt.gateway.keys.keyring import Keyring
from babbitt.gateway.limits import Limit, Limits, media_type_of
from babbitt.gateway.metrics import HTTP_SECONDS
from babbitt.gateway.problems import answer_to, answer_to_unavailable, problem_response

API = "/v1/"
"""What lies under it needs a key; health, metrics and the documents do not."""


class Front:
    """Stands before the application.

    A body over its limit is refused before it is read where its length is told, else as soon as it is over.
    """

    def __init__(self, application: ASGIApp, keyring: Keyring, limits: Limits) -> None:
        self._application = application
        self._keyring = keyring
        self._limits = limits

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
        limit = self._limits.of(scope["path"], media_type_of(headers.get(b"content-type", b"").decode("latin-1")))
        if _told_length(headers) > limit.size_bytes:
            await problem_response(BodyTooLarge(limit).problem)(scope, receive, send)
            return
        await self._application(scope, _limited(receive, limit), send)


def _limited(receive: Receive, limit: Limit) -> Receive:
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit.size_bytes:
            raise BodyTooLarge(limit)
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
