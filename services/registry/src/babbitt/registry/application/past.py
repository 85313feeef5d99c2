"""What the topics still hold of the registry's past."""

from collections.abc import AsyncIterator
from typing import Protocol

from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message


class Past(Protocol):
    """The topics, each read to its end, each message once.

    All of them raise Unavailable: the broker is away.
    """

    def said(self) -> AsyncIterator[Delivery[Message]]:
        """What the registry has said of models, refusals included: of each model in order."""
        ...

    def heard(self) -> AsyncIterator[Delivery[Message]]:
        """The requests and the jobs that the registry heard of; what was said long ago may be gone."""
        ...


class Beginning(Protocol):
    """An empty schema, within one transaction."""

    async def claim(self) -> None:
        """Keep everybody else from filling it until the transaction ends.

        Raises:
            NotEmpty: it holds models.
        """
        ...

    async def counted(self, model: str, sha256: str, decisions: int) -> None:
        """So often a test split has decided, at least."""
        ...

    async def handled(self, delivery: Delivery[Message]) -> None:
        """A message was handled: it is a repeat when it comes again."""
        ...


class NotEmpty(Exception):
    """The schema holds models: what is there is what counts."""
