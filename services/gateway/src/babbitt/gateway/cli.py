"""The gateway's command line."""

import argparse
import sys

from babbitt.chassis.lifecycle import run
from babbitt.chassis.migrations import migrate
from babbitt.chassis.settings import SettingsError
from babbitt.gateway import __file__ as package_file
from babbitt.gateway.keys.commands import add_arguments, run_keys
from babbitt.gateway.main import serve
from babbitt.gateway.settings import GatewaySettings


def make_parser() -> argparse.ArgumentParser:
    """The arguments. Without a command the gateway serves."""
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.gateway",
        description="Serves client applications: REST and server-sent events.",
        epilog=_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve until SIGTERM (the default)")
    migrating = commands.add_parser("migrate", help="bring the schema to the newest revision")
    migrating.add_argument("--revision", default="head", help="another revision; `base` empties the schema")
    add_arguments(commands.add_parser("keys", help="make, list and revoke API keys"))
    return parser


def main() -> None:
    """Run a command."""
    arguments = make_parser().parse_args()
    if arguments.command in {None, "serve"}:
        run(GatewaySettings, serve)
        return
    try:
        settings = GatewaySettings.read()
    except SettingsError as error:
        sys.exit(f"babbitt-gateway: {error}")
    if arguments.command == "migrate":
        migrate(settings, package_file, arguments.revision)
    else:
        run_keys(settings, arguments)


def _settings() -> str:
    lines = ["settings, from the environment:"]
    for variable, field in GatewaySettings.describe():
        default = "required" if field.is_required() else f"default {field.get_default(call_default_factory=True)}"
        lines.append(f"  {variable:<42} {default}")
    return "\n".join(lines)
