"""A real HTTP server that says what a test tells it to, in place of the gateway: for what a gateway rarely does.

Beside it a folder of recordings to import.
"""

import asyncio
import hashlib
import json
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from typer.testing import CliRunner

from babbitt.client import AsyncBabbitt, Babbitt, RetryPolicy
from babbitt.client.cli import app
from babbitt.contracts.problems import Problem

QUICK = RetryPolicy(attempts=4, first_delay_s=0.001, longest_delay_s=0.01)
KEY = "bbt_1_secret"
MAPPING = """
sampling_rate_hz: 12000
record_duration_s: 0.5
rules:
  - {pattern: "a*.npy", label: healthy, sampling_rate_hz: 12000}
  - {pattern: "b*.npy", label: outer_race, sampling_rate_hz: 12000}
"""

type Answer = dict | Response | Callable[[], Response]


@dataclass
class Recorded:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Counterpart:
    """Answers each call, `GET /v1/models/*`, with the next of its answers; the last one is given again and again."""

    url: str = ""
    requests: list[Recorded] = field(default_factory=list)
    _answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))

    def answers(self, call: str, *answers: Answer) -> None:
        self._answers[call] += answers

    def of(self, call: str) -> list[Recorded]:
        return [request for request in self.requests if fnmatchcase(f"{request.method} {request.path}", call)]

    async def answer(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode()
        body = await request.body()
        self.requests.append(Recorded(request.method, path, dict(request.query_params), dict(request.headers), body))
        call = f"{request.method} {path}"
        left = next((answers for told, answers in self._answers.items() if fnmatchcase(call, told)), [])
        if not left:
            return problem(404, "not-found", f"nothing was told of {request.method} {path}")
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, dict):
            return JSONResponse(answer)
        return answer if isinstance(answer, Response) else answer()


def problem(status: int, slug: str, detail: str, headers: dict[str, str] | None = None, **more) -> Response:
    said = Problem.of(slug, status, "Title", detail).model_dump(mode="json") | more
    return JSONResponse(said, status, headers, media_type="application/problem+json")


def away(retry_after_s: int = 0) -> Response:
    return problem(503, "unavailable", "postgresql is away", {"retry-after": str(retry_after_s)})


def streaming(*pieces: bytes, then: str = "stays") -> Callable[[], Response]:
    """A stream that says some bytes and then stays open, or ends, or breaks off in the middle."""

    async def said() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
        match then:
            case "stays":
                await asyncio.Event().wait()
            case "breaks":
                raise ConnectionAbortedError

    return lambda: StreamingResponse(said(), media_type="text/event-stream")


class Served:
    """The one server of the session; each test puts its own counterpart behind it."""

    url: str
    counterpart: Counterpart

    async def answer(self, request: Request) -> Response:
        return await self.counterpart.answer(request)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    served = Served()
    application = Starlette(routes=[Route("/{path:path}", served.answer, methods=["GET", "POST", "PATCH", "DELETE"])])
    config = uvicorn.Config(
        application, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1, access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield served
        server.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def counterpart(served) -> Counterpart:
    served.counterpart = Counterpart(served.url)
    return served.counterpart


@pytest.fixture
def run(counterpart, monkeypatch):
    """Runs `babbitt` against the counterpart."""
    for name in ("BABBITT_KEY", "BABBITT_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    environment = {"BABBITT_URL": counterpart.url, "BABBITT_KEY": KEY, "NO_COLOR": "1"}

    def run(*arguments: object, env: dict[str, str] | None = None):
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env=env or environment)

    return run


@pytest.fixture
def folder(tmp_path):
    """A folder to import, beside its mapping."""
    (tmp_path / "recordings").mkdir()
    return tmp_path / "recordings"


@pytest.fixture
def import_(folder, run):
    """A function: import the folder, or another source, by a mapping."""

    def run_import(*options, source=folder, mapping=MAPPING):
        (folder.parent / "mapping.yaml").write_text(mapping)
        return run("datasets", "import", source, "--mapping", folder.parent / "mapping.yaml", *options)

    return run_import


def put(path, samples=6_000, of=np.float32):
    path.parent.mkdir(exist_ok=True, parents=True)
    np.save(path, np.full(samples, ord(path.name[0]), of))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def looked_at(result):
    """What a dry run printed as JSON."""
    return json.loads(result.stdout)


class Client:
    """Either client, asked in one way: a list is a list, an iteration a list of the first so many."""

    def __init__(self, url: str, kind: str) -> None:
        self._url = url
        self._kind = kind

    async def __call__(self, name: str, *args, **kwargs):
        if self._kind == "blocking":
            return await asyncio.to_thread(self._blocking, name, args, kwargs)
        async with AsyncBabbitt(self._url, KEY, retries=QUICK, reconnects=QUICK) as babbitt:
            answer = getattr(babbitt, name)(*args, **kwargs)
            return [item async for item in answer] if hasattr(answer, "__aiter__") else await answer

    def _blocking(self, name, args, kwargs):
        with Babbitt(self._url, KEY, retries=QUICK, reconnects=QUICK) as babbitt:
            answer = getattr(babbitt, name)(*args, **kwargs)
            return list(answer) if hasattr(answer, "__next__") else answer

    async def events(self, most: int, **kwargs) -> list:
        if self._kind == "blocking":
            return await asyncio.to_thread(self._blocking_events, most, kwargs)
        found = []
        async with (
            AsyncBabbitt(self._url, KEY, retries=QUICK, reconnects=QUICK) as babbitt,
            babbitt.events(**kwargs) as events,
        ):
            async for event in events:
                found.append(event)
                if len(found) == most:
                    break
        return found

    def _blocking_events(self, most, kwargs):
        found = []
        with (
            Babbitt(self._url, KEY, retries=QUICK, reconnects=QUICK) as babbitt,
            babbitt.events(**kwargs) as events,
        ):
            for event in events:
                found.append(event)
                if len(found) == most:
                    break
        return found


@pytest.fixture(params=["blocking", "async"])
def client(request, counterpart) -> Client:
    return Client(counterpart.url, request.param)
