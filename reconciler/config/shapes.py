"""
What a value may look like: one description that both reads it and tells editors about it.

A shape reads a node, and says the same as JSON Schema, so that the reader and
the schema cannot drift apart. A value that cannot be used has its problem told
and is left out, and reading goes on: all problems of all files come out at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from reconciler.config.nodes import Mapping, Mark, Node, Scalar, Sequence, location
from reconciler.config.problems import Unusable
from reconciler.config.reading import JsonSchema, Reading
from reconciler.errors import Location

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Shape(Protocol[T_co]):
    """Reads a node as a T, or tells the problem and raises Unusable."""

    def read(self, node: Node, reading: Reading) -> T_co: ...

    def schema(self) -> JsonSchema: ...


def instead(node: Node) -> str:
    """End of a sentence about a node of the wrong kind."""
    if isinstance(node, Sequence):
        return ", not a list"
    if isinstance(node, Mapping):
        return ", not a mapping"
    return ", and has no value" if node.is_null else ", not a single value"


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list; an item that cannot be used is left out once told."""

    item: Shape[T]
    noun: str

    def read(self, node: Node, reading: Reading) -> tuple[T, ...]:
        if not isinstance(node, Sequence):
            hint = "; write [] for none" if isinstance(node, Scalar) and node.is_null else ""
            raise reading.refuse(node.location, f"{self.noun} must be a list{instead(node)}{hint}")
        read = self.item.read
        items: list[T] = []
        for each in node.items:
            try:
                items.append(read(each, reading))
            except Unusable:  # told; the others are read all the same
                continue
        return tuple(items)

    def schema(self) -> JsonSchema:
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """A value of a table with the place of its name; None where it was no good, and told."""

    value: T | None
    location: Location


@dataclass(frozen=True, slots=True)
class TableOf(Generic[T]):
    """A mapping whose keys are names that people choose."""

    value: Shape[T]
    noun: str

    def read(self, node: Node, reading: Reading) -> dict[str, Named[T]]:
        if not isinstance(node, Mapping):
            hint = "; write {} for none" if isinstance(node, Scalar) and node.is_null else ""
            message = f"{self.noun} must be a mapping{instead(node)}{hint}"
            raise reading.refuse(node.location, message)
        return {
            name: Named(self._value(value, reading), location(value.key))
            for name, value in node.entries.items()
            if self._is_name(name, value.key, reading)
        }

    def _is_name(self, name: str, mark: Mark, reading: Reading) -> bool:
        if not name:
            reading.problems.add(location(mark), f"a name in {self.noun} is empty")
        return bool(name)

    def _value(self, node: Node, reading: Reading) -> T | None:
        try:
            return self.value.read(node, reading)
        except Unusable:
            return None

    def schema(self) -> JsonSchema:
        return {"type": "object", "additionalProperties": self.value.schema()}


@dataclass(frozen=True, slots=True)
class OrNull(Generic[T]):
    """Null, which means off, or the shape."""

    shape: Shape[T]

    def read(self, node: Node, reading: Reading) -> T | None:
        if isinstance(node, Scalar) and node.is_null:
            return None
        return self.shape.read(node, reading)

    def schema(self) -> JsonSchema:
        return {"anyOf": [self.shape.schema(), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """The shape's value together with its place."""

    shape: Shape[T]

    def read(self, node: Node, reading: Reading) -> tuple[T, Location]:
        return self.shape.read(node, reading), node.location

    def schema(self) -> JsonSchema:
        return self.shape.schema()
