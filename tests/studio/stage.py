"""A stage for the HTTP edge: a clock that only waits move, and a tenant of a few lines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx

from reconciler.studio.client import Reader, connect
from reconciler.studio.options import ClientOptions

HOST = "school.test"
OPTIONS = ClientOptions(base_url=f"https://{HOST}", requests_per_second=1000)
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Time:
    """A clock and a calendar that stand still but for sleeping."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.passed += seconds


class FixedTokens:
    """Tokens in a row: each refusal gives the next one."""

    remedy = "renew it"

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens or ["sesame"])

    def access(self) -> str:
        return self.tokens[0]

    def renew(self, refused: str) -> str:
        if self.tokens[0] == refused and len(self.tokens) > 1:
            self.tokens.pop(0)
        return self.tokens[0]


Handler = Callable[[httpx.Request], httpx.Response]
Fault = httpx.Response | Exception


class Faulty:
    """Answers with the faults first, one a request, then as the handler does."""

    def __init__(self, faults: Sequence[Fault], handler: Handler) -> None:
        self.faults = list(faults)
        self.handler = handler
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if not self.faults:
            return self.handler(request)
        fault = self.faults.pop(0)
        if isinstance(fault, Exception):
            raise fault
        return fault


def reader(
    handler: Handler,
    *,
    time: Time | None = None,
    options: ClientOptions = OPTIONS,
    tokens: FixedTokens | None = None,
    stop: threading.Event | None = None,
) -> Reader:
    """A reader of the tenant that the handler plays."""
    time = time or Time()
    return connect(
        options,
        tokens or FixedTokens(),
        stop=stop or threading.Event(),
        transport=httpx.MockTransport(handler),
        clock=time.clock,
        sleep=time.sleep,
        now=time.now,
    )


def collection(id: int, **fields: object) -> dict[str, object]:
    """A collection as the service writes it."""
    owner = {"id": 101, "full_name": "Ada", "email": "ada@school.test"}
    return {"id": id, "name": f"Course {id}", "type": "shared", "owner": owner, **fields}
