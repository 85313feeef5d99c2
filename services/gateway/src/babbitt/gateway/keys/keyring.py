"""Who calls: keys are asked of the database, believed for a while, and longer while it is away."""

import asyncio
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.clock import Clock, utc_now
from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.gateway.errors import Unauthorized
from babbitt.gateway.keys.queries import find_key
from babbitt.gateway.keys.tokens import read_token
from babbitt.gateway.metrics import AUTH_FAILURES

_LOG = logger(__name__)

LOOKUP_TIMEOUT_S = 2.0
RETRY_S = 2.0
"""After the database did not answer, keys that are known are believed this long before it is asked again."""
MOST_KEYS = 10_000
UNKNOWN_S = 3.0
"""How long there is no key where none was: one that was made meanwhile works soon, a wrong one costs no query each."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a key that was checked."""

    key_id: str
    name: str
    scopes: frozenset[str]

    @property
    def requested_by(self) -> str:
        """What is stamped on the requests that this caller causes."""
        return f"key:{self.key_id}"


@dataclass(frozen=True, slots=True, repr=False)
class _Known:
    """A key as the database had it, and when (monotonic seconds)."""

    caller: Caller
    digest: bytes
    expires_at: datetime | None
    revoked: bool
    checked_at: float


class Keyring:
    """Finds the caller of a request.

    Args:
        database_away: whether the database is known to be away, so that nobody waits to find out.
        fresh_s, stale_s: how long a key is believed without asking, and while there is nobody to ask.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        fresh_s: float,
        stale_s: float,
        database_away: Callable[[], bool] = lambda: False,
        now: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._fresh_s = fresh_s
        self._stale_s = stale_s
        self._database_away = database_away
        self._now = now
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._unknown_until: dict[str, float] = {}
        self._lookups: dict[str, asyncio.Task[_Known | None]] = {}
        self._ask_again_at = 0.0

    async def caller(self, authorization: str | None) -> Caller:
        """The caller that an `Authorization` header names.

        Raises:
            Unauthorized: no key, or a wrong, expired or revoked one.
            Unavailable: the database is away, and the key was not used lately.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if not text:
            raise _refused("missing", "no API key: Authorization: Bearer bbt_… is needed")
        token = read_token(text.strip()) if scheme.lower() == "bearer" else None
        known = await self._find(token.id) if token else None
        if token is None or known is None or not hmac.compare_digest(known.digest, token.digest()):
            raise _refused("wrong", "the API key is wrong")
        if known.revoked:
            raise _refused("revoked", "the API key was revoked")
        if known.expires_at is not None and known.expires_at <= self._now():
            raise _refused("expired", "the API key has expired")
        return known.caller

    async def reach(self) -> None:
        """Wait until the database answers for the first time: before that nobody can be known."""
        while True:
            try:
                await self._ask("")
            except Unavailable as error:
                _LOG.warning("no key can be checked yet", reason=str(error))
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _find(self, key_id: str) -> _Known | None:
        if self._monotonic() < self._unknown_until.get(key_id, 0.0):
            return None
        known = self._known.get(key_id)
        age_s = self._monotonic() - known.checked_at if known else 0.0
        if known and age_s < self._fresh_s:
            return known
        usable = known if known and age_s < self._stale_s else None
        if usable and (self._database_away() or self._monotonic() < self._ask_again_at):
            return usable
        try:
            return await asyncio.shield(self._lookup(key_id))
        except Unavailable:
            self._ask_again_at = self._monotonic() + RETRY_S
            if usable:
                return usable
            raise

    def _lookup(self, key_id: str) -> "asyncio.Task[_Known | None]":
        """One question to the database for all who ask at once."""
        task = self._lookups.get(key_id)
        if task is None:
            task = asyncio.create_task(self._ask(key_id))
            self._lookups[key_id] = task
            task.add_done_callback(lambda done: self._forget_lookup(key_id, done))
        return task

    def _forget_lookup(self, key_id: str, task: "asyncio.Task[_Known | None]") -> None:
        self._lookups.pop(key_id, None)
        if not task.cancelled():
            task.exception()  # whoever waited was told; a caller who left meanwhile leaves no unread error

    async def _ask(self, key_id: str) -> _Known | None:
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT_S), transaction(self._sessions) as session:
                row = await find_key(session, key_id)
        except TimeoutError as error:
            raise Unavailable("postgresql", "no answer in time") from error
        if row is None:
            self._known.pop(key_id, None)
            _remember(self._unknown_until, key_id, self._monotonic() + UNKNOWN_S)
            return None
        caller = Caller(row.id, row.name, frozenset(row.scopes))
        known = _Known(caller, row.digest, row.expires_at, row.revoked_at is not None, self._monotonic())
        _remember(self._known, key_id, known)
        return known


def _remember[T](held: dict[str, T], key_id: str, what: T) -> None:
    """Hold what the database said of a key; of too many all are asked for anew."""
    if len(held) >= MOST_KEYS:
        held.clear()
    held[key_id] = what


def _refused(reason: str, detail: str) -> Unauthorized:
    AUTH_FAILURES.labels(reason).inc()
    return Unauthorized(detail)
