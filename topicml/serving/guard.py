"""Around every request: who asks, how much at once, how long, and what is counted and logged of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from topicml.serving.limits import ApiKeys, Limits
from topicml.serving.metrics import Metrics
from topicml.serving.problems import RequestError, problem_response

OPEN = frozenset(
    {
        "/",
        "/desk",
        "/docs",
        "/openapi.json",
        "/health/live",
        "/health/ready",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
    }
)
"""Paths that need no key, and are answered however much is going on."""

_log = logging.getLogger("topicml.serving")
_CLOSE = {"Connection": "close"}  # the rest of the body is not read


@dataclass(slots=True)
class Exchange:
    """A request on its way, and what the log and the counts are to say of it."""

    scope: Scope
    receive: Receive
    send: Send
    max_bytes: int
    n_bytes: int = 0
    body_read: bool = False
    status: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    async def bounded_receive(self) -> Message:
        """Receive a part of the body; one byte too many is an error."""
        message = await self.receive()
        self.n_bytes += len(message.get("body", b""))
        self.body_read = not message.get("more_body", False)
        if self.n_bytes > self.max_bytes:
            raise too_long(self.max_bytes)
        return message

    async def noting_send(self, message: Message) -> None:
        """Send a part of the answer; its first part has the status."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self.send(message)

    @property
    def route(self) -> str:
        """The pattern of the path, which no client can choose freely."""
        return getattr(self.scope.get("route"), "path", "other")


class Guard:
    """Stands before the application: refuses what is too much, and answers where the application failed."""

    def __init__(self, app: ASGIApp, *, limits: Limits, keys: ApiKeys, metrics: Metrics) -> None:
        self._app, self._limits, self._keys, self._metrics = app, limits, keys, metrics
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass on what the server says of its start and end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = perf_counter()
        exchange = Exchange(scope, receive, send, self._limits.body_bytes)
        scope["topicml.facts"] = exchange.facts
        error = await self._error_of(exchange)
        if error is not None and not exchange.status:
            await problem_response(error)(scope, receive, exchange.noting_send)
        self._note(exchange, perf_counter() - begin)

    async def _error_of(self, exchange: Exchange) -> RequestError | None:
        """Answer a request; return an error that the application has not answered itself."""
        counted = exchange.scope["path"] not in OPEN
        if counted:
            refused = self._refused(Headers(scope=exchange.scope))
            if refused is not None:
                return refused
            self._in_hand += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._app(exchange.scope, exchange.bounded_receive, exchange.noting_send)
        except TimeoutError:
            return _too_slow(self._limits.seconds, body_read=exchange.body_read)
        except RequestError as error:
            return error
        except ClientDisconnect:
            return RequestError(400, "the client left before its body was whole")
        except Exception:  # noqa: BLE001  (whatever it is, the next request is not concerned)
            _log.exception("request failed", extra={"facts": {"route": exchange.route}})
            return RequestError(500, "the service failed on this request; its log says where")
        finally:
            self._in_hand -= counted
        return None

    def _refused(self, headers: Headers) -> RequestError | None:
        if self._keys and not self._keys.allow(_key(headers)):
            told = "expected an API key in the header Authorization: Bearer KEY, found none that is known"
            return RequestError(401, told, headers={"WWW-Authenticate": "Bearer"})
        if self._in_hand >= self._limits.requests:
            told = f"{self._in_hand:,} requests are being answered, which is the limit: try again in a second"
            return RequestError(429, told, headers={"Retry-After": "1"})
        length = headers.get("content-length", "")
        return too_long(self._limits.body_bytes) if _above(length, self._limits.body_bytes) else None

    def _note(self, exchange: Exchange, seconds: float) -> None:
        self._metrics.answered(exchange.route, exchange.status, seconds)
        self._metrics.in_hand.set(self._in_hand)
        if _log.isEnabledFor(logging.INFO):
            told = {
                "method": exchange.scope["method"],
                "route": exchange.route,
                "status": exchange.status,
                "seconds": round(seconds, 6),
                "bytes": exchange.n_bytes,
            }
            _log.info("request", extra={"facts": told | exchange.facts})


def _key(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def too_long(max_bytes: int) -> RequestError:
    """Return the error for a body that is too long, after which the connection ends."""
    told = f"expected a body of at most {max_bytes:,} bytes, found a longer one: send fewer articles at once"
    return RequestError(413, told, headers=_CLOSE)


def _above(length: str, limit: int) -> bool:
    return length.isdecimal() and int(length[:20]) > limit


def _too_slow(seconds: float, *, body_read: bool) -> RequestError:
    if body_read:
        told = f"the answer took longer than {seconds:g} seconds: send fewer articles at once, or later"
        return RequestError(503, told, headers={"Retry-After": "1"})
    return RequestError(408, f"the body did not arrive in {seconds:g} seconds", headers=_CLOSE)
