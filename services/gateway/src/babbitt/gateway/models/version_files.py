"""The files of a version, from the object store."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import version_of
from babbitt.gateway.errors import Gone, NotFound, UnknownModel, UnknownReference
from babbitt.gateway.models.queries import has_versions, versions_of
from babbitt.gateway.tables import MODEL_VERSIONS
from babbitt.gateway.texts import is_name

UNVERIFIED = "it was collected, or the version was never verified"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with its digest."""

    reference: ObjectReference
    content: bytes


@dataclass(frozen=True, slots=True)
class VersionFiles:
    """Finds versions and reads what they address."""

    sessions: async_sessionmaker[AsyncSession]
    objects: ObjectStore

    async def version(self, model: str, version: str) -> Row[Any]:
        """A registered version.

        Raises:
            UnknownModel, UnknownReference: there is none.
        """
        row, known = None, False
        if is_name(model):
            wanted = versions_of(model).where(MODEL_VERSIONS.c.version == (version_of(version) or 0))
            async with transaction(self.sessions) as session:
                row = (await session.execute(wanted)).one_or_none()
                known = row is not None or await has_versions(session, model)
        if not known:
            raise UnknownModel(f"there is no model {model!r}")
        if row is None:
            raise UnknownReference(f"model {model!r} has no version {version!r}")
        return row

    async def read(self, stored: dict[str, Any] | None, what: str) -> StoredFile:
        """A small file, verified.

        Raises:
            NotFound: the version never had one.
            Gone: it is not there any more, or another.
        """
        if stored is None:
            raise NotFound(f"the version has no {what}")
        reference = ObjectReference.model_validate(stored)
        try:
            return StoredFile(reference, await self.objects.read(reference.key, reference.sha256))
        except (ObjectMissing, ObjectCorrupt) as error:
            raise Gone(f"{error}: {UNVERIFIED}") from error
