"""`python -m babbitt.inference`: the service. It has no tables, so there is nothing to migrate."""

import argparse

from babbitt.chassis.command import settings_help
from babbitt.chassis.lifecycle import run
from babbitt.inference.main import serve
from babbitt.inference.settings import InferenceSettings


def main() -> None:
    """Run the service; `--help` names its settings."""
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.inference",
        description="Answers prediction requests with the models that the alias topic names.",
        epilog=settings_help(InferenceSettings),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args()
    run(InferenceSettings, lambda: serve)


if __name__ == "__main__":
    main()
