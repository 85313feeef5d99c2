"""Checkpoints: all that a training needs to go on as if nothing had happened, in one file of tensors and numbers."""

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from uuid import uuid4

import torch

from babbitt.training.domain.place import Place
from babbitt.training.fitting.build import commit
from babbitt.training.fitting.errors import CheckpointUnusable
from babbitt.training.fitting.evaluating.provenance import cpu_name
from babbitt.training.fitting.layout import CHECKPOINT_NAME, checkpoint_name

FORMAT = 2
KEPT = 2
"""Checkpoints that stay in the folder: a reader that is one behind still finds its own."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a fit between two steps.

    Attributes:
        request_sha256: digest of the request and dataset that it belongs to.
        place: how far it has come.
        threads: processor threads; a resume uses as many, or its sums would differ in the last bit.
        ranks: processes that it was spread over; the same holds of them.
        trainer: of the run that is under way: weights, optimiser, plug-ins, history: tensors and plain values.
        finished: what came of the runs before.
        makers: builds and processors that it was made on, one after the other (see `maker`).
    """

    request_sha256: str
    place: Place
    threads: int
    trainer: dict[str, Any]
    finished: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ranks: int = 1
    makers: tuple[str, ...] = ()


@cache
def maker() -> str:
    """Code, torch and processor of this process: on others the weights may differ in their last bits."""
    return f"commit {commit() or 'unknown'}, torch {torch.__version__}, {cpu_name()}"


def save(checkpoint: Checkpoint, folder: Path) -> Path:
    """Write it whole or not at all, and remove all but the last two."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / checkpoint_name(checkpoint.place)
    unfinished = folder / f".{path.name}.{uuid4().hex}.tmp"
    content = {
        "format": FORMAT,
        "request_sha256": checkpoint.request_sha256,
        "place": tuple(checkpoint.place),
        "threads": checkpoint.threads,
        "trainer": checkpoint.trainer,
        "finished": checkpoint.finished,
        "ranks": checkpoint.ranks,
        "makers": checkpoint.makers,
    }
    with unfinished.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    for older in _numbered(folder)[:-KEPT]:
        older.unlink(missing_ok=True)
    return path


def discard_all(folder: Path) -> None:
    """Remove the checkpoints of an earlier training: this one begins anew."""
    for path in _numbered(folder):
        path.unlink(missing_ok=True)


def latest(folder: Path) -> Path | None:
    """The checkpoint of the latest moment in `folder`."""
    return next(iter(reversed(_numbered(folder))), None)


def load(path: Path, *, request_sha256: str) -> Checkpoint:
    """Read a checkpoint; nothing but tensors and plain values is unpickled.

    Raises:
        CheckpointUnusable: it is damaged, of another format, or of another request.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        raise CheckpointUnusable(f"{path.name}: cannot be read: {str(error).splitlines()[0]}") from error
    if content.get("format") != FORMAT:
        raise CheckpointUnusable(f"{path.name}: format {content.get('format')}; this version reads {FORMAT}")
    if content["request_sha256"] != request_sha256:
        raise CheckpointUnusable(f"{path.name}: belongs to another request or dataset")
    place = Place(*content["place"])
    ranks = content.get("ranks", 1)  # of before there were several
    makers = tuple(content.get("makers", ()))
    return Checkpoint(request_sha256, place, content["threads"], content["trainer"], content["finished"], ranks, makers)


def ranks_of(path: Path) -> int:
    """How many processes made a checkpoint; 1 where it cannot be read, which whoever loads it says."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True).get("ranks", 1)
    except (OSError, RuntimeError, EOFError, UnpicklingError):
        return 1


def _numbered(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("run-*.pt") if CHECKPOINT_NAME.match(path.name))
