"""The shared state, asked from outside: who sits where, under which fence, and which passes ran."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.bench.fleet.audit import Seat

GLANCE_SECONDS = 0.2
SEATS = """
    SELECT tenant, fence, since, host FROM leases WHERE name = 'seat' AND nonce IS NOT NULL
"""
PASSES = """
    SELECT tenant, split_part(holder, ':', 1), verdict, started_at, finished_at FROM passes
"""
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass on record; `finished` is None while it is in hand, or was lost."""

    host: str
    verdict: str
    started: float
    finished: float | None
    tenant: str


class Ledger:
    """
    Reads the state's tables, and keeps every seat it has ever seen.

    Tenants are told by their address, without the port that all share.
    """

    def __init__(self, url: str) -> None:
        self._sql = psycopg.connect(url, autocommit=True)
        self._seen: set[Seat] = set()

    def close(self) -> None:
        self._sql.close()

    def seats(self) -> dict[str, Seat]:
        """Who sits at which tenant now."""
        seats = [
            Seat(_address(tenant), fence, since / MICROSECONDS, host)
            for tenant, fence, since, host in self._rows(SEATS)
        ]
        self._seen.update(seats)
        return {seat.tenant: seat for seat in seats}

    @property
    def seen(self) -> frozenset[Seat]:
        """All seats that were ever seen."""
        return frozenset(self._seen)

    def passes(self) -> list[Pass]:
        return [
            Pass(
                tenant=_address(tenant),
                host=host,
                verdict=verdict,
                started=started / MICROSECONDS,
                finished=None if finished is None else finished / MICROSECONDS,
            )
            for tenant, host, verdict, started, finished in self._rows(PASSES)
        ]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at the seats all the time, for as long as the block lasts."""
        stop = threading.Event()

        def look() -> None:
            while not stop.wait(GLANCE_SECONDS):
                self.seats()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        try:
            return self._sql.execute(query).fetchall()
        except psycopg.errors.UndefinedTable:
            return []  # no daemon has opened the state yet


def _address(tenant: str) -> str:
    return tenant.partition(":")[0]
