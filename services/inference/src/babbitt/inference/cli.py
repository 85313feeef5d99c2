"""The service's command line."""

import argparse

from babbitt.chassis.lifecycle import run
from babbitt.inference.main import serve
from babbitt.inference.settings import InferenceSettings


def main() -> None:
    """Run the service; `--help` names its settings."""
    settings = "\n".join(
        f"  {variable}{'  (required)' if field.is_required() else ''}"
        for variable, field in InferenceSettings.describe()
    )
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.inference",
        description="Answers prediction requests with the models that the alias topic names.",
        epilog=f"settings, from the environment:\n{settings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args()
    run(InferenceSettings, serve)
