"""API keys as the API shows them."""

from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

type Scope = Literal["read", "predict", "datasets", "train", "promote", "admin"]
"""`read`: every GET and the events; `admin`: the keys themselves."""
type KeyName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]

SCOPES: tuple[Scope, ...] = get_args(Scope.__value__)


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: KeyName
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    expires_days: Annotated[float, Field(gt=0, le=3650)] | None = Field(
        default=None, description="Days until it expires; null: never"
    )


class Key(BaseModel):
    """A key, without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class RevealedKey(Key):
    """A key just made: `key` is shown this once."""

    key: str
