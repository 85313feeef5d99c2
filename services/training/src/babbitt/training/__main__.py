"""`python -m babbitt.training`: the service, its migrations, and a fit by itself."""

import argparse
import sys

from babbitt.training.fitting import command as fit


def main() -> int:
    """Dispatch; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m babbitt.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    fit_parser = commands.add_parser(
        "fit",
        help="train a model, without broker or database",
        description=fit.DESCRIPTION,
        epilog=fit.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    fit.add_arguments(fit_parser)
    return fit.run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
