"""What a YAML file says, before anybody asks what it means: each piece with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol, TypeAlias

from reconciler.errors import Location

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Mark(Protocol):
    """A place as YAML's readers count it: lines and columns from zero."""

    @property
    def name(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Written(NamedTuple):
    """A mark of our own making."""

    name: str
    line: int
    column: int


NOWHERE = Written("", 0, 0)
"""The mark of a value that stands in no file."""


def location(mark: Mark) -> Location:
    """Tell a place as people count, from one. Made when it is told: few of a file's places are."""
    return Location(mark.name, mark.line + 1, mark.column + 1)


@dataclass(slots=True, eq=False)
class Scalar:
    """
    One piece of text; what it means is for the schema to say.

    `plain` tells `null` from `"null"`: it was written without quotes. `mark` is
    where it begins, `key`, of a value in a mapping, where its key does; files are
    named there relative to the main file's folder.
    """

    text: str
    plain: bool
    mark: Mark = NOWHERE
    key: Mark = NOWHERE

    size: ClassVar[int] = 1

    @property
    def location(self) -> Location:
        return location(self.mark)

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in NULLS


@dataclass(slots=True, eq=False)
class Sequence:
    """A list. `size` counts the nodes it stands for, aliases written out, itself included."""

    mark: Mark = NOWHERE
    key: Mark = NOWHERE
    items: list[Node] = field(default_factory=list)
    size: int = 1

    @property
    def location(self) -> Location:
        return location(self.mark)


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping in the order of the file: each key's text, its value. `size` is as for a list."""

    mark: Mark = NOWHERE
    key: Mark = NOWHERE
    entries: dict[str, Node] = field(default_factory=dict)
    size: int = 1

    @property
    def location(self) -> Location:
        return location(self.mark)


Container: TypeAlias = Sequence | Mapping
Node: TypeAlias = Scalar | Sequence | Mapping
