"""API keys: made, listed, revoked by those whose key has the scope `admin`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from babbitt.client.calls import Answer, Call, answer_of, nothing, path_of
from babbitt.client.pages import Page, list_call

type Scope = Literal["read", "predict", "datasets", "train", "promote", "admin"]


class ApiKey(Answer):
    """A key, without its secret."""

    id: str
    name: str
    scopes: tuple[Scope | str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class NewApiKey(ApiKey):
    """A key just made: `key.get_secret_value()` is told this once."""

    key: SecretStr


def create_key(name: str, scopes: Sequence[Scope], *, expires_days: float | None = None) -> Call[NewApiKey]:
    """Make a key.

    Args:
        name: whose it is.
        scopes: what it may do: `read` is every GET and the events, `admin` the keys themselves.
        expires_days: days until it expires; None: never.
    """
    content = {"name": name, "scopes": list(scopes), "expires_days": expires_days}
    return Call("POST", path_of("api-keys"), answer_of(NewApiKey), json=content)


def keys() -> Call[Page[ApiKey]]:
    """All keys, the newest first."""
    return list_call(path_of("api-keys"), ApiKey)


def revoke_key(key_id: str) -> Call[None]:
    """End a key; it stops working within half a minute where the gateway's database answers."""
    return Call("DELETE", path_of("api-keys", key_id), nothing, repeatable=True)
