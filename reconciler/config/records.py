"""Mappings with known keys: each key written down once, for the reader and the JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar, cast, overload

from reconciler.config.nodes import Mapping, Node, Scalar, location
from reconciler.config.problems import Unusable
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.shapes import Shape, instead
from reconciler.config.suggest import closest, near_miss, shown
from reconciler.errors import Location

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_NONE: AbstractSet[str] = frozenset()


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

    def __init__(self, node: Mapping, reading: Reading, meant: AbstractSet[str]) -> None:
        self.node = node
        self.reading = reading
        self._meant = meant
        self._values: dict[str, object] = {}

    @property
    def location(self) -> Location:
        return self.node.location

    def __getitem__(self, key: Key[T]) -> T:
        """Tell the value; the default where the key is absent, or its value no good."""
        return cast("T", self._values.get(key.name, key.default))

    def has(self, key: Key[T]) -> bool:
        """Whether the key was written, its value good or not; a near miss counts, being told."""
        return key.name in self.node.entries or key.name in self._meant

    def at(self, key: Key[T]) -> Location:
        """Where the value stands; without one, where the mapping does."""
        return self.node.entries.get(key.name, self.node).location

    def refuse(self, key: Key[T], message: str) -> Unusable:
        return self.reading.refuse(self.at(key), message)

    def read(self, key: Key[T], reading: Reading) -> T:
        """Read one value now, by what is known now."""
        self.take(key.name, key, reading)
        return self[key]

    def take(self, name: str, key: Key[T], reading: Reading) -> None:
        value = self.node.entries.get(name)
        if value is None:
            return
        try:
            self._values[name] = key.shape.read(value, reading)
        except Unusable:
            # Told already: the default stands in, and the rest is read.
            return

    def all_usable(self, names: Iterable[str]) -> bool:
        return all(name in self._values for name in names)


class Record(Generic[T]):
    """
    A mapping with known keys, made into a T.

    `foreign` says of a key where else it belongs; `constraints` is what JSON
    Schema can say of keys together.
    """

    def __init__(
        self,
        keys: type[Keys],
        make: Callable[[Fields], T],
        noun: str,
        *,
        foreign: Callable[[str], str | None] = lambda _: None,
        constraints: JsonSchema | None = None,
    ) -> None:
        self.known = keys.all()
        self.make = make
        self.noun = noun
        self.foreign = foreign
        self.constraints = constraints or {}
        self.needed = tuple(name for name, key in self.known.items() if key.required)

    def read(self, node: Node, reading: Reading) -> T:
        fields = self.open(node, reading)
        for name in fields.node.entries:
            if key := self.known.get(name):
                fields.take(name, key, reading)
        if not fields.all_usable(self.needed):
            raise Unusable
        return self.make(fields)

    def open(self, node: Node, reading: Reading) -> Fields:
        """Check the keys, and leave the values to be read one by one."""
        if type(node) is not Mapping:
            is_null = isinstance(node, Scalar) and node.is_null
            hint = "; write its keys below it, or leave it out" if is_null else ""
            message = f"{self.noun} must be a mapping{instead(node)}{hint}"
            raise reading.refuse(node.location, message)
        written = node.entries.keys()
        meant = _NONE if written <= self.known.keys() else self._strangers(node, reading)
        for name in self.needed:
            if name not in written and name not in meant:
                reading.problems.add(node.location, f"{self.noun} needs the key {shown(name)}")
        return Fields(node, reading, meant)

    def _strangers(self, node: Mapping, reading: Reading) -> AbstractSet[str]:
        """Tell of all unknown keys; give the known ones that were probably meant."""
        strangers = {name: each for name, each in node.entries.items() if name not in self.known}
        return {
            self._stranger(name, location(each.key), reading) for name, each in strangers.items()
        }

    def _stranger(self, name: str, place: Location, reading: Reading) -> str:
        """Tell of an unknown key; give the key that was probably meant, else its own name."""
        told = f"unknown key {shown(name)} in {self.noun}"
        elsewhere = self.foreign(name)
        hint = f"; {elsewhere}" if elsewhere else near_miss(name, self.known)
        reading.problems.add(place, told + hint)
        return closest(name, self.known) or name

    def schema(self) -> JsonSchema:
        return {
            "type": "object",
            "properties": {name: key.schema() for name, key in self.known.items()},
            **({"required": list(self.needed)} if self.needed else {}),
            "additionalProperties": False,
            **self.constraints,
        }
