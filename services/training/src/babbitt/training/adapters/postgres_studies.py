"""Studies and their trials in PostgreSQL, within the session of one transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.envelope import Envelope
from babbitt.contracts.tuning import TuningRequested
from babbitt.training.adapters.tables import STUDIES, TRIALS
from babbitt.training.domain.study import Attempted, Study, StudyState, TrialState


class PostgresStudies:
    """The studies that there are; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._kept: dict[tuple[UUID, int], dict[str, Any]] = {}

    async def add(self, study: Study) -> bool:
        """Enter a study without trials; False: there is one of that id."""
        row = insert(STUDIES).values(id=study.id, **_columns(study))
        added = await self._session.execute(row.on_conflict_do_nothing().returning(STUDIES.c.id))
        return added.first() is not None

    async def locked(self, study_id: UUID) -> Study | None:
        """A study by its id, with its trials."""
        query = select(STUDIES).where(STUDIES.c.id == study_id).with_for_update()
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            return None
        tried = select(TRIALS).where(TRIALS.c.study == study_id).order_by(TRIALS.c.number)
        study = Study(
            id=row.id,
            request=TuningRequested.model_validate(row.request),
            cause=Envelope.model_validate(row.cause),
            state=StudyState(row.state),
            revision=row.revision,
            hopeless=row.hopeless,
            trials=[
                Attempted(one.number, one.job, one.settings, TrialState(one.state), tuple(one.losses), one.loss)
                for one in await self._session.execute(tried)
            ],
        )
        self._kept |= {(study.id, trial.number): _trial(trial) for trial in study.trials}
        return study

    async def save(self, study: Study) -> None:
        """Keep what was changed of a locked study and its trials: an epoch changes one of perhaps hundreds."""
        columns = _columns(study) | {"updated_at": func.clock_timestamp()}
        await self._session.execute(update(STUDIES).where(STUDIES.c.id == study.id).values(**columns))
        now = {(study.id, trial.number): _trial(trial) for trial in study.trials}
        others = [row for key, row in now.items() if row != self._kept.get(key)]
        self._kept |= now
        if not others:
            return
        rows = insert(TRIALS).values([{"study": study.id, **row} for row in others])
        changed = {name: rows.excluded[name] for name in ("state", "losses", "loss")}
        keys = [TRIALS.c.study, TRIALS.c.number]
        await self._session.execute(rows.on_conflict_do_update(index_elements=keys, set_=changed))


def _columns(study: Study) -> dict[str, Any]:
    return {
        "request": study.request.model_dump(mode="json"),
        "cause": study.cause.model_dump(mode="json"),
        "state": study.state,
        "revision": study.revision,
        "hopeless": study.hopeless,
    }


def _trial(trial: Attempted) -> dict[str, Any]:
    return {
        "number": trial.number,
        "job": trial.job,
        "settings": dict(trial.settings),
        "state": trial.state,
        "losses": list(trial.losses),
        "loss": trial.loss,
    }
