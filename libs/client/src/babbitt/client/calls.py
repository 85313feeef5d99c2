"""A call of the API as a value: what to send and how to read the answer. Both clients send the same ones."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from babbitt.client.errors import unexpected

TIMEOUT_S = 30.0
"""Silence after which an answer that nothing holds is given up."""

type Method = Literal["GET", "POST", "PATCH", "DELETE"]
type Value = str | int | float | None
type Reader[T] = Callable[[httpx.Response], T]
"""Makes the result of a successful response, or raises ServiceFault: the answer is not its contract."""


class Answer(BaseModel):
    """What the service answers. Open: fields of a newer service are kept as they came."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Content(Protocol):
    """A body that is streamed; every iteration begins at its start, so a call can be sent again."""

    size_bytes: int

    def __iter__(self) -> Iterator[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Call[T]:
    """One request and the way to read its answer.

    Attributes:
        path: with its parts quoted, from the root of the service: see `path_of`.
        read: makes the result of a successful response.
        query: None values are left out.
        json, content: the body; at most one is given.
        repeatable: sending it twice is the same as once, so it may be sent again.
        timeout_s: seconds of silence after which the answer is given up; None: the client's own.
    """

    method: Method
    path: str
    read: Reader[T]
    query: Mapping[str, Value] = field(default_factory=dict[str, Value])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    json: Any = None
    content: bytes | Content | None = None
    repeatable: bool = False
    timeout_s: float | None = None

    def held(self, wait_s: float | None) -> "Call[T]":
        """The same call, its answer held up to `wait_s` seconds until what it is about has come to an end."""
        if not wait_s:
            return self
        headers = {**self.headers, "Prefer": f"wait={max(1, round(wait_s))}"}
        return replace(self, headers=headers, timeout_s=wait_s + TIMEOUT_S)

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """The request, for one sending."""
        query = {name: value for name, value in self.query.items() if value is not None}
        timeout = httpx.USE_CLIENT_DEFAULT if self.timeout_s is None else self.timeout_s
        body = self.content if isinstance(self.content, bytes) else None
        request = client.build_request(
            self.method, self.path, params=query or None, headers=self.headers, json=self.json, content=body,
            timeout=timeout,
        )  # fmt: skip
        if self.content is not None and not isinstance(self.content, bytes):
            request.headers["content-length"] = str(self.content.size_bytes)
            request.stream = _Stream(self.content)
        return request


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A content as what either of httpx's clients sends."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._content)


def path_of(*parts: object) -> str:
    """`/v1/…` with each part quoted: a name can never become another path."""
    return "/v1/" + "/".join(quote(str(part), safe="@") for part in parts)


def only_if(expected: int | None) -> dict[str, str]:
    """Headers of a change that is refused where the ETag is another by then; 0: where there is one; None: no matter."""
    if expected is None:
        return {}
    return {"If-Match": f'"{expected}"'} if expected else {"If-None-Match": "*"}


def answer_of[T](kind: type[T]) -> Reader[T]:
    """Reads a JSON answer as `kind`."""
    adapter = TypeAdapter(kind)

    def read(response: httpx.Response) -> T:
        try:
            return adapter.validate_json(response.content)
        except ValidationError as error:
            finding = error.errors(include_url=False, include_input=False)[0]
            place = "/".join(str(part) for part in finding["loc"])
            raise unexpected(response, f"{place}: {finding['msg']}" if place else finding["msg"]) from error

    return read


def get[T](kind: type[T], *parts: object, **query: Value) -> Call[T]:
    """The call that reads a resource."""
    return Call("GET", path_of(*parts), answer_of(kind), query=query, repeatable=True)


def nothing(_: httpx.Response) -> None:
    """The answer says no more than that it was done."""
