"""What a YAML file says, before anybody asks what it means: each piece with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from reconciler.errors import Location

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, eq=False)
class Scalar:
    """
    One piece of text; what it means is for the schema to say.

    `plain` tells `null` from `"null"`: it was written without quotes. Lines and
    columns count from one, `path` is relative to the main file's folder.
    """

    text: str
    plain: bool
    path: str
    line: int
    column: int

    size: ClassVar[int] = 1

    @property
    def location(self) -> Location:
        return Location(self.path, self.line, self.column)

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in NULLS


@dataclass(slots=True, eq=False)
class Sequence:
    """A list. `size` counts the nodes it stands for, aliases written out, itself included."""

    path: str
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    size: int = 1

    @property
    def location(self) -> Location:
        return Location(self.path, self.line, self.column)


@dataclass(slots=True, eq=False)
class Mapping:
    """
    A mapping in the order of the file: each key's text, with the key's own node and its value.

    `waiting` is the key whose value has not been read yet; `size` is as for a list.
    """

    path: str
    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    waiting: Scalar | None = None
    size: int = 1

    @property
    def location(self) -> Location:
        return Location(self.path, self.line, self.column)


Container: TypeAlias = Sequence | Mapping
Node: TypeAlias = Scalar | Sequence | Mapping
