"""
The nouns that every other one is made of: who, how much, under which rule.

`declared`, `observed` and `desired` say what the files say, what the service
answered, and what follows from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from reconciler.errors import Location


class PrincipalType(StrEnum):
    """User ids and group ids are separate spaces: user 7 is not group 7."""

    USER = "user"
    GROUP = "group"


class Principal(NamedTuple):
    """
    Somebody a collection can be shared with, by Studio id. Groups sort before users.

    A tuple, because nothing is looked up more often: every share, several times.
    """

    type: PrincipalType
    id: int

    def __str__(self) -> str:
        return f"{self.type}:{self.id}"


class Permission(StrEnum):
    """The levels the endpoint lets us write, the lowest first."""

    VIEW = "view"
    EDIT = "edit"

    @property
    def rank(self) -> int:
        """Order of power: a higher rank may do all that a lower one may."""
        return _RANKS[self]


_RANKS = {permission: rank for rank, permission in enumerate(Permission)}


@dataclass(frozen=True, slots=True)
class Foreign:
    """A level the service answered that we do not write: `owner`, or a word unknown to us."""

    word: str

    def __str__(self) -> str:
        return self.word


Level: TypeAlias = Permission | Foreign


OWNER = Foreign("owner")


class Mode(StrEnum):
    """How far the file rules: only looks, only adds, or makes equal."""

    OBSERVE = "observe"
    ADDITIVE = "additive"
    AUTHORITATIVE = "authoritative"


class Status(StrEnum):
    """How an entry stands, in the plan's words."""

    OK = "ok"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning of the plan: something a person should know. It changes no exit status."""

    source: Location | None
    code: str
    message: str

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """By place in the files, those without one first."""
        where = self.source or Location("", 0, 0)
        return where.path, where.line, where.column, self.code, self.message
