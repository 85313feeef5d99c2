"""A program: a relay that stops itself once, in mid-send, until it is continued from outside."""

import asyncio
import os
import signal
from datetime import UTC, datetime

from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.relay import Relay
from babbitt.chassis.settings import DatabaseSettings
from babbitt.contracts.heartbeats import ServiceHeartbeat


class RegistrySettings(DatabaseSettings):
    service = "registry"


class StoppingRelay(Relay):
    """Stops after it has read what it is to send."""

    stopped = False

    async def _send(self, rows):
        if not self.stopped:
            self.stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)
        await super()._send(rows)


async def on_takeover(sessions):
    anew = ServiceHeartbeat(service="registry", instance="r", version="anew", health="ready", sent_at=datetime.now(UTC))
    async with transaction(sessions) as session:
        await Outbox(session, "/babbitt/registry").publish(anew, sequence=9)


async def main():
    settings = RegistrySettings.read(os.environ)
    engine = make_engine(settings)
    await StoppingRelay(settings, make_sessions(engine), Readiness(), on_takeover=on_takeover).run()


if __name__ == "__main__":
    asyncio.run(main())
