"""Clients that ask a service without a pause, each its next request as soon as it has an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from time import perf_counter

import numpy as np

__all__ = ["Load", "ask_all", "request_bytes"]


@dataclass(frozen=True, slots=True)
class Load:
    """How a service did: seconds of each request, and how many had another status than 200."""

    seconds: float
    latencies: Sequence[float]
    n_errors: int

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the time in which this share of the requests was answered."""
        return float(np.quantile(np.array(self.latencies), share)) * 1000


def request_bytes(path: str, body: bytes) -> bytes:
    """Return a request as it goes over the wire, on a connection that stays open."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def ask_all(
    port: int,
    requests: Sequence[bytes],
    n: int,
    *,
    clients: int,
    check: Callable[[bytes], bool] | None = None,
) -> Load:
    """Send so many requests with so many clients; an answer that fails the check counts as an error."""
    return asyncio.run(_ask_all(port, islice(cycle(requests), n), clients, check))


async def _ask_all(
    port: int, requests: Iterator[bytes], clients: int, check: Callable[[bytes], bool] | None
) -> Load:
    loop = asyncio.get_running_loop()
    asking = [_Client(requests, check, loop.create_future()) for _ in range(clients)]
    begin = perf_counter()
    for client in asking:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(client.done for client in asking))
    seconds = perf_counter() - begin
    latencies = [latency for client in asking for latency in client.latencies]
    return Load(seconds, latencies, sum(client.n_errors for client in asking))


class _Client(asyncio.Protocol):
    """One connection; as little work as possible, since it shares the machine with the service."""

    def __init__(
        self, requests: Iterator[bytes], check: Callable[[bytes], bool] | None, done: asyncio.Future[None]
    ) -> None:
        self.done, self.latencies, self.n_errors = done, list[float](), 0
        self._requests, self._check = requests, check
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._begin = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            return
        self.latencies.append(perf_counter() - self._begin)
        right = head.startswith(b"HTTP/1.1 200") and (self._check is None or self._check(body))
        self.n_errors += not right
        self._answer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.n_errors += exc is not None
        self.done.set_result(None)
