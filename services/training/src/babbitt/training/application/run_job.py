"""Run one attempt at a job: data in, a child process that fits, everything it says written down, its files kept."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from babbitt.chassis.logs import logger
from babbitt.contracts.datasets import ObjectReference
from babbitt.training.application.attempt_ports import Book, Fit, Fits, Workspace, Workspaces
from babbitt.training.application.complete_job import files_of
from babbitt.training.application.patience import patiently
from babbitt.training.domain.lease import Lease
from babbitt.training.errors import DatasetGone, DevicesWanted, LeaseLost, VersionGone
from babbitt.training.fitting.progress import (
    CheckpointWritten,
    Completed,
    Epoch,
    Evaluated,
    Failed,
    Progressed,
    Started,
    Tried,
)

_LOG = logger(__name__)

OVER_BUDGET_S = 120.0
"""A fit ends learning in time; it is stopped where it does not end at all."""

GIVE_BACK_WITHIN_S = 3.0
"""If the database is away for longer when the service stops, the lease runs out by itself."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """Runs an attempt to its end, whatever that is. A lost lease ends it at once and without a word.

    Attributes:
        book: where it is written down; every entry is conditional on the lease.
        renew_every_s: how often the lease is renewed.
        wanted: which of an attempt's devices another service computes on now; asked as often.
    """

    book: Book
    workspaces: Workspaces
    fits: Fits
    renew_every_s: float
    wanted: Callable[[Lease], Collection[str]] = lambda _: ()

    async def __call__(self, lease: Lease) -> None:
        """Run it. Cancelled, it stops the child and gives the lease back."""
        try:
            await self._until_stopped(lease)
        except* LeaseLost as lost:
            _LOG.warning("stopped without a word", job=str(lease.job_id), reason=str(lost.exceptions[0]))
        except* DevicesWanted as wanted:
            _LOG.info("given back: inference has its devices", job=str(lease.job_id), devices=str(wanted.exceptions[0]))
            await self._give_back(lease)

    async def _until_stopped(self, lease: Lease) -> None:
        try:
            await self._within_budget(lease)
        except asyncio.CancelledError:
            await self._give_back(lease)
            raise
        finally:
            if lease.devices:
                with suppress(TimeoutError):
                    async with asyncio.timeout(GIVE_BACK_WITHIN_S):
                        await self.book.freed(lease)

    async def _give_back(self, lease: Lease) -> None:
        with suppress(LeaseLost, TimeoutError):
            async with asyncio.timeout(GIVE_BACK_WITHIN_S):
                await self.book.given_back(lease)

    async def _within_budget(self, lease: Lease) -> None:
        try:
            async with asyncio.timeout(lease.budget_left_s + OVER_BUDGET_S), asyncio.TaskGroup() as group:
                ending = asyncio.Event()
                group.create_task(self._renew(lease, ending))
                await self._attempt(lease, ending)
        except TimeoutError:
            reason = "the job did not end within its budget: a higher budget_minutes or fewer epochs may help"
            await self.book.failed(lease, "time_limit", reason)

    async def _renew(self, lease: Lease, ending: asyncio.Event) -> None:
        """Renew the lease until the attempt is about to end: then it is the end that may find it lost."""
        while not ending.is_set():
            try:
                await self.book.renewed(lease)
            except LeaseLost:
                if not ending.is_set():
                    raise
            if (wanted := self.wanted(lease)) and not ending.is_set():
                raise DevicesWanted(", ".join(sorted(wanted)))
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), self.renew_every_s)

    async def _attempt(self, lease: Lease, ending: asyncio.Event) -> None:
        async with self.workspaces.opened(lease) as workspace:
            try:
                await patiently(workspace.prepare)
            except (DatasetGone, VersionGone) as error:
                ending.set()
                await self.book.failed(lease, error.kind, str(error))
                return
            trial = lease.study is not None
            async with self.fits.started(
                workspace.folder, lease.kind, lease.budget_left_s, trial=trial, devices=lease.devices
            ) as fit:
                end = await self._follow(lease, workspace, fit)
                ending.set()
                await end()

    async def _follow(self, lease: Lease, workspace: Workspace, fit: Fit) -> Callable[[], Awaitable[None]]:
        """Write down what the child says until it comes to an end; what is written down of that."""
        async for said in fit.progress():
            match said:
                case Started():
                    await self.book.started(lease, said)
                case Epoch():
                    await self.book.epoch(lease, said)
                case Progressed():
                    await self.book.progressed(lease, said)
                case CheckpointWritten():
                    await self._keep_checkpoint(lease, workspace, said)
                    await fit.checkpoint_kept()
                case Failed():
                    return partial(self.book.failed, lease, said.kind, said.reason)
                case Tried():
                    return partial(self.book.tried, lease, said)
                case Completed():
                    return partial(self.book.completed, lease, said, await self._keep(workspace, said))
                case Evaluated():
                    return partial(self.book.evaluated, lease, said, await self._keep(workspace, said))
        return partial(self.book.died, lease, await fit.last_words())

    async def _keep_checkpoint(self, lease: Lease, workspace: Workspace, written: CheckpointWritten) -> None:
        reference = await patiently(partial(workspace.keep_checkpoint, written))
        for needless in await self.book.checkpoint(lease, written, reference):
            await patiently(partial(workspace.discard_checkpoint, needless))

    async def _keep(self, workspace: Workspace, said: Completed | Evaluated) -> dict[str, ObjectReference]:
        return {name: await patiently(partial(workspace.keep_artifact, name)) for name in files_of(said)}
