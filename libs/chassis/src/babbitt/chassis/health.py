"""`/health/live`, `/health/ready` and `/metrics`: routes for the gateway, a small server for the others."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

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
        content = {"status": "unready" if reasons else "ready", "reasons": reasons}
        return JSONResponse(content, status_code=503 if reasons else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


@asynccontextmanager
async def serving(application: ASGIApp, host: str, port: int) -> AsyncGenerator[int]:
    """Serve an application while the context is open, and yield its port (0 takes a free one).

    Signals are left to the process. Leaving the context stops listening and waits for the requests that run.

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
        task = asyncio.create_task(server.main_loop())
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task
            await server.shutdown(sockets=[listener])


def health_server(readiness: Readiness, host: str, port: int) -> AbstractAsyncContextManager[int]:
    """Serve the health routes while the context is open; yields the port."""
    return serving(Starlette(routes=health_routes(readiness)), host, port)
