"""A load client that costs little: prepared requests on keep-alive connections, one outstanding a connection."""

import asyncio
import time
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send which request, as raw HTTP/1.1 bytes."""

    host: str
    port: int
    request: bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gave."""

    seconds: float
    latencies_s: list[float]

    def summary(self) -> dict[str, float]:
        p50, p99 = np.percentile(self.latencies_s, (50, 99))
        rate = len(self.latencies_s) / self.seconds
        return {"rps": round(rate, 1), "p50_ms": round(p50 * 1e3, 3), "p99_ms": round(p99 * 1e3, 3)}


def post(path: str, body: bytes, *, content_type: str, headers: dict[str, str] | None = None) -> bytes:
    """A POST request as bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: bench",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def measure(target: Target, clients: int, seconds: float) -> Measured:
    """Send from `clients` connections for `seconds`.

    Raises:
        RuntimeError: an answer was not 200.
    """
    latencies: list[float] = []
    start = time.perf_counter()
    await asyncio.gather(*(_client(target, start + seconds, latencies) for _ in range(clients)))
    return Measured(time.perf_counter() - start, latencies)


async def _client(target: Target, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection(target.host, target.port, limit=1 << 20)
    try:
        while (sent := time.perf_counter()) < until:
            writer.write(target.request)
            status, body = await _answer(reader)
            if status != b"200":
                raise RuntimeError(f"answered {status.decode()}: {body[:300].decode(errors='replace')}")
            latencies.append(time.perf_counter() - sent)
    finally:
        writer.close()
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = head[9:12]
    lowered = head.lower()
    at = lowered.index(b"content-length:") + len(b"content-length:")
    length = int(lowered[at : lowered.index(b"\r\n", at)])
    return status, await reader.readexactly(length)
