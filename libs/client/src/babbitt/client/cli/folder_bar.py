"""How a folder that is brought shows how far it is."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from babbitt.client.cli.output import console
from babbitt.client.filling import Arrived

COLUMNS = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())


@contextmanager
def shown(what: str) -> Generator[Arrived]:
    """A bar on a terminal, nothing elsewhere."""
    out = console(stderr=True)
    with Progress(*COLUMNS, TimeRemainingColumn(), console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
