"""PostgreSQL by SQLAlchemy and asyncpg: one role and schema a service, time limits on all that waits."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import SLOW_QUERIES
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.settings import DatabaseSettings

_LOG = logger(__name__)
_AWAY_STATES = frozenset({"57P01", "57P02", "57P03", "25P03", "25P04", "53300", "40001", "40P01", "55P03", "57014"})
"""SQLSTATEs worth another try: shutting down, starting, too many connections, deadlock, lock or time limit."""

SLOW_S = 1.0
SILENCE_S = 30
"""Who says nothing for so long within a transaction is cut off by the server, so that its locks are free."""


def make_engine(settings: DatabaseSettings, *, pool_size: int = 10) -> AsyncEngine:
    """The engine of a service, bound to its own schema."""
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=5,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": settings.instance,
                "search_path": settings.service,
                "statement_timeout": "30000",
                "lock_timeout": "10000",
                "idle_in_transaction_session_timeout": f"{SILENCE_S * 1000}",
                "timezone": "UTC",
            },
        },
    )
    _log_slow_queries(engine)
    return engine


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@contextmanager
def database_errors() -> Generator[None]:
    """Around what talks to the database alone: also a refused or broken connection means that it is away."""
    try:
        with driver_errors():
            yield
    except (OSError, TimeoutError) as error:
        raise Unavailable("postgresql", str(error)) from error


@contextmanager
def driver_errors() -> Generator[None]:
    """Turn what the driver says of a database that is away, or that asks for another try, into `Unavailable`.

    Other errors of the code within, its own OSErrors too, pass as they are.
    """
    try:
        yield
    except (ConnectionError, PoolTimeoutError, InterfaceError, asyncpg.InterfaceError) as error:
        raise Unavailable("postgresql", str(error)) from error
    except asyncpg.PostgresError as error:
        if is_away(error):
            raise Unavailable("postgresql", str(error)) from error
        raise
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error, OperationalError) or is_away(error.orig):
            raise Unavailable("postgresql", str(error.orig)) from error
        raise


def is_away(error: BaseException | None) -> bool:
    """Whether a driver's error means: try again later."""
    state = getattr(error, "sqlstate", None)
    return state is not None and (state.startswith("08") or state in _AWAY_STATES)


@asynccontextmanager
async def transaction(sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
    """One transaction: committed at the end, rolled back on an error.

    Raises:
        Unavailable: the database is away.
    """
    async with sessions() as session:
        with database_errors():
            await session.connection()
        try:
            with driver_errors():
                yield session
        except BaseException:
            with suppress(Unavailable), database_errors():
                await session.rollback()
            raise
        with database_errors():
            await session.commit()


async def limit_silence(session: AsyncSession, seconds: float) -> None:
    """Let the server end this transaction when it hears nothing for so long, instead of `SILENCE_S`.

    More where work lies between two statements; less where a process that is stopped must not keep its locks.
    """
    limit = f"{seconds * 1000:.0f}ms"
    await session.execute(select(func.set_config("idle_in_transaction_session_timeout", limit, True)))


async def watch_database(engine: AsyncEngine, readiness: Readiness, *, every_s: float = 1.0) -> None:
    """Report to readiness, for ever, whether the database answers."""
    while True:
        try:
            with database_errors():
                async with asyncio.timeout(5), engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
        except Unavailable as error:
            readiness.unready("postgresql", str(error))
        else:
            readiness.ready("postgresql")
        await asyncio.sleep(every_s)


def _log_slow_queries(engine: AsyncEngine) -> None:
    def before(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:  # noqa: FBT001
        context.started_at = time.perf_counter()

    def after(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:  # noqa: FBT001
        seconds = time.perf_counter() - context.started_at
        if seconds > SLOW_S:
            SLOW_QUERIES.inc()
            _LOG.warning("slow query", seconds=round(seconds, 3), statement=statement)

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    event.listen(engine.sync_engine, "after_cursor_execute", after)
