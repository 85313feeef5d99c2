"""Signing what is made: Ed25519 (RFC 8032) over the statement in `contracts.signatures`, by `cryptography`."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from babbitt.chassis.settings import SettingsError
from babbitt.training.application.complete_job import Sign, unsigned
from babbitt.training.settings import TrainingSettings


def signing(settings: TrainingSettings) -> Sign:
    """How versions are signed: not at all where no key is set.

    Raises:
        SettingsError: the key or its file is none.
    """
    name, given = "signing_key", settings.signing_key.get_secret_value() if settings.signing_key else ""
    if settings.signing_key_file:
        name = "signing_key_file"
        try:
            given = settings.signing_key_file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{settings.variable(name)}: {error}") from error
    if not given:
        return unsigned
    try:
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(given.strip(), validate=True))
    except ValueError as error:
        wanted = "a private key of 32 bytes in base64 is accepted, as `python -m babbitt.training keys` makes it"
        raise SettingsError(f"{settings.variable(name)}: {wanted}") from error
    return lambda statement: base64.b64encode(key.sign(statement.content())).decode()


def new_pair() -> tuple[str, str]:
    """A new private key and its public one, in base64."""
    key = Ed25519PrivateKey.generate()
    private, public = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    return base64.b64encode(private).decode(), base64.b64encode(public).decode()
