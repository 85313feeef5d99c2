"""What `inference` says, acknowledged before it counts as said."""

import asyncio
from collections.abc import Sequence

from aiokafka.errors import KafkaError

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.sender import Outgoing, Sender
from babbitt.inference.metrics import REFUSED

_LOG = logger(__name__)

_LONGEST_WAIT_S = 5.0
_ORIGIN = {"dlq_topic", "dlq_partition", "dlq_offset"}
"""Headers of a dead letter that tell where the message lay: it can still be read there when the letter is lost."""


class KafkaAnnouncer:
    """Sends messages for as long as it takes. A repeat is possible: the first answer on the topic is the answer."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def say(self, messages: Sequence[Outgoing]) -> list[Outgoing]:
        """Send, and return when every message is acknowledged; those that the broker takes neither now nor later."""
        try:
            await self._sent(messages)
        except KafkaError as error:
            if len(messages) > 1:
                return [refused for message in messages for refused in await self.say([message])]
            for message in messages:
                REFUSED.labels(message.topic).inc()
                origin = {name: value.decode() for name, value in message.headers if name in _ORIGIN}
                _LOG.error("the broker does not take a message", topic=message.topic, reason=str(error), **origin)
            return list(messages)
        return []

    async def _sent(self, messages: Sequence[Outgoing]) -> None:
        """Try again while the broker is away."""
        wait_s = 0.1
        while True:
            try:
                return await self._sender.send(messages)
            except Unavailable as error:
                _LOG.warning("what is to be said waits", messages=len(messages), reason=str(error))
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
