"""What code this is: commit and lock file, where it runs from a checkout."""

import hashlib
from pathlib import Path

HERE = Path(__file__)


def commit(begin: Path = HERE) -> str | None:
    """The commit that is checked out around a file; None: it is in no checkout, or a detached worktree."""
    for folder in begin.resolve().parents:
        git = folder / ".git"
        if git.is_dir():
            return _head(git)
    return None


def lock_sha256(begin: Path = HERE) -> str | None:
    """SHA-256 of training's pinned dependencies; None: they are not beside the code."""
    for folder in begin.resolve().parents:
        lock = folder / "requirements" / "training.lock"
        if lock.is_file():
            return hashlib.sha256(lock.read_bytes()).hexdigest()
    return None


def code_digests() -> dict[str, str]:
    """Both, for a file's metadata; empty where they are not known."""
    return {"commit": commit() or "", "lock_sha256": lock_sha256() or ""}


def _head(git: Path) -> str | None:
    try:
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        reference = head.removeprefix("ref: ")
        loose = git / reference
        if loose.is_file():
            return loose.read_text().strip()
        lines = (git / "packed-refs").read_text().splitlines()
    except OSError:
        return None
    return next((line.split()[0] for line in lines if line.endswith(f" {reference}")), None)
