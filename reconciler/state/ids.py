"""Ids of passes and plans: unique without asking anybody, and in order of time as text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from reconciler.state.schema import EPOCH

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U to misread
LENGTH: Final = 26
ENTROPY_BYTES: Final = 10


def new_id(now: datetime, entropy: bytes) -> str:
    """
    The ULID of an instant: 48 bits of milliseconds, then the ten bytes of entropy.

    Ids of different milliseconds sort by time. Raises `ValueError` on any other number
    of bytes, and before 1970.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"an id takes {ENTROPY_BYTES} bytes of entropy, not {len(entropy)}")
    milliseconds = (now - EPOCH) // timedelta(milliseconds=1)
    if milliseconds < 0:
        raise ValueError(f"{now} is before 1970")
    number = milliseconds << 8 * ENTROPY_BYTES | int.from_bytes(entropy)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
