"""The models that are loaded, by digest."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from babbitt.contracts.models import AliasAssigned
from babbitt.inference.domain.question import Model
from babbitt.inference.errors import ModelUnusable


class ModelShelf:
    """Loaded models. What is pinned stays; of the others the few that were used last.

    A model that leaves the shelf ends when its last run does.

    Args:
        load: loads one.
        kept: how many stay that are not pinned.
        retry_s: for so long an artifact that cannot be served is not tried again.
    """

    def __init__(
        self,
        load: Callable[[AliasAssigned], Awaitable[Model]],
        kept: int,
        *,
        retry_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._kept = kept
        self._retry_s = retry_s
        self._clock = clock
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._pinned: frozenset[str] = frozenset()
        self._loading: dict[str, asyncio.Task[Model]] = {}
        self._unusable: dict[str, tuple[float, str]] = {}

    def find(self, digest: str) -> Model | None:
        """A model, if it is loaded."""
        model = self._models.get(digest)
        if model is not None:
            self._models.move_to_end(digest)
        return model

    async def obtain(self, assigned: AliasAssigned) -> Model:
        """A model, loaded first if it has to be; many who ask at once wait for one load.

        Raises:
            ModelUnusable: the artifact cannot be served.
            Unavailable: the store is away.
        """
        digest = assigned.artifact.sha256
        if (model := self.find(digest)) is not None:
            return model
        if digest in self._unusable:
            until, reason = self._unusable[digest]
            if self._clock() < until:
                raise ModelUnusable(reason)
        task = self._loading.get(digest)
        if task is None:
            task = asyncio.create_task(self._obtain(assigned, digest))
            task.add_done_callback(_heard)
            self._loading[digest] = task
        return await asyncio.shield(task)

    def pin(self, digests: frozenset[str]) -> None:
        """These stay, and no others have to."""
        self._pinned = digests
        self._make_room()

    async def _obtain(self, assigned: AliasAssigned, digest: str) -> Model:
        try:
            model = await self._load(assigned)
        except ModelUnusable as error:
            self._unusable[digest] = (self._clock() + self._retry_s, str(error))
            raise
        finally:
            del self._loading[digest]
        self._unusable.pop(digest, None)
        self._models[digest] = model
        self._make_room()
        return model

    def _make_room(self) -> None:
        free = [digest for digest in self._models if digest not in self._pinned]
        for digest in free[: max(0, len(free) - self._kept)]:
            del self._models[digest]


def _heard(task: asyncio.Task[Model]) -> None:
    """A load goes on when all who waited for it have left; its error is theirs, not the loop's."""
    if not task.cancelled():
        task.exception()
