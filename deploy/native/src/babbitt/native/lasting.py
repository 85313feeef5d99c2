"""The stack that `make up` leaves running, found again by its folder."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from babbitt.native.errors import NativeError
from babbitt.native.places import locked, repository
from babbitt.native.ports import is_free
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import CHOICES_FILE, Choices, StackSettings


def default_folder(folder: Path | None) -> Path:
    """Return the folder asked for, else `.run` in the repository."""
    return (folder or repository() / ".run").resolve()


@contextmanager
def turn(place: Path) -> Generator[None]:
    """Hold the stack's folder; two commands at once take turns."""
    with locked(place / "lock"):
        yield


def exists(place: Path) -> bool:
    """Whether a stack was started in this folder, and not removed since."""
    return (place / CHOICES_FILE).is_file()


def found(place: Path) -> Stack:
    """Return the stack that was started in this folder, with the processes it had.

    Raises:
        NativeError: none was.
    """
    if not exists(place):
        raise NativeError(f"there is no stack in {place}: start one with make up")
    names = [process.rpartition("-")[0] for process in Choices.found(place / CHOICES_FILE).ports]
    replicas = {name: names.count(name) for name in names if name}
    return Stack(StackSettings(folder=place, temporary=False, replicas=replicas))


def described(settings: StackSettings) -> Stack:
    """Return a stack to start where none is up: kept ports that others listen on by now are chosen anew."""
    if exists(settings.folder):
        choices = Choices.found(settings.folder / CHOICES_FILE)
        choices.keep_ports([process for process, port in choices.ports.items() if is_free(port)])
        choices.save(settings.folder / CHOICES_FILE)
    return Stack(settings)


def is_up(place: Path) -> bool:
    """Whether a process of the stack in this folder still runs."""
    return exists(place) and any(one.alive for one in found(place).processes)
