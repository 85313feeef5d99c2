"""How a service's process lives: settings, logs, signals, and an ordered end."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import uvloop

from babbitt.chassis.command import Serve
from babbitt.chassis.logs import configure_logs, logger
from babbitt.chassis.settings import Settings, SettingsError
from babbitt.chassis.telemetry import configure_telemetry


class Stopped(Exception):
    """The process was asked to end while something was still waited for."""


async def unless[T](stop: asyncio.Event, waiting: Coroutine[Any, Any, T]) -> T:
    """Wait for something, and return it.

    Raises:
        Stopped: `stop` was set first; what was waited for is cancelled.
    """
    task = asyncio.ensure_future(waiting)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Stopped
        return task.result()
    finally:
        for one in (task, stopping):
            one.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)


def run[S: Settings](settings_type: type[S], load: Callable[[], Serve[S]]) -> None:
    """Read the settings, `load` what serves, and have it serve until SIGTERM or SIGINT sets the event that it is given.

    A wrong setting, or one that asks for what is not here, ends the process with one line and status 2.
    """
    try:
        settings = settings_type.read()
        configure_logs(settings.service, settings.instance, settings.log_level)
        provider = configure_telemetry(settings.service, settings.instance, settings.otlp_endpoint)
        try:
            serve = load()
            gc.freeze()  # what is loaded stays: to look through all of it took a gateway 150 ms, again and again
            uvloop.run(_until_signal(settings, serve))
        finally:
            provider.shutdown()
    except SettingsError as error:
        print(f"babbitt-{settings_type.service}: {error}", file=sys.stderr)  # noqa: T201 - for who starts it, not logs
        raise SystemExit(2) from error


async def _until_signal[S: Settings](settings: S, serve: Serve[S]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log = logger(__name__)
    log.info("starting")
    await until_stopped(serve(settings, stop))
    log.info("stopped")


async def until_stopped(serving: Awaitable[None]) -> None:
    """Serve to the end; to be stopped while something is still waited for is an end like others."""
    try:
        await serving
    except* Stopped:
        logger(__name__).info("stopped before all that it needs was there")


class _End(Exception):
    """Ends a task group: its tasks are cancelled."""


@asynccontextmanager
async def background_tasks() -> AsyncGenerator[asyncio.TaskGroup]:
    """A task group whose tasks are cancelled when the context closes; one that fails closes the context."""

    async def end() -> None:
        raise _End

    try:
        async with asyncio.TaskGroup() as group:
            yield group
            group.create_task(end())
    except* _End:
        pass
