"""Lists come in pages, newest first; a page's cursor leads to the next one."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from pydantic import BaseModel

from babbitt.client.calls import Answer, Call, Reader, Value, answer_of


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some of a list, and the call for what comes after; None: that was all."""

    items: tuple[T, ...]
    next: "Call[Page[T]] | None"


def list_call[T: BaseModel](path: str, item: type[T], **query: Value) -> Call[Page[T]]:
    """The call for the first page of a list."""
    return _page_call(path, answer_of(_Items[item]), query)


class _Items[T](Answer):
    """A page as it is answered."""

    items: tuple[T, ...]
    next_cursor: str | None = None


def _page_call[T](path: str, read_items: Reader[_Items[T]], query: Mapping[str, Value]) -> Call[Page[T]]:
    def read(response: httpx.Response) -> Page[T]:
        page = read_items(response)
        if page.next_cursor is None:
            return Page(page.items, None)
        return Page(page.items, _page_call(path, read_items, {**query, "cursor": page.next_cursor}))

    return Call("GET", path, read, query=query, repeatable=True)
