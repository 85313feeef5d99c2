"""`python -m babbitt.training`: the service; `… migrate`: its tables; `… fit`: a fit by itself."""

import argparse
import sys

import babbitt.training
from babbitt.chassis.settings import SettingsError
from babbitt.training.fitting import command as fit
from babbitt.training.settings import TrainingSettings


def main() -> int:
    """Do what the command line says; the exit status."""
    arguments = _parser().parse_args()
    match arguments.command:
        case "fit":
            return fit.run(arguments)
        case "migrate":
            return _migrate()
        case _:
            return _serve()


def _parser() -> argparse.ArgumentParser:
    settings = "\n".join(
        f"  {variable}{' (needed)' if field.is_required() else ''}" for variable, field in TrainingSettings.describe()
    )
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.training",
        description="Runs training jobs: leases, checkpoints, evaluation, export to ONNX.",
        epilog=f"settings of the service, from the environment:\n{settings}",
        formatter_class=raw,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="run the service (the default)")
    commands.add_parser("migrate", help="make the service's tables")
    fit_parser = commands.add_parser(
        "fit",
        help="train a model, without broker or database",
        description=fit.DESCRIPTION,
        epilog=fit.EPILOG,
        formatter_class=raw,
    )
    fit.add_arguments(fit_parser)
    return parser


def _serve() -> int:
    from babbitt.chassis.lifecycle import run  # noqa: PLC0415 - a fit needs no broker
    from babbitt.training.main import serve  # noqa: PLC0415

    run(TrainingSettings, serve)
    return 0


def _migrate() -> int:
    from babbitt.chassis.migrations import migrate  # noqa: PLC0415 - a fit needs no database

    try:
        migrate(TrainingSettings.read(), babbitt.training.__file__)
    except SettingsError as error:
        sys.exit(f"babbitt-training: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
