"""`/health/live`, `/health/ready` and `/metrics`: routes for the gateway, a small server for the others."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from babbitt.chassis.metrics import REGISTRY
from babbitt.chassis.readiness import Readiness


def health_routes(readiness: Readiness) -> list[Route]:
    """The three routes."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        reasons = readiness.reasons()
        content = {
            "status": "unready" if reasons else "ready",
            "reasons": reasons,
            "impaired": readiness.impairments(),
        }
        return JSONResponse(content, status_code=503 if reasons else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


class HttpServer:
    """An application that is being served. `serving` makes it.

    Attributes:
        port: where it listens.
    """

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self._server = server
        self._listener = listener
        self._ticking = asyncio.create_task(server.main_loop())
        self._closed = False

    async def close(self) -> None:
        """Stop listening and wait for the requests that run; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._server.should_exit = True
        await self._ticking
        await self._server.shutdown(sockets=[self._listener])


@asynccontextmanager
async def serving(application: ASGIApp, host: str, port: int) -> AsyncGenerator[HttpServer]:
    """Serve an application while the context is open, or until the server that it yields is closed.

    Signals are left to the process. Port 0 takes a free one.

    Raises:
        OSError: the address is taken.
    """
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=20
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server((host, port), backlog=2048) as listener:
        await server.startup(sockets=[listener])
        served = HttpServer(server, listener)
        try:
            yield served
        finally:
            await served.close()


@asynccontextmanager
async def health_server(readiness: Readiness, host: str, port: int) -> AsyncGenerator[int]:
    """Serve the health routes while the context is open; yields the port."""
    async with serving(Starlette(routes=health_routes(readiness)), host, port) as served:
        yield served.port
