"""Delete the copies that no version in use names and no job needs: condemned first, and gone some time later."""

from dataclasses import dataclass
from datetime import timedelta

from babbitt.chassis.clock import Clock
from babbitt.registry.application.ports import Books, Copies


@dataclass(frozen=True, slots=True)
class CollectArtifacts:
    """Sweeps the registry's copies.

    What neither a version nor a registration ever named here is left alone: after a loss it may be the schema that
    lacks something.

    A digest that is registered again meanwhile is held by that registration's transaction, under the lock of its row:
    either it is seen to be needed, or its copy is deleted before the registration writes it anew.

    Attributes:
        book: a transaction of the book of digests.
        grace: how long what is condemned still lies there.
    """

    book: Books
    copies: Copies
    now: Clock
    grace: timedelta

    async def __call__(self) -> int:
        """Condemn what nobody needs, delete what has been condemned for long enough; how many were deleted.

        Raises:
            Unavailable: the database or the object store is away.
        """
        now, deleted = self.now(), 0
        before = now - self.grace
        async with self.book() as book:
            await book.condemn(now)
        async with self.book() as book:
            condemned = await book.condemned(before)
        for digest in condemned:
            async with self.book() as book:
                if await book.give_up(digest, before):
                    await self.copies.delete(digest)  # before the lock is free
                    deleted += 1
        return deleted
