"""Samples that lie in the object store while their message carries a claim."""

import asyncio
import hashlib

from babbitt.chassis.errors import Malformed
from babbitt.chassis.objects import ObjectMissing, ObjectStore
from babbitt.contracts.names import CLAIMS, SENSOR_CLAIMS
from babbitt.contracts.waveform import Claim, Encoding

_FOLDERS = (f"{CLAIMS}/", f"{SENSOR_CLAIMS}/")


class Claims:
    """Fetches claimed samples.

    Args:
        objects: the installation's store.
        limit_bytes: nothing larger is fetched.
    """

    def __init__(self, objects: ObjectStore, limit_bytes: int) -> None:
        self._objects = objects
        self._limit_bytes = limit_bytes

    async def fetch(self, claim: Claim, encoding: Encoding) -> bytes:
        """The samples, verified.

        Raises:
            Malformed: the claim is not one of samples, its object is gone, larger or other than it says.
            Unavailable: the store is away.
        """
        if not claim.key.startswith(_FOLDERS):
            raise Malformed(f"claim {claim.key}: claims lie under {' or '.join(_FOLDERS)}")
        if encoding.size_bytes > self._limit_bytes:
            raise Malformed(f"{encoding.size_bytes} bytes of samples: {self._limit_bytes} are read at most")
        size = await self._objects.size_of(claim.key)
        if size != encoding.size_bytes:
            there = "gone" if size is None else f"of {size} bytes"
            raise Malformed(f"the claimed object {claim.key} is {there}: {encoding.size_bytes} bytes are needed")
        try:
            samples = await self._objects.read(claim.key)
        except ObjectMissing as error:
            raise Malformed(f"the claimed object {claim.key} is gone") from error
        if await asyncio.to_thread(_digest, samples) != claim.sha256:
            raise Malformed(f"the claimed object {claim.key} is not what its digest says")
        return samples


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
