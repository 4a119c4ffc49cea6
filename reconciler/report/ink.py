"""Colour on a terminal: plain ANSI codes, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_RESET = "\x1b[0m"


class Tone(StrEnum):
    """What a colour stands for."""

    GIVES = "\x1b[32m"
    ALTERS = "\x1b[33m"
    TAKES = "\x1b[31m"
    HOLDS = "\x1b[35m"
    TITLE = "\x1b[1m"
    QUIET = "\x1b[2m"


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours text, or leaves it as it is when off. Spaces that fill a column stay plain."""

    on: bool

    def __call__(self, text: str, tone: Tone) -> str:
        seen = text.rstrip(" ")
        if not self.on or not seen:
            return text
        return f"{tone}{seen}{_RESET}{text[len(seen) :]}"
