"""The `collections` section: which live collections the file rules, and how."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.config.nodes import Node
from reconciler.config.principals import User
from reconciler.config.problems import Problems
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.records import Fields, Keys, Record, optional, required
from reconciler.config.scalars import Boolean, Text, Whole, Word, scalar
from reconciler.config.shapes import ListOf, Placed
from reconciler.config.shares import ShareList
from reconciler.config.suggest import near_miss, shown
from reconciler.core.declared import DeclaredCollection, collection_key
from reconciler.core.model import Mode
from reconciler.errors import Location

MODE = Word({str(each): each for each in Mode}, "mode")


@dataclass(frozen=True, slots=True)
class SetName:
    """The name of a share set that exists."""

    def read(self, node: Node, reading: Reading) -> str:
        name = scalar(node, "a share set", reading).text
        if name not in reading.share_sets:
            hint = near_miss(name, sorted(reading.share_sets)) or "; no share sets are defined"
            raise reading.refuse(node.location, f"unknown share set {shown(name)}{hint}")
        return name

    def schema(self) -> JsonSchema:
        return Text("share set").schema()


class CollectionKeys(Keys):
    """One entry of `collections`."""

    name = required(Text("name"), "What it is called in Studio, exactly.")
    id = optional(Whole("id", 1), "Pins the entry to that live collection, whatever its name.")
    owner = optional(
        User("owner"), "Whose library it is created in, an id or an address; else the token's own."
    )
    create = optional(Boolean("create"), "Create it when it is missing; false reports it.", True)
    mode = optional(MODE, "Overrides the file's mode for this collection.")
    allow_empty = optional(
        Boolean("allow_empty"), "Let an empty list take every share away.", False
    )
    share_sets = optional(
        ListOf(Placed(SetName()), "share_sets"), "Names under `share_sets` to take shares from.", ()
    )
    shares = optional(ShareList("shares"), "Its own shares; they override those of a set.", ())


def _collection(fields: Fields) -> DeclaredCollection:
    return DeclaredCollection(
        name=fields[CollectionKeys.name],
        source=fields.location,
        mode=fields[CollectionKeys.mode] or fields.reading.mode,
        id=fields[CollectionKeys.id],
        owner=fields[CollectionKeys.owner],
        create=fields[CollectionKeys.create],
        allow_empty=fields[CollectionKeys.allow_empty],
        share_sets=_once(fields[CollectionKeys.share_sets], fields.reading),
        shares=fields[CollectionKeys.shares],
    )


def _once(names: Iterable[tuple[str, Location]], reading: Reading) -> tuple[str, ...]:
    first: dict[str, Location] = {}
    for name, location in names:
        if first.setdefault(name, location) is not location:
            message = f"share set {shown(name)} is taken twice; first at line {first[name].line}"
            reading.problems.add(location, message)
    return tuple(first)


COLLECTIONS = ListOf(Record(CollectionKeys, _collection, "a collection"), "collections")


def refuse_doubles(collections: Sequence[DeclaredCollection], problems: Problems) -> None:
    """Tell entries that can only be the same collection: one id, or one name and owner, twice."""
    by_id: dict[int, DeclaredCollection] = {}
    by_name: dict[str, DeclaredCollection] = {}
    for each in collections:
        if each.id is not None:
            if (first := by_id.setdefault(each.id, each)) is not each:
                _tell(each, first, f"the collection id {each.id} is listed twice", "", problems)
        elif (first := by_name.setdefault(collection_key(each), each)) is not each:
            told = f"the collection {shown(each.name)} is listed twice"
            _tell(each, first, told, "; tell them apart by id or owner", problems)


def _tell(
    second: DeclaredCollection,
    first: DeclaredCollection,
    told: str,
    hint: str,
    problems: Problems,
) -> None:
    problems.add(second.source, f"{told}; first at {first.source.short}{hint}")
