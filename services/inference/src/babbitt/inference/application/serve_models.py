"""Serve what the alias topic says: load, swap, and tell what cannot be served."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.contracts.heartbeats import Serving
from babbitt.contracts.models import AliasAssigned, alias_key
from babbitt.inference.application.model_shelf import ModelShelf
from babbitt.inference.domain.alias_board import AliasBoard, is_alias
from babbitt.inference.domain.question import Served
from babbitt.inference.errors import ModelUnavailable, ModelUnusable, UnknownModel
from babbitt.inference.metrics import UNHEALTHY

_LOG = logger(__name__)

type TellUnhealthy = Callable[[AliasAssigned, str], Coroutine[Any, Any, None]]


class ServeModels:
    """Keeps every alias served by what it points at. Versions asked for by number are loaded on demand.

    What cannot be loaded is told once, and what was served before goes on serving.

    Args:
        shelf: the loaded models.
        tell_unhealthy: says that an artifact cannot be served, and why.
        again_s: seconds until a store that is away is asked again.
        retry_s: seconds until an artifact that cannot be served is tried again.
    """

    def __init__(
        self, shelf: ModelShelf, tell_unhealthy: TellUnhealthy, *, again_s: float = 1.0, retry_s: float = 30.0
    ) -> None:
        self._board = AliasBoard()
        self._shelf = shelf
        self._tell_unhealthy = tell_unhealthy
        self._changed: Callable[[], None] | None = None
        self._again_s = again_s
        self._retry_s = retry_s
        self._served: dict[str, Served] = {}
        self._unusable: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._moved: dict[str, asyncio.Event] = {}
        self._news = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None

    def on_change(self, changed: Callable[[], None]) -> None:
        """Call this whenever what is served has changed."""
        self._changed = changed

    async def run(self) -> None:
        """Load and swap until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            for assigned in self._board.aliases():
                self._keep(assigned.key())
            await asyncio.Event().wait()

    def assign(self, assigned: AliasAssigned, revision: int) -> None:
        """A reference points here now, as far as no later assertion is known."""
        if self._board.assign(assigned, revision) and is_alias(assigned.reference):
            self._pin()
            self._keep(assigned.key())

    def remove(self, key: str) -> None:
        """A reference is gone."""
        self._board.remove(key)
        self._pin()
        if key in self._moved:
            self._moved[key].set()

    def find(self, model: str, reference: str) -> Served | None:
        """Who answers for a reference; None: it is known, and not loaded.

        Raises:
            UnknownModel: there is no such reference.
        """
        served = self._served.get(alias_key(model, reference))
        if served is not None:
            return served
        assigned = self._known(model, reference)
        if is_alias(reference):
            return None
        loaded = self._shelf.find(assigned.artifact.sha256)
        return Served(assigned, loaded) if loaded else None

    async def obtain(self, model: str, reference: str) -> Served:
        """Who answers for a reference, waited for while it is being loaded.

        Raises:
            UnknownModel: there is no such reference.
            ModelUnavailable: it cannot be served.
        """
        if is_alias(reference):
            return await self._until_served(model, reference)
        assigned = self._known(model, reference)
        try:
            return Served(assigned, await self._shelf.obtain(assigned))
        except ModelUnusable as error:
            self._unhealthy(assigned, str(error))
            raise ModelUnavailable(f"version {reference} of {model} cannot be served: {error}") from error
        except Unavailable as error:
            raise ModelUnavailable(f"version {reference} of {model} cannot be fetched now") from error

    async def settled(self) -> None:
        """Wait until every alias is served, or known not to be."""
        while any(key not in self._served and key not in self._unusable for key in self._aliases()):
            await self._next_news()

    def serving(self) -> tuple[Serving, ...]:
        """What every alias is answered with now, for the heartbeat."""
        return tuple(
            Serving(
                model=served.assigned.model,
                reference=served.assigned.reference,
                version=served.assigned.version,
                digest=served.assigned.artifact.sha256,
            )
            for served in self._served.values()
        )

    def _keep(self, key: str) -> None:
        moved = self._moved.get(key)
        if moved is not None:
            moved.set()
        elif self._tasks is not None:
            self._moved[key] = asyncio.Event()
            self._tasks.create_task(self._follow(key, self._moved[key]))

    async def _follow(self, key: str, moved: asyncio.Event) -> None:
        """Keep one alias served by what it points at, until it is gone."""
        while True:
            moved.clear()
            wanted = self._aliases().get(key)
            if wanted is None:
                break
            retry_s = await self._bring(key, wanted)
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), retry_s)
        del self._moved[key]
        self._unusable.discard(key)
        self._served.pop(key, None)
        self._swapped()

    async def _bring(self, key: str, wanted: AliasAssigned) -> float | None:
        """Serve `wanted`; seconds until it is to be tried again, None when it is served."""
        try:
            model = await self._shelf.obtain(wanted)
        except Unavailable as error:
            _LOG.warning("a model waits", alias=key, version=wanted.version, reason=str(error))
            return self._again_s
        except ModelUnusable as error:
            self._unusable.add(key)
            self._tell_news()
            self._unhealthy(wanted, str(error))
            return self._retry_s
        if key in self._moved and not self._moved[key].is_set():
            self._unusable.discard(key)
            self._told.discard((key, wanted.artifact.sha256))
            self._served[key] = Served(wanted, model)
            _LOG.info("serving", alias=key, version=wanted.version, digest=wanted.artifact.sha256)
            self._swapped()
        return None

    def _unhealthy(self, assigned: AliasAssigned, reason: str) -> None:
        """Say once of a reference and an artifact that they cannot be served together."""
        told = (assigned.key(), assigned.artifact.sha256)
        if told in self._told or self._tasks is None:
            return
        self._told.add(told)
        UNHEALTHY.inc()
        _LOG.error("a model cannot be served", alias=assigned.key(), version=assigned.version, reason=reason)
        self._tasks.create_task(self._tell_unhealthy(assigned, reason))

    async def _until_served(self, model: str, reference: str) -> Served:
        while True:
            self._known(model, reference)
            key = alias_key(model, reference)
            if (served := self._served.get(key)) is not None:
                return served
            if key in self._unusable:
                raise ModelUnavailable(f"what {reference} of {model} points at cannot be served")
            await self._next_news()

    def _known(self, model: str, reference: str) -> AliasAssigned:
        assigned = self._board.find(model, reference)
        if assigned is None:
            raise UnknownModel(f"there is no {reference} of {model}")
        return assigned

    def _aliases(self) -> dict[str, AliasAssigned]:
        return {assigned.key(): assigned for assigned in self._board.aliases()}

    def _pin(self) -> None:
        wanted = {assigned.artifact.sha256 for assigned in self._board.aliases()}
        served = {served.assigned.artifact.sha256 for served in self._served.values()}
        self._shelf.pin(frozenset(wanted | served))

    def _swapped(self) -> None:
        self._pin()
        self._tell_news()
        if self._changed is not None:
            self._changed()

    def _tell_news(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _next_news(self) -> None:
        await self._news.wait()
