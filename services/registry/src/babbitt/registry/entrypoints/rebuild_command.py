"""The command line of a rebuild."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

from babbitt.chassis.errors import Refused, Unavailable
from babbitt.chassis.settings import SettingsError
from babbitt.registry.application.past import NotEmpty
from babbitt.registry.application.rebuild import Rebuilt
from babbitt.registry.settings import RegistrySettings

DESCRIPTION = """Fills an empty schema, after `migrate`, from models.events.v1 and what other topics
still hold. No registry may run meanwhile: it would number versions from 1 again."""


def rebuild_command(arguments: Sequence[str], rebuild: Callable[[RegistrySettings], Awaitable[Rebuilt]]) -> None:
    """Rebuild and say what there is again; ends the process with a line where it could not."""
    parser = argparse.ArgumentParser(prog="python -m babbitt.registry rebuild", description=DESCRIPTION)
    parser.parse_args(arguments)

    async def run() -> Rebuilt:
        return await rebuild(RegistrySettings.read())

    try:
        rebuilt = asyncio.run(run())
    except (NotEmpty, Refused, SettingsError, Unavailable) as error:
        sys.exit(f"babbitt-registry: {error}")
    print(*rebuilt.lines(), f"{len(rebuilt.models)} models are restored", sep="\n")  # noqa: T201 - a command's answer
