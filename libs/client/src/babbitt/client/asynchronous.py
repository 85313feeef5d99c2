"""Sends calls without blocking the event loop: what makes `AsyncBabbitt` of the shared descriptions."""

import asyncio
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Self, overload

import httpx

from babbitt.client.calls import Call
from babbitt.client.connection import Attempts, httpx_options
from babbitt.client.errors import BabbittError
from babbitt.client.events import StreamedEvent, Subscription
from babbitt.client.filling import PIECE_BYTES, Filled, Filling, Wanted
from babbitt.client.pages import Page
from babbitt.client.retries import RetryPolicy
from babbitt.client.settings import ClientSettings


class AsyncSender:
    """Owns the connections; to be closed, or used in an `async with`."""

    def __init__(self, settings: ClientSettings, retries: RetryPolicy, reconnects: RetryPolicy) -> None:
        self._http = httpx.AsyncClient(**httpx_options(settings))
        self._retries = retries
        self._reconnects = reconnects

    async def send[T](self, call: Call[T]) -> T:
        """The call's result. Raises BabbittError, whatever went wrong."""
        return call.read(await self._answer(call, Attempts(self._retries, call.repeatable)))

    def stream(self, subscription: Subscription) -> "AsyncEventStream":
        """The events of a subscription."""
        return AsyncEventStream(self._open, subscription, self._retries, self._reconnects)

    async def fill(self, filling: Filling) -> Filled:
        """As `BlockingSender.fill`; files are read and written in threads."""
        missing = await asyncio.to_thread(filling.missing)
        for wanted in missing:
            await self._bring(wanted, filling)
        return filling.filled(len(missing))

    async def _bring(self, wanted: Wanted, filling: Filling) -> None:
        attempts = Attempts(self._retries, wanted.call.repeatable)
        while True:
            response = await self._answer(wanted.call, attempts, stream=True)
            try:
                with filling.arriving(wanted.file) as take:
                    async for piece in response.aiter_bytes(PIECE_BYTES):
                        await asyncio.to_thread(take, piece)
            except httpx.TransportError as error:
                delay_s = attempts.after_no_answer_s(error)
            else:
                return
            finally:
                await response.aclose()
            await asyncio.sleep(delay_s)

    async def _open(self, call: Call[None], attempts: Attempts) -> httpx.Response:
        response = await self._answer(call, attempts, stream=True)
        try:
            call.read(response)
        except BabbittError:
            await response.aclose()
            raise
        return response

    async def _answer(self, call: Call[Any], attempts: Attempts, *, stream: bool = False) -> httpx.Response:
        while True:
            try:
                response = await self._http.send(call.request(self._http), stream=stream)
                if not response.is_success:
                    await response.aread()
            except httpx.RequestError as error:
                delay_s = attempts.after_no_answer_s(error)
            else:
                wait_s = attempts.after_answer_s(response)
                if wait_s is None:
                    return response
                delay_s = wait_s
            await asyncio.sleep(delay_s)

    async def close(self) -> None:
        """Ends all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncEventStream:
    """Events as they happen, for ever: as `EventStream`, with `async with` and `async for`."""

    def __init__(
        self,
        connect: Callable[[Call[None], Attempts], Awaitable[httpx.Response]],
        subscription: Subscription,
        first: RetryPolicy,
        later: RetryPolicy,
    ) -> None:
        self._connect = connect
        self._subscription = subscription
        self._first = first
        self._attempts = Attempts(later, repeatable=True)
        self._events: AsyncGenerator[StreamedEvent] | None = None
        self._response: httpx.Response | None = None

    async def __aenter__(self) -> Self:
        self._response = await self._connect(self._subscription.call(), Attempts(self._first, repeatable=True))
        self._events = self._read(self._response)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._events is not None and self._response is not None:
            await self._events.aclose()
            await self._response.aclose()
        self._events = None

    def __aiter__(self) -> AsyncIterator[StreamedEvent]:
        """The one iterator of the stream: a loop that is left may be followed by another."""
        if self._events is None:
            raise RuntimeError("an event stream is used in an async with")
        return self._events

    async def _read(self, response: httpx.Response) -> AsyncGenerator[StreamedEvent]:
        while True:
            try:
                async for chunk in response.aiter_bytes():
                    self._attempts.went_on()
                    for event in self._subscription.read(chunk):
                        yield event
            except httpx.TransportError:
                pass  # as a stream that ended: both are taken up again
            await response.aclose()
            await asyncio.sleep(self._attempts.after_break_s(response, self._subscription.asked_wait_s))
            self._response = response = await self._connect(self._subscription.call(), self._attempts)


class AsyncSends[**P, T]:
    """A method that sends the call which a function describes."""

    def __init__(self, describe: Callable[P, Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, sender: AsyncSender, owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, sender: AsyncSender | None, owner: type[Any]) -> Self | Callable[P, Coroutine[Any, Any, T]]:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        async def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return await sender.send(self._describe(*args, **kwargs))

        return method


class AsyncLists[**P, T]:
    """A method that goes through all pages of a list which a function describes."""

    def __init__(self, describe: Callable[P, Call[Page[T]]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, sender: AsyncSender, owner: type[Any]) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, sender: AsyncSender | None, owner: type[Any]) -> Self | Callable[P, AsyncIterator[T]]:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        async def method(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
            call: Call[Page[T]] | None = self._describe(*args, **kwargs)
            while call is not None:
                page = await sender.send(call)
                for item in page.items:
                    yield item
                call = page.next

        return method
