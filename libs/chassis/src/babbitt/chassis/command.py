"""`python -m babbitt.<service>`: serve, or migrate."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from babbitt.chassis.lifecycle import run
from babbitt.chassis.migrations import migrate
from babbitt.chassis.settings import DatabaseSettings, Settings, SettingsError


def settings_help(settings_type: type[Settings]) -> str:
    """The environment variables that a service reads, for `--help`."""
    lines = [f"  {name}{' (needed)' if field.is_required() else ''}" for name, field in settings_type.describe()]
    return "settings, from the environment:\n" + "\n".join(lines)


def service_command[S: DatabaseSettings](
    settings_type: type[S],
    serve: Callable[[S, asyncio.Event], Awaitable[None]],
    package_file: str,
    description: str,
) -> None:
    """The command line of a service that has a schema; ends the process with a line where a setting is wrong."""
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
    if parser.parse_args().command == "serve":
        run(settings_type, serve)
        return
    try:
        migrate(settings_type.read(), package_file)
    except SettingsError as error:
        sys.exit(f"babbitt-{service}: {error}")
