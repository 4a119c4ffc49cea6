"""Ports for what has to know its own before it listens, or listens on it again and again."""

from __future__ import annotations

import random
import socket
from typing import Final

UNASKED: Final = range(20_000, 32_000)
"""
Ports below those that systems hand out unasked.

Of those, one that is let go for a while may become the near end of somebody's
connection, even of one that somebody tries to make to it.
"""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = random.SystemRandom().choice(UNASKED)
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
