"""Cursor pagination: pages of what was made last, newest first, stable while more is made."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import Column, Row, Select, Table, Uuid, tuple_

from babbitt.gateway.errors import InvalidCursor

Limit = Annotated[int, Query(ge=1, le=200, description="At most this many")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]


class Page[T](BaseModel):
    """Some of a list. `next_cursor` leads to the rest; null: this is the end."""

    items: list[T]
    next_cursor: str | None = None


def newest_first(query: Select[Any], table: Table, limit: int, cursor: str | None) -> Select[Any]:
    """A page of `query`, and one row more, which says that there is another page.

    Raises:
        InvalidCursor: it is none of ours.
    """
    order: tuple[Column[Any], Column[Any]] = (table.c.created_at, table.c.id)
    if cursor is not None:
        query = query.where(tuple_(*order) < tuple_(*_read(cursor, as_uuid=isinstance(table.c.id.type, Uuid))))
    return query.order_by(*(column.desc() for column in order)).limit(limit + 1)


def page_of[T: BaseModel](
    kind: type[T], rows: Sequence[Row[Any]], limit: int, request: Request, response: Response
) -> Page[T]:
    """The rows as a page; sets the `Link` header."""
    items = [kind.model_validate(row, from_attributes=True) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items=items)
    last = rows[limit - 1]
    cursor = _write(last.created_at, last.id)
    address = request.url.include_query_params(cursor=cursor, limit=limit)
    response.headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    return Page(items=items, next_cursor=cursor)


def _write(created_at: datetime, identity: UUID | str) -> str:
    return base64.urlsafe_b64encode(json.dumps([created_at.isoformat(), str(identity)]).encode()).decode().rstrip("=")


def _read(cursor: str, *, as_uuid: bool) -> tuple[datetime, UUID | str]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        created_at, identity = json.loads(raw)
        moment = datetime.fromisoformat(created_at)
        if moment.tzinfo is None or not isinstance(identity, str) or not identity.isprintable():
            raise InvalidCursor("cursor: this is none that a page gave")
        return moment, UUID(identity) if as_uuid else identity
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise InvalidCursor("cursor: this is none that a page gave") from error
