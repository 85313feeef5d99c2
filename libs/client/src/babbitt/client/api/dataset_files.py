"""A dataset as files: the folder that training reads, `manifest.json` and beside it the shards."""

from typing import Annotated

from pydantic import Field

from babbitt.client.calls import Answer, Call, nothing, path_of
from babbitt.client.pages import Page, list_call
from babbitt.contracts.names import Sha256

MANIFEST = "manifest.json"


class StoredFile(Answer):
    """A file by its digest; its name is no path."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$")]
    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0)]


def dataset_files(dataset_id: str) -> Call[Page[StoredFile]]:
    """The files of a ready dataset. Raises Conflict when it is sent and the dataset is not ready."""
    return list_call(path_of("datasets", dataset_id, "files"), StoredFile)


def dataset_file(dataset_id: str, name: str) -> Call[None]:
    """One of them, to be streamed."""
    return Call("GET", path_of("datasets", dataset_id, "files", name), nothing, repeatable=True)
