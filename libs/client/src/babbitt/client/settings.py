"""Where the gateway is and which key to show it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from babbitt.client.errors import InvalidRequest
from babbitt.contracts.problems import Problem

DEFAULT_URL = "http://127.0.0.1:8080"
MAX_KEY_FILE_BYTES = 4096


class ClientSettings(BaseModel):
    """What a client needs to know.

    Attributes:
        url: of the gateway, without `/v1`.
        key: `bbt_…`; None: calls go without one and are answered 401.
    """

    model_config = ConfigDict(frozen=True)

    url: Annotated[str, Field(pattern=r"^https?://[^/]")] = DEFAULT_URL
    key: SecretStr | None = None


def settings_of(
    url: str | None = None,
    key: str | None = None,
    key_file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ClientSettings:
    """Settings from what is given, else from `BABBITT_URL`, `BABBITT_KEY` and `BABBITT_KEY_FILE`.

    What is given goes before the environment, a key before a file.

    Raises:
        InvalidRequest: the URL is none, or the key's file cannot be read.
    """
    address = url or environment.get("BABBITT_URL") or DEFAULT_URL
    if not address.startswith(("http://", "https://")):
        raise _invalid(f"BABBITT_URL {address!r} is no address: http://HOST:PORT or https://HOST is accepted")
    if key or (key_file is None and environment.get("BABBITT_KEY")):
        return ClientSettings(url=address, key=SecretStr((key or environment["BABBITT_KEY"]).strip()))
    named = key_file or (Path(environment["BABBITT_KEY_FILE"]) if environment.get("BABBITT_KEY_FILE") else None)
    return ClientSettings(url=address, key=_read_key(named) if named else None)


def _read_key(file: Path) -> SecretStr:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_KEY_FILE_BYTES)
    except OSError as error:
        raise _invalid(f"the key file {file} cannot be read: {error.strerror}") from error
    text = content.decode("ascii", "replace").strip()
    if not text.startswith("bbt_") or len(text.split()) != 1:
        raise _invalid(f"the key file {file} holds no key: one line that begins with bbt_ is accepted")
    return SecretStr(text)


def _invalid(detail: str) -> InvalidRequest:
    return InvalidRequest(Problem.of("client-settings", 400, "Wrong settings", detail))
