"""Waiting for what other threads and processes bring about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 120.0
"""Seconds after which what has not come never will, on the busiest of machines."""


def until(true: Callable[[], object]) -> None:
    """Wait for this to be so; fail where it never is."""
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)
