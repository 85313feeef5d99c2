"""`python -m babbitt.training keys`: a pair of keys, so that only what this installation trained may serve."""

import argparse
from collections.abc import Callable, Sequence

DESCRIPTION = """\
Makes a pair of keys and keeps neither. Training signs with the first line's key; the registry lets nothing serve that
none of its trusted keys signed: give it the second line, and each further installation's as NAME=KEY after a comma.
"""


def main(arguments: Sequence[str], new_pair: Callable[[], tuple[str, str]]) -> int:
    """Print a pair as settings; the process's exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.training keys",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--name", default="training", help="what the registry calls the key (training)")
    name = parser.parse_args(arguments).name
    private, public = new_pair()
    print(f"BABBITT_TRAINING_SIGNING_KEY={private}")  # noqa: T201 - a command's answer
    print(f"BABBITT_REGISTRY_TRUSTED_KEYS={name}={public}")  # noqa: T201 - a command's answer
    return 0
