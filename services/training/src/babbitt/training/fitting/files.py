"""Files of the output folder, as progress names them."""

import hashlib
from pathlib import Path

from pydantic import BaseModel

from babbitt.training.fitting.progress import OutputFile


def described(path: Path) -> OutputFile:
    """A file, by its name, digest and size."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return OutputFile(file=path.name, sha256=digest, size_bytes=path.stat().st_size)


def write_model(content: BaseModel, path: Path) -> OutputFile:
    """Write a document as JSON, and describe the file."""
    path.write_text(content.model_dump_json(indent=1) + "\n")
    return described(path)
