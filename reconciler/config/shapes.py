"""
What a value may look like: one description that both reads it and tells editors about it.

A shape reads a node, and says the same as JSON Schema. Since keys are written
down once, as `Key`s of a `Keys` class, the reader and the schema cannot drift
apart. A value that cannot be used has its problem told and is left out, and
reading goes on, so that all problems of all files come out at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast, overload

from reconciler.config.nodes import Mapping, Node, Scalar, Sequence
from reconciler.config.problems import Unusable
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.suggest import near_miss, shown
from reconciler.errors import Location

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Shape(Protocol[T_co]):
    """Reads a node as a T, or tells the problem and raises Unusable."""

    def read(self, node: Node, reading: Reading) -> T_co: ...

    def schema(self) -> JsonSchema: ...


class Key(Generic[T_co]):
    """One key of a mapping: its shape, what it is about, and what its absence means."""

    name: str

    def __init__(self, shape: Shape[T_co], about: str, default: T_co, *, required: bool) -> None:
        self.shape = shape
        self.about = about
        self.default = default
        self.required = required

    def __set_name__(self, owner: type, name: str) -> None:
        # `from` is no name in Python; the key is.
        self.name = name.rstrip("_")

    def schema(self) -> JsonSchema:
        told: dict[str, object] = {**self.shape.schema(), "description": self.about}
        if isinstance(self.default, str | int) and not self.required:
            told["default"] = self.default
        return told


def required(shape: Shape[T], about: str) -> Key[T]:
    """A key that must be there."""
    # Never looked at: without this key its mapping is not made.
    return Key(shape, about, cast("T", None), required=True)


@overload
def optional(shape: Shape[T], about: str) -> Key[T | None]: ...
@overload
def optional(shape: Shape[T], about: str, default: T) -> Key[T]: ...
def optional(shape: Shape[T], about: str, default: T | None = None) -> Key[T] | Key[T | None]:
    """A key that may be left out, which then means the default."""
    return Key(shape, about, default, required=False)


class Keys:
    """The keys of one kind of mapping, as class attributes, in the order they are shown."""

    @classmethod
    def all(cls) -> dict[str, Key[object]]:
        classes = reversed(cls.__mro__)
        found = (each for owner in classes for each in vars(owner).values())
        return {key.name: key for key in found if isinstance(key, Key)}


class Fields:
    """The values of one mapping, each looked up by its key."""

    def __init__(self, node: Mapping, reading: Reading, keys: dict[str, Key[object]]) -> None:
        self.node = node
        self.reading = reading
        self._keys = keys
        self._values: dict[str, object] = {}

    @property
    def location(self) -> Location:
        return self.node.location

    def __getitem__(self, key: Key[T]) -> T:
        """Tell the value; the default where the key is absent, or its value no good."""
        return cast("T", self._values.get(key.name, key.default))

    def has(self, key: Key[T]) -> bool:
        """Whether the key was written, its value good or not."""
        return key.name in self.node.entries

    def usable(self, key: Key[T]) -> bool:
        return key.name in self._values

    def at(self, key: Key[T]) -> Location:
        """Where the value stands; without one, where the mapping does."""
        entry = self.node.entries.get(key.name)
        return entry[1].location if entry else self.location

    def refuse(self, key: Key[T], message: str) -> Unusable:
        return self.reading.refuse(self.at(key), message)

    def read(self, key: Key[T], reading: Reading) -> T:
        """Read one value now, by what is known now."""
        self.take(key.name, key, reading)
        return self[key]

    def take(self, name: str, key: Key[T], reading: Reading) -> None:
        entry = self.node.entries.get(name)
        if entry is None:
            return
        try:
            self._values[name] = key.shape.read(entry[1], reading)
        except Unusable:
            # Told already: the default stands in, and the rest is read.
            return

    def complete(self) -> bool:
        """Whether every required key has a good value."""
        return all(name in self._values for name, key in self._keys.items() if key.required)


@dataclass(frozen=True)
class Record(Generic[T]):
    """A mapping with known keys, made into a T. `foreign` says where a known stranger belongs."""

    keys: type[Keys]
    make: Callable[[Fields], T]
    noun: str
    foreign: Callable[[str], str | None] = lambda _: None
    constraints: JsonSchema | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", self.keys.all())

    @property
    def known(self) -> dict[str, Key[object]]:
        return cast("dict[str, Key[object]]", vars(self)["_known"])

    def read(self, node: Node, reading: Reading) -> T:
        fields = self.open(node, reading)
        known = self.known
        for name in fields.node.entries:
            if key := known.get(name):
                fields.take(name, key, reading)
        if not fields.complete():
            raise Unusable
        return self.make(fields)

    def open(self, node: Node, reading: Reading) -> Fields:
        """Check the keys, and leave the values to be read one by one."""
        if not isinstance(node, Mapping):
            raise reading.refuse(node.location, f"{self.noun} must be a mapping{_instead(node)}")
        known = self.known
        for name, (key, _) in node.entries.items():
            if name not in known:
                reading.problems.add(key.location, self._unknown(name))
        for name, needed in known.items():
            if needed.required and name not in node.entries:
                reading.problems.add(node.location, f"{self.noun} needs the key {shown(name)}")
        return Fields(node, reading, known)

    def _unknown(self, name: str) -> str:
        told = f"unknown key {shown(name)} in {self.noun}"
        elsewhere = self.foreign(name)
        return f"{told}; {elsewhere}" if elsewhere else told + near_miss(name, self.known)

    def schema(self) -> JsonSchema:
        needed = [name for name, key in self.known.items() if key.required]
        return {
            "type": "object",
            "properties": {name: key.schema() for name, key in self.known.items()},
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
            **(self.constraints or {}),
        }


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list; an item that cannot be used is left out once told."""

    item: Shape[T]
    noun: str

    def read(self, node: Node, reading: Reading) -> tuple[T, ...]:
        if not isinstance(node, Sequence):
            hint = "; write [] for none" if isinstance(node, Scalar) and node.is_null else ""
            raise reading.refuse(node.location, f"{self.noun} must be a list{_instead(node)}{hint}")
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
            message = f"{self.noun} must be a mapping{_instead(node)}{hint}"
            raise reading.refuse(node.location, message)
        return {
            name: Named(self._value(value, reading), key.location)
            for name, (key, value) in node.entries.items()
            if self._is_name(key, reading)
        }

    def _is_name(self, key: Scalar, reading: Reading) -> bool:
        if not key.text:
            reading.problems.add(key.location, f"a name in {self.noun} is empty")
        return bool(key.text)

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


def _instead(node: Node) -> str:
    if isinstance(node, Sequence):
        return ", not a list"
    if isinstance(node, Mapping):
        return ", not a mapping"
    return ", and has no value" if node.is_null else ", not a single value"
