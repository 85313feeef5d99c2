"""`python -m babbitt.signals`: the service; `python -m babbitt.signals migrate`: its tables."""

import asyncio

import babbitt.signals
from babbitt.chassis.command import service_command
from babbitt.signals.settings import SignalsSettings


async def _serve(settings: SignalsSettings, stop: asyncio.Event) -> None:
    from babbitt.signals.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    await serve(settings, stop)


if __name__ == "__main__":
    service_command(
        SignalsSettings, _serve, babbitt.signals.__file__, "Makes datasets: simulated, or imported from recordings."
    )
