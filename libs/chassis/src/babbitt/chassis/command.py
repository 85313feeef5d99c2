"""`python -m babbitt.<service>`: serve, or migrate."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from babbitt.chassis.settings import DatabaseSettings, Settings, SettingsError

type Serve[S: Settings] = Callable[[S, asyncio.Event], Awaitable[None]]
"""A service: it serves until the event is set."""


def settings_help(settings_type: type[Settings]) -> str:
    """The environment variables that a service reads, for `--help`."""
    lines = [f"  {name}{' (needed)' if field.is_required() else ''}" for name, field in settings_type.describe()]
    return "settings, from the environment:\n" + "\n".join(lines)


def service_command[S: DatabaseSettings](
    settings_type: type[S],
    load: Callable[[], Serve[S]],
    package_file: str,
    description: str,
) -> None:
    """The command line of a service that has a schema; ends the process with a line where a setting is wrong.

    `load` imports what serves, which a migration does not need.
    """
    service = settings_type.service
    parser = argparse.ArgumentParser(
        prog=f"python -m babbitt.{service}",
        description=description,
        epilog=settings_help(settings_type),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("serve", "migrate"),
        default="serve",
        help="serve (the default), or make the tables",
    )
    # Imported where they are used: a service needs no Alembic, a migration neither logs nor traces.
    if parser.parse_args().command == "serve":
        from babbitt.chassis.lifecycle import run  # noqa: PLC0415

        run(settings_type, load)
        return
    from babbitt.chassis.migrations import migrate  # noqa: PLC0415

    try:
        migrate(settings_type.read(), package_file)
    except SettingsError as error:
        sys.exit(f"babbitt-{service}: {error}")
