"""`python -m babbitt.registry`: the service; `python -m babbitt.registry migrate`: its tables."""

import asyncio

import babbitt.registry
from babbitt.chassis.command import service_command
from babbitt.registry.settings import RegistrySettings


async def _serve(settings: RegistrySettings, stop: asyncio.Event) -> None:
    from babbitt.registry.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    await serve(settings, stop)


if __name__ == "__main__":
    service_command(
        RegistrySettings, _serve, babbitt.registry.__file__, "Decides which version of a model serves, and why."
    )
