"""Uploaded files as the API shows them."""

from pydantic import BaseModel

from babbitt.contracts.names import Sha256


class Upload(BaseModel):
    """A recording or model that lies in the store; datasets and imports name it by `sha256`."""

    sha256: Sha256
    size_bytes: int
    format: str | None = None
