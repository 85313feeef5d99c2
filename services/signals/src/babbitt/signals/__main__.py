"""`python -m babbitt.signals`: the service; `python -m babbitt.signals migrate`: its tables."""

import argparse
import sys

import babbitt.signals
from babbitt.chassis.lifecycle import run
from babbitt.chassis.migrations import migrate
from babbitt.chassis.settings import SettingsError
from babbitt.signals.main import serve
from babbitt.signals.settings import SignalsSettings


def main() -> None:
    """Do what the command line says."""
    settings = "\n".join(
        f"  {variable}{' (needed)' if field.is_required() else ''}" for variable, field in SignalsSettings.describe()
    )
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.signals",
        description="Makes datasets: simulated, or imported from recordings.",
        epilog=f"settings, from the environment:\n{settings}",
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
        run(SignalsSettings, serve)
        return
    try:
        migrate(SignalsSettings.read(), babbitt.signals.__file__)
    except SettingsError as error:
        sys.exit(f"babbitt-signals: {error}")


if __name__ == "__main__":
    main()
