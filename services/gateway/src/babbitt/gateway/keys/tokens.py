"""API keys: `bbt_<id>_<secret>`. The secret has 256 bits, so one round of SHA-256 is what it is stored as."""

import hashlib
import re
import secrets
from dataclasses import dataclass

ID_BYTES, SECRET_BYTES = 6, 32
_TOKEN = re.compile(r"bbt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A key as its holder shows it. Has no text form, so that it cannot slip into a log."""

    id: str
    secret: str

    def reveal(self) -> str:
        """The key itself: for its holder, once."""
        return f"bbt_{self.id}_{self.secret}"

    def digest(self) -> bytes:
        """What is stored of the secret: SHA-256, 32 bytes."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_token() -> Token:
    """A key that nobody can guess."""
    return Token(secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES))


def read_token(text: str) -> Token | None:
    """The key in `text`; None: it has not the form of one."""
    match = _TOKEN.fullmatch(text)
    return Token(match[1], match[2]) if match else None
