"""
A connection to PostgreSQL on which nobody waits for ever.

A server whose disk stands still, or a pooler whose server has gone, keeps every connection
alive and answers nothing. TCP sees no fault in that, and the server's own limits need a
server that works: only who asked can stop waiting.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from psycopg import Connection, OperationalError


class Answering(Connection):
    """A connection that is given up where an answer takes longer than `seconds` (None: never)."""

    seconds: float | None = None

    def wait(self, gen: Generator[Any, Any, Any], *more: Any, **named: Any) -> Any:  # noqa: ANN401 - as the library has it
        """Go on with what was asked until it is answered."""
        return super().wait(self._in_time(gen), *more, **named)

    def _in_time(self, asked: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        seconds = self.seconds
        ends = None if seconds is None else time.monotonic() + seconds
        try:
            wanted = next(asked)
            while True:
                # Nothing, several times a second, while there is nothing to read.
                ready = yield wanted
                if not ready and ends is not None and time.monotonic() > ends:
                    self.close()
                    raise OperationalError(f"no answer within {seconds:g} s")
                wanted = asked.send(ready)
        except StopIteration as end:
            return end.value
