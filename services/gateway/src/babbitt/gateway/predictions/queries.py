"""The prediction log in the database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.predictions import PredictionRequested
from babbitt.gateway.tables import PREDICTIONS

GRACE = timedelta(seconds=10)
"""After its deadline a prediction may still be answered by a result that is on its way into the log."""


async def add_pending(session: AsyncSession, request: PredictionRequested, requested_by: str) -> None:
    """Take note of a prediction that nobody waits for."""
    row = {
        "id": request.prediction_id,
        "state": "pending",
        "model": request.model,
        "reference": request.reference,
        "machine": request.machine,
        "requested_by": requested_by,
        "deadline_at": datetime.fromtimestamp(request.deadline_ms / 1000, UTC),
    }
    await session.execute(insert(PREDICTIONS).values(row).on_conflict_do_nothing())


async def drop_pending(session: AsyncSession, prediction_id: UUID) -> None:
    """Forget a prediction that could not be sent."""
    mine = (PREDICTIONS.c.id == prediction_id) & (PREDICTIONS.c.state == "pending")
    await session.execute(delete(PREDICTIONS).where(mine))


async def find_prediction(session: AsyncSession, prediction_id: UUID) -> Row[Any] | None:
    """A prediction by its id."""
    return (await session.execute(select(PREDICTIONS).where(PREDICTIONS.c.id == prediction_id))).one_or_none()


def history(
    model: str | None, machine: str | None, state: str | None, since: datetime | None, until: datetime | None
) -> Select[Any]:
    """Predictions by model, machine, state and time."""
    query = select(PREDICTIONS)
    for column, wanted in (
        (PREDICTIONS.c.model, model),
        (PREDICTIONS.c.machine, machine),
        (PREDICTIONS.c.state, state),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if since is not None:
        query = query.where(PREDICTIONS.c.created_at >= since)
    if until is not None:
        query = query.where(PREDICTIONS.c.created_at < until)
    return query


_ADD_RESULTS = text("""
    INSERT INTO predictions (id, state, model, reference, machine, answer, problem, completed_at)
    SELECT id, state, model, reference, machine, answer, problem, completed_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS result
        (id uuid, state text, model text, reference text, machine text, answer jsonb, problem jsonb,
         completed_at timestamptz)
    ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, answer = excluded.answer, problem = excluded.problem,
        machine = excluded.machine, completed_at = excluded.completed_at
    WHERE predictions.state IN ('pending', 'expired')
    RETURNING id
""")
"""One text for any number of rows: an INSERT with so many VALUES would be compiled anew for every batch."""


async def add_results(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Take results into the log, each id at most once in `rows`; how many were the first for their id."""
    written = await session.execute(_ADD_RESULTS, {"rows": json.dumps(rows, default=str)})
    return len(written.all())


async def expire(session: AsyncSession) -> int:
    """Give up predictions whose deadline has passed without a result; how many."""
    late = (PREDICTIONS.c.state == "pending") & (PREDICTIONS.c.deadline_at < func.now() - GRACE)
    found = await session.execute(update(PREDICTIONS).where(late).values(state="expired").returning(PREDICTIONS.c.id))
    return len(found.all())


async def forget(session: AsyncSession, kept_days: int) -> None:
    """Drop what is older than the log is kept."""
    await session.execute(delete(PREDICTIONS).where(PREDICTIONS.c.created_at < func.now() - timedelta(days=kept_days)))
