"""The version of the software that runs."""

from functools import cache
from importlib.metadata import version


@cache
def software_version() -> str:
    """Of the installed distribution; all of Babbitt is released together."""
    return version("babbitt-chassis")
