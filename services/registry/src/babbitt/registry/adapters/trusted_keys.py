"""Signatures of artifacts: Ed25519 (RFC 8032) over the 32 bytes of the artifact's SHA-256, by `cryptography`."""

import base64
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from babbitt.registry.application.ports import Signed
from babbitt.registry.domain.gates.case import Finding


class TrustedKeys:
    """The port `Signatures`.

    Args:
        keys: raw public keys of 32 bytes, by name; none: signatures are not looked at.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: Ed25519PublicKey.from_public_bytes(raw) for name, raw in keys.items()}

    def verify(self, sha256: str, signature: str | None) -> Signed:
        """As the port says."""
        if not self._keys:
            return Signed(Finding(sound=True, detail="no key is configured"))
        if signature is None:
            return Signed(Finding(sound=False, detail="the artifact is not signed"))
        for name, key in self._keys.items():
            if _signed(key, sha256, signature):
                return Signed(Finding(sound=True, detail=f"signed by {name}"), by=name)
        trusted = ", ".join(self._keys)
        return Signed(Finding(sound=False, detail=f"no trusted key signed the artifact: trusted are {trusted}"))


def _signed(key: Ed25519PublicKey, sha256: str, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), bytes.fromhex(sha256))
    except (InvalidSignature, ValueError):
        return False
    return True
