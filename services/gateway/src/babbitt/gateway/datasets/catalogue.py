"""Datasets as the catalogue shows them: with who needs them, and when they were last used."""

from typing import Any

from sqlalchemy import DateTime, Select, String, cast, func, select

from babbitt.gateway.tables import DATASETS, MODEL_HISTORY, MODEL_VERSIONS, TRAINING_JOBS

_VERSION = MODEL_VERSIONS.c
_RETIRED = (
    select(MODEL_HISTORY.c.event_id)
    .where(
        MODEL_HISTORY.c.kind == "retired",
        MODEL_HISTORY.c.model == _VERSION.model,
        MODEL_HISTORY.c.version == _VERSION.version,
    )
    .exists()
)
_NEEDED_BY = func.array(
    select(_VERSION.model + "@" + cast(_VERSION.version, String))
    .where(_VERSION.dataset == DATASETS.c.id, ~_RETIRED)
    .order_by(_VERSION.model, _VERSION.version)
    .scalar_subquery()
)
_TRAINED_AT = (
    select(func.max(TRAINING_JOBS.c.updated_at)).where(TRAINING_JOBS.c.dataset == DATASETS.c.id).scalar_subquery()
)
_USED_AT = func.greatest(  # which passes over nulls
    DATASETS.c.created_at, DATASETS.c.ready_at, _TRAINED_AT, type_=DateTime(timezone=True)
)


def catalogue(
    *, state: str | None = None, source: str | None = None, label: str | None = None, class_name: str | None = None
) -> Select[Any]:
    """All datasets, or those that every filter fits.

    Args:
        state: as the table has it.
        source: the kind of it.
        label: a part of the label, in upper or lower case.
        class_name: one of the classes; those of a dataset are known once it is ready.
    """
    query = select(DATASETS, _NEEDED_BY.label("needed_by"), _USED_AT.label("used_at"))
    if state is not None:
        query = query.where(DATASETS.c.state == state)
    if source is not None:
        query = query.where(DATASETS.c.source_kind == source)
    if label is not None:
        query = query.where(DATASETS.c.label.icontains(label, autoescape=True))
    if class_name is not None:
        query = query.where(DATASETS.c.data_spec["class_names"].contains([class_name]))
    return query
