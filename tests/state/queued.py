"""The queue as whoever keeps its database sees it, and what they may do to it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import namedtuple_row


def sql(url: str, statement: str, *values: object) -> list[Any]:
    """The rows that a statement gives, where it gives any."""
    with psycopg.connect(url, row_factory=namedtuple_row) as connection:
        cursor = connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []


def jobs(url: str) -> list[Any]:
    return sql(url, "SELECT * FROM procrastinate_jobs ORDER BY id")


def waiting(url: str) -> list[Any]:
    """The jobs that nobody has begun."""
    return [each for each in jobs(url) if each.status == "todo"]


def bring_forward(url: str) -> None:
    """Let every pass that waits for its time be due."""
    sql(url, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def let_time_go_by(url: str) -> None:
    """Make the last sign of life of every worker half a minute older."""
    sql(url, "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '30 s'")
