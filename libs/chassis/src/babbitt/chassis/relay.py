"""The relay: sends what lies in the outbox, oldest first, one relay a service at a time.

In one transaction it locks the relay's row, reads the oldest rows, sends them in order, waits for the acknowledgements
and deletes them. It blocks rather than skip. A relay that dies between sending and deleting is followed by one that
repeats: readers drop by event id or keep the higher sequence. One that was stopped in mid-send and finds another in its
place when it goes on has it take over anew, behind whatever was sent too late.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from aiokafka.errors import KafkaError
from sqlalchemy import Row, delete, exists, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import SILENCE_S, limit_silence, transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import OUTBOX_AGE_SECONDS, OUTBOX_DEPTH, RELAYED
from babbitt.chassis.outbox import read_headers
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.sender import Outgoing, Sender
from babbitt.chassis.settings import Settings
from babbitt.chassis.tables import OUTBOX, RELAY
from babbitt.contracts.names import new_id

_LOG = logger(__name__)

_NOW = func.clock_timestamp()
_HELD = select(RELAY.c.holder, RELAY.c.held_until, (RELAY.c.held_until > _NOW).label("alive")).where(RELAY.c.id == 1)
_LOOK = _HELD.add_columns(exists().select_from(OUTBOX).label("waiting"), _NOW.label("now"))

type OnTakeover = Callable[[async_sessionmaker[AsyncSession]], Awaitable[None]]

TAKEN_OVER_WITHIN_S = 120
"""The relay's transaction says nothing while what follows a takeover is done in others."""


class Relay:
    """Sends a service's outbox for as long as it runs.

    Args:
        on_takeover: runs while this relay takes over from another, at every start too, in transactions of its own;
            who dies before it has ended has not taken over, and the next one runs it anew.
        lease_s: how long a silent relay is thought alive.
        poll_s: how often the outbox is looked at when nothing wakes the relay.
        batch, batch_bytes: what is sent in one transaction at most; a single message always is.
    """

    def __init__(
        self,
        settings: Settings,
        sessions: async_sessionmaker[AsyncSession],
        readiness: Readiness,
        *,
        on_takeover: OnTakeover | None = None,
        lease_s: float = 2.0,
        poll_s: float = 0.2,
        batch: int = 500,
        batch_bytes: int = 8_000_000,
    ) -> None:
        self._sender = Sender(settings)
        self._sessions = sessions
        self._readiness = readiness
        self._on_takeover = on_takeover
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._batch, self._batch_bytes = batch, batch_bytes
        self._holder = f"{settings.instance}/{new_id()}"
        self._wake = asyncio.Event()
        self._stopping = False
        self._in_doubt = False

    def wake(self) -> None:
        """Something was committed to the outbox."""
        self._wake.set()

    def stop(self) -> None:
        """Send what is there, give the lease back, and end `run`."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Relay until `stop`; what is away is waited for."""
        delay = self._poll_s
        try:
            while True:
                stopping = self._stopping
                self._wake.clear()
                try:
                    more = await self._step()
                    self._in_doubt = False
                except (Unavailable, KafkaError) as error:
                    _LOG.warning("the outbox waits", reason=str(error))
                    self._readiness.unready("outbox", str(error))
                    if stopping:
                        return
                    delay = min(delay * 2, 5.0)
                    await asyncio.sleep(delay)
                    continue
                self._readiness.ready("outbox")
                delay = self._poll_s
                if more:
                    continue
                if stopping:
                    await self._release()
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._poll_s)
        finally:
            await self._sender.stop()

    async def _step(self) -> bool:
        """Send one batch; whether more wait."""
        async with transaction(self._sessions) as session:
            if await self._is_idle(session) or not await self._hold(session):
                _tell(0, 0)  # what another has to send is told by that one
                return False
            rows = await self._oldest(session)
            if not rows:
                _tell(0, 0)
                return False
            depth = await session.scalar(select(func.count()).select_from(OUTBOX)) or 0
            _tell(depth, await self._age(session, rows[0]))
            self._in_doubt = True
            try:
                await self._send(rows)
            except BaseException:
                await self._sender.stop()  # before the lock is free: nothing of ours may follow our successor's
                raise
            await session.execute(delete(OUTBOX).where(OUTBOX.c.id.in_([row.id for row in rows])))
        _tell(depth - len(rows), 0)
        for row in rows:
            RELAYED.labels(row.topic).inc()
        return depth > len(rows)

    async def _is_idle(self, session: AsyncSession) -> bool:
        """Whether there is nothing to send and no lease to be taken or renewed yet: looked at without a lock."""
        row = (await session.execute(_LOOK)).one_or_none()
        if row is None or row.waiting or self._in_doubt or not row.alive:
            return False
        return row.holder != self._holder or row.held_until - row.now > timedelta(seconds=0.75 * self._lease_s)

    async def _oldest(self, session: AsyncSession) -> Sequence[Row[Any]]:
        """What is sent next: as many rows as a batch may hold, and bytes, but for the first."""
        parts = (OUTBOX.c.key, OUTBOX.c.value, OUTBOX.c.headers)
        size = sum((func.coalesce(func.octet_length(part), 0) for part in parts), literal(0))
        before = func.sum(size).over(order_by=OUTBOX.c.id) - size
        head = select(OUTBOX.c.id, before.label("before_bytes")).order_by(OUTBOX.c.id).limit(self._batch).subquery()
        fitting = (head.c.before_bytes == 0) | (head.c.before_bytes + size <= self._batch_bytes)
        query = select(OUTBOX).join(head, head.c.id == OUTBOX.c.id).where(fitting).order_by(OUTBOX.c.id)
        return (await session.execute(query)).all()

    async def _hold(self, session: AsyncSession) -> bool:
        """Take or renew the lease; False: another relay has it."""
        locked = _HELD.with_for_update(skip_locked=not self._in_doubt)
        row = (await session.execute(locked)).one_or_none()
        if row is None:
            return False
        if row.holder != self._holder and row.alive:
            if self._in_doubt:  # what we sent may lie behind what was said on taking over: it has to be said again
                await session.execute(update(RELAY).where(RELAY.c.id == 1).values(holder=None, held_until=None))
            return False
        until = _NOW + text(f"interval '{self._lease_s} seconds'")
        await session.execute(update(RELAY).where(RELAY.c.id == 1).values(holder=self._holder, held_until=until))
        if row.holder != self._holder:
            _LOG.info("took over the relay", previous=row.holder)
            if self._on_takeover:
                await limit_silence(session, TAKEN_OVER_WITHIN_S)
                await self._on_takeover(self._sessions)
                await limit_silence(session, SILENCE_S)
        return True

    async def _send(self, rows: Sequence[Row[Any]]) -> None:
        await self._sender.send([Outgoing(row.topic, row.key, row.value, read_headers(row.headers)) for row in rows])

    async def _release(self) -> None:
        with suppress(Unavailable):
            async with transaction(self._sessions) as session:
                mine = (RELAY.c.id == 1) & (RELAY.c.holder == self._holder)
                await session.execute(update(RELAY).where(mine).values(held_until=_NOW))

    @staticmethod
    async def _age(session: AsyncSession, oldest: Row[Any]) -> float:
        now = await session.scalar(select(_NOW))
        return (now - oldest.created_at).total_seconds() if now else 0.0


def _tell(depth: int, age_s: float) -> None:
    OUTBOX_DEPTH.set(depth)
    OUTBOX_AGE_SECONDS.set(age_s)
