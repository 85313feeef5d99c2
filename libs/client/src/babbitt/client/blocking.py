"""Sends calls and waits for their answers: what makes `Babbitt` of the shared descriptions."""

import functools
import time
from collections.abc import Callable, Generator, Iterator
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


class BlockingSender:
    """Owns the connections; to be closed, or used in a `with`."""

    def __init__(self, settings: ClientSettings, retries: RetryPolicy, reconnects: RetryPolicy) -> None:
        self._http = httpx.Client(**httpx_options(settings))
        self._retries = retries
        self._reconnects = reconnects

    def send[T](self, call: Call[T]) -> T:
        """The call's result. Raises BabbittError, whatever went wrong."""
        return call.read(self._answer(call, Attempts(self._retries, call.repeatable)))

    def stream(self, subscription: Subscription) -> "EventStream":
        """The events of a subscription."""
        return EventStream(self._open, subscription, self._retries, self._reconnects)

    def fill(self, filling: Filling) -> Filled:
        """Bring what a folder lacks. Raises BabbittError, or DownloadFailed: what came is not what it must be."""
        missing = filling.missing()
        for wanted in missing:
            self._bring(wanted, filling)
        return filling.filled(len(missing))

    def _bring(self, wanted: Wanted, filling: Filling) -> None:
        """One file; an answer that breaks off is asked for again from its beginning."""
        attempts = Attempts(self._retries, wanted.call.repeatable)
        while True:
            response = self._answer(wanted.call, attempts, stream=True)
            try:
                with filling.arriving(wanted.file) as take:
                    for piece in response.iter_bytes(PIECE_BYTES):
                        take(piece)
            except httpx.TransportError as error:
                delay_s = attempts.after_no_answer_s(error)
            else:
                return
            finally:
                response.close()
            time.sleep(delay_s)

    def _open(self, call: Call[None], attempts: Attempts) -> httpx.Response:
        response = self._answer(call, attempts, stream=True)
        try:
            call.read(response)
        except BabbittError:
            response.close()
            raise
        return response

    def _answer(self, call: Call[Any], attempts: Attempts, *, stream: bool = False) -> httpx.Response:
        while True:
            try:
                response = self._http.send(call.request(self._http), stream=stream)
                if not response.is_success:
                    response.read()
            except httpx.RequestError as error:
                delay_s = attempts.after_no_answer_s(error)
            else:
                wait_s = attempts.after_answer_s(response)
                if wait_s is None:
                    return response
                delay_s = wait_s
            time.sleep(delay_s)

    def close(self) -> None:
        """Ends all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class EventStream:
    """Events as they happen, for ever; a connection that breaks is taken up where it ended.

    To be used in a `with`: what happens from its beginning on is in the stream. Iterating raises BabbittError for what
    another try cannot mend: a wrong filter, no right to read, a gateway that stays away.
    """

    def __init__(
        self,
        connect: Callable[[Call[None], Attempts], httpx.Response],
        subscription: Subscription,
        first: RetryPolicy,
        later: RetryPolicy,
    ) -> None:
        self._connect = connect
        self._subscription = subscription
        self._first = first
        self._attempts = Attempts(later, repeatable=True)
        self._events: Generator[StreamedEvent] | None = None
        self._response: httpx.Response | None = None

    def __enter__(self) -> Self:
        self._response = self._connect(self._subscription.call(), Attempts(self._first, repeatable=True))
        self._events = self._read(self._response)
        return self

    def __exit__(self, *_: object) -> None:
        if self._events is not None and self._response is not None:
            self._events.close()
            self._response.close()
        self._events = None

    def __iter__(self) -> Iterator[StreamedEvent]:
        """The one iterator of the stream: a loop that is left may be followed by another."""
        if self._events is None:
            raise RuntimeError("an event stream is used in a with")
        return self._events

    def _read(self, response: httpx.Response) -> Generator[StreamedEvent]:
        while True:
            try:
                for chunk in response.iter_bytes():
                    self._attempts.went_on()
                    yield from self._subscription.read(chunk)
            except httpx.TransportError:
                pass  # as a stream that ended: both are taken up again
            response.close()
            time.sleep(self._attempts.after_break_s(response, self._subscription.asked_wait_s))
            self._response = response = self._connect(self._subscription.call(), self._attempts)


class Sends[**P, T]:
    """A method that sends the call which a function describes: `predict = Sends(predictions.predict)`."""

    def __init__(self, describe: Callable[P, Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, sender: BlockingSender, owner: type[Any]) -> Callable[P, T]: ...
    def __get__(self, sender: BlockingSender | None, owner: type[Any]) -> Self | Callable[P, T]:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return sender.send(self._describe(*args, **kwargs))

        return method


class Lists[**P, T]:
    """A method that goes through all pages of a list which a function describes."""

    def __init__(self, describe: Callable[P, Call[Page[T]]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, sender: BlockingSender, owner: type[Any]) -> Callable[P, Iterator[T]]: ...
    def __get__(self, sender: BlockingSender | None, owner: type[Any]) -> Self | Callable[P, Iterator[T]]:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            call: Call[Page[T]] | None = self._describe(*args, **kwargs)
            while call is not None:
                page = sender.send(call)
                yield from page.items
                call = page.next

        return method
