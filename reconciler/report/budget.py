"""A text kept under a size, whole rows at a time, with an exact account of what did not fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    Rows of one kind, between an opening and a closing that are there if any row is.

    `most` keeps one part from taking the room of those behind it.
    """

    kind: str
    rows: tuple[str, ...]
    opening: str = ""
    closing: str = ""
    most: int | None = None


def size(text: str) -> int:
    """
    Count in UTF-16 units, where a character beyond the first 65,536 is two.

    Whoever counts in characters finds no more than this.
    """
    return len(text) + sum(char > "\uffff" for char in text)


@dataclass(slots=True)
class Budget:
    """Takes parts while there is room. What comes first is kept first."""

    room: int
    pieces: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def take_all(self, parts: Iterable[Part]) -> None:
        for part in parts:
            self._take(part)

    def _take(self, part: Part) -> None:
        frame = size(part.opening) + size(part.closing)
        room = self.room if part.most is None else min(self.room, part.most)
        kept = self._fitting(part.rows, room - frame)
        self.left_out[part.kind] += len(part.rows) - len(kept)
        if kept:
            self.pieces += [part.opening, *kept, part.closing]
            self.room -= frame + sum(map(size, kept))

    @staticmethod
    def _fitting(rows: tuple[str, ...], room: int) -> list[str]:
        kept = []
        for row in rows:
            if (room := room - size(row)) < 0:
                break
            kept.append(row)
        return kept

    @property
    def text(self) -> str:
        return "".join(self.pieces)
