"""A connection of Procrastinate's that asks again before it gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, LiteralString, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation

TRIES: Final = 3
PAUSE: Final = 1.0
"""Seconds between two tries."""

Answer = TypeVar("Answer")


class PatientConnector(PsycopgConnector):
    """
    Asks the database again before an error ends the worker, and with it its signs of life.

    It may be away for a moment; and of two workers that take jobs of one lock at
    once, one is refused.
    """

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:  # noqa: ANN401 - as it is
        ask = super().execute_query_async
        await _patiently(lambda: ask(query, **arguments))

    async def execute_query_one_async(
        self,
        query: LiteralString,
        **arguments: Any,  # noqa: ANN401 - as it is
    ) -> dict[str, Any]:
        ask = super().execute_query_one_async
        return await _patiently(lambda: ask(query, **arguments))

    async def execute_query_all_async(
        self,
        query: LiteralString,
        **arguments: Any,  # noqa: ANN401 - as it is
    ) -> list[dict[str, Any]]:
        ask = super().execute_query_all_async
        return await _patiently(lambda: ask(query, **arguments))


async def _patiently(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except ConnectorException as error:
            if not _passes(error):
                raise
        await asyncio.sleep(PAUSE)
    return await ask()


def _passes(error: ConnectorException) -> bool:
    is_away = isinstance(error.__cause__, psycopg.OperationalError)
    return is_away or isinstance(error, UniqueViolation)
