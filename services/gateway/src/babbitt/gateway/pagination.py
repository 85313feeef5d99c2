"""Cursor pagination: pages of a list in the order of some columns, stable while more is made."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, Row, Select, Table, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.gateway.errors import InvalidCursor

_LARGEST = {True: 2**63 - 1, False: 2**31 - 1}
"""The integers that a column holds: whether it is a BigInteger or not."""

type Order = Sequence[Column[Any]]
"""Columns that together tell every row of a list from the others."""


class Page[T](BaseModel):
    """Some of a list. `next_cursor` leads to the rest; null: this is the end."""

    items: list[T]
    next_cursor: str | None = None


class Paging:
    """Which page of a list is asked for: a FastAPI dependency, which also sets the answer's `Link` header."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=200, description="At most this many")] = 50,
        cursor: Annotated[str | None, Query(max_length=600, description="`next_cursor` of the page before")] = None,
    ) -> None:
        self._request = request
        self._response = response
        self._limit = limit
        self._cursor = cursor

    async def page[T: BaseModel](
        self, session: AsyncSession, query: Select[Any], order: Order, kind: type[T]
    ) -> Page[T]:
        """As `rows`, each row as the API shows it."""
        rows, next_cursor = await self.rows(session, query, order)
        return Page(items=[kind.model_validate(row, from_attributes=True) for row in rows], next_cursor=next_cursor)

    async def rows(
        self, session: AsyncSession, query: Select[Any], order: Order, *, descending: bool = True
    ) -> tuple[Sequence[Row[Any]], str | None]:
        """The rows of the page, which `query` selects without an order of its own, and the cursor of the next page.

        Raises:
            InvalidCursor: it is none of this list's.
        """
        if self._cursor is not None:
            place, reached = tuple_(*order), tuple_(*_read(self._cursor, order))
            query = query.where(place < reached if descending else place > reached)
        query = query.order_by(*(column.desc() if descending else column.asc() for column in order))
        found = (await session.execute(query.limit(self._limit + 1))).all()  # one more tells of another page
        rows = found[: self._limit]
        return rows, self._leading_on(rows[-1], order) if len(found) > len(rows) else None

    def place(self) -> tuple[int, int]:
        """Of a list that lies in no table: the position where the page begins, and how many items it may have.

        Raises:
            InvalidCursor: it is none of this list's.
        """
        if self._cursor is None:
            return 0, self._limit
        try:
            return _position(*_decoded(self._cursor)), self._limit
        except (binascii.Error, ValueError, TypeError) as error:
            raise InvalidCursor("cursor: this is none that a page gave") from error

    def page_at[T: BaseModel](self, items: list[T], next_position: int | None) -> Page[T]:
        """A page of such a list; None: it is the last."""
        return Page(items=items, next_cursor=None if next_position is None else self._link([next_position]))

    def _leading_on(self, last: Row[Any], order: Order) -> str:
        return self._link([getattr(last, column.key) for column in order])

    def _link(self, values: Sequence[Any]) -> str:
        cursor = _write(values)
        address = self._request.url.include_query_params(cursor=cursor, limit=self._limit)
        self._response.headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
        return cursor


AskedPage = Annotated[Paging, Depends()]


def newest_first(table: Table) -> Order:
    """The order of what is made by somebody, at some time."""
    return (table.c.created_at, table.c.id)


def _write(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> list[Any]:
    try:
        said = _decoded(cursor)
        return [literal(_value(column, one), column.type) for column, one in zip(order, said, strict=True)]
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidCursor("cursor: this is none that a page gave") from error


def _decoded(cursor: str) -> Any:
    return json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))


def _position(said: Any) -> int:
    if type(said) is not int or said < 0:
        raise ValueError(said)
    return said


def _value(column: Column[Any], said: Any) -> Any:
    """What a cursor says of a column, as the database takes it; ValueError or TypeError: it cannot be."""
    kind = column.type.python_type
    if kind is int:
        if type(said) is not int or not 0 <= said <= _LARGEST[isinstance(column.type, BigInteger)]:
            raise ValueError(said)
        return said
    if not isinstance(said, str) or not said.isprintable():
        raise TypeError(said)
    if kind is UUID:
        return UUID(said)
    if kind is not datetime:
        return said
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise ValueError(said)
    return moment
