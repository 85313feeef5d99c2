"""Signatures of versions: Ed25519 (RFC 8032) over the statement in `contracts.signatures`, by `cryptography`."""

import base64
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from babbitt.contracts.signatures import Statement
from babbitt.registry.application.ports import Signed
from babbitt.registry.domain.gates.case import Finding


class TrustedKeys:
    """The port `Signatures`.

    Args:
        keys: raw public keys of 32 bytes, by name; none: signatures are not looked at.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: Ed25519PublicKey.from_public_bytes(raw) for name, raw in keys.items()}

    def verify(self, statement: Statement, signature: str | None) -> Signed:
        """As the port says."""
        if not self._keys:
            return Signed(Finding(sound=True, detail="no key is configured"))
        if signature is None:
            return Signed(Finding(sound=False, detail="the version is not signed"))
        content = statement.content()
        for name, key in self._keys.items():
            if _signed(key, content, signature):
                return Signed(Finding(sound=True, detail=f"signed by {name}"), by=name)
        what = f"these files and specifications as a version of {statement.model}"
        return Signed(Finding(sound=False, detail=f"no trusted key signed {what}: trusted are {', '.join(self._keys)}"))


def _signed(key: Ed25519PublicKey, content: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True
