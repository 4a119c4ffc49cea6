"""
Logs: structlog to stderr, JSON a line or for a console, standard-library logs alike.

No secret gets through: values under telling names are replaced, and so is
whatever stands behind `Bearer`. Tracebacks show no local variables.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

REDACTED = "…"
_TELLING = re.compile(r"token|secret|password|authorization|cookie|api_key", re.IGNORECASE)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+")
_IN_QUERY = re.compile(r"(?i)\b(access_token|refresh_token|client_secret|code)=[^\s&\"']+")
_LEVELS = {-1: logging.WARNING, 0: logging.INFO}

EventDict = MutableMapping[str, Any]


def configure(log_format: str | None, verbosity: int) -> None:
    """Send all logs to stderr, in one form; called once by a command that logs."""
    console = log_format == "console" or (log_format is None and sys.stderr.isatty())
    level = logging.ERROR if verbosity < -1 else _LEVELS.get(verbosity, logging.DEBUG)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _console() if console else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Their everyday talk: URLs of every request, every job that a scheduler runs.
    for name in ("httpx", "httpcore", "apscheduler", "alembic", "procrastinate"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(True)


def _console() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def scrub(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Take secrets out of an event, by the name they stand under and by how they look."""
    return {key: _scrubbed(key, value) for key, value in event.items()}


def _scrubbed(key: str, value: object) -> object:
    if _TELLING.search(key) and isinstance(value, str | bytes):
        return REDACTED
    if isinstance(value, str):
        value = _BEARER.sub(rf"\1 {REDACTED}", value)
        return _IN_QUERY.sub(rf"\1={REDACTED}", value)
    if isinstance(value, Mapping):
        return {name: _scrubbed(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(key, each) for each in value]
    return value
