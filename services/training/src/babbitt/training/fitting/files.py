"""Files of the output folder, as progress names them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from babbitt.training.fitting.progress import OutputFile


def described(path: Path) -> OutputFile:
    """A file, by its name, digest and size."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return OutputFile(file=path.name, sha256=digest, size_bytes=path.stat().st_size)


def write_json(content: dict[str, Any], path: Path) -> OutputFile:
    """Write and describe it."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    return described(path)
