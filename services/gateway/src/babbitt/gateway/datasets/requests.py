"""Asking `signals`: one transaction writes what is asked for and the request itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import batched

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import MessageTooLarge, Outbox
from babbitt.contracts.datasets import DatasetCancelRequested, DatasetDeleteRequested, DatasetRequested
from babbitt.contracts.mappings import ImportedSource
from babbitt.contracts.names import new_id
from babbitt.contracts.problems import FieldProblem
from babbitt.gateway.datasets.queries import locked_dataset, note_request, request_dataset
from babbitt.gateway.datasets.schemas import IN_PROGRESS, NewDataset
from babbitt.gateway.errors import Conflict, InvalidInput, NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.problems import MOST_ERRORS
from babbitt.gateway.settings import SOURCE
from babbitt.gateway.uploads.spool import Spool

LOOKS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class DatasetRequests:
    """What can be asked of `signals`.

    Attributes:
        committed: tells the relay that there is something to send.
    """

    sessions: async_sessionmaker[AsyncSession]
    spool: Spool
    committed: Callable[[], None]

    async def make(self, wanted: NewDataset, caller: Caller) -> str:
        """Ask for a dataset; its id.

        Raises:
            InvalidInput: it names recordings that were not uploaded, or too many of them.
        """
        configuration = wanted.configuration()
        if isinstance(configuration.source, ImportedSource):
            await self._check_uploads(configuration.source)
        request_id, by = new_id(), caller.requested_by
        request = DatasetRequested(configuration=configuration, label=wanted.label, requested_by=by)
        try:
            async with transaction(self.sessions) as session:
                await request_dataset(session, configuration, wanted.label, str(request_id), by)
                await Outbox(session, SOURCE).publish(request, sequence=1, event_id=request_id)
        except MessageTooLarge as error:
            accepted = "fewer files, shorter names or fewer rules"
            raise InvalidInput.at(
                "/source", f"all that it says is too much for a message: {error}", accepted
            ) from error
        self.committed()
        return request.key()

    async def end(self, dataset_id: str, caller: Caller) -> None:
        """Ask for a dataset's end: one that is being made is cancelled, another one deleted.

        Raises:
            NotFound: there is none.
            Conflict: it has ended already.
        """
        request_id, by = new_id(), caller.requested_by
        async with transaction(self.sessions) as session:
            row = await locked_dataset(session, dataset_id)
            if row is None:
                raise NotFound(f"there is no dataset {dataset_id!r}")
            if row.state in {"deleted", "cancelled", "refused"}:
                raise Conflict(f"the dataset is {row.state} already")
            ending = DatasetCancelRequested if row.state in IN_PROGRESS else DatasetDeleteRequested
            request = ending(dataset_id=dataset_id, requested_by=by)
            await note_request(session, dataset_id, str(request_id))
            await Outbox(session, SOURCE).publish(request, sequence=1, event_id=request_id)
        self.committed()

    async def _check_uploads(self, source: ImportedSource) -> None:
        missing: list[FieldProblem] = []
        for some in batched(enumerate(source.files), LOOKS_AT_ONCE):
            sizes = await asyncio.gather(*(self.spool.size_of(file.sha256) for _, file in some))
            for (index, file), size in zip(some, sizes, strict=True):
                if size is None:
                    detail = f"{file.name}: no recording with this digest was uploaded"
                    accepted = "the sha256 of an upload"
                    missing.append(
                        FieldProblem(pointer=f"/source/files/{index}/sha256", detail=detail, accepted=accepted)
                    )
            if len(missing) >= MOST_ERRORS:
                break
        if missing:
            raise InvalidInput.of(*missing[:MOST_ERRORS])
