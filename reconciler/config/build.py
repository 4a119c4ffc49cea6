"""
libyaml's events to nodes, within bounds that no file can argue with.

Depth and number of values are bounded, and an alias counts as all that it
stands for. What stands in for a value elsewhere (tags, merge keys, further
documents) is refused rather than guessed at.

This runs once for every word of a large file: what most values are, text in a
mapping, is made on the spot; the rest is left to methods of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any, ClassVar, NoReturn, TypeAlias

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.config.nodes import Container, Mapping, Node, Scalar, Sequence, location
from reconciler.config.problems import Problems, Unusable
from reconciler.config.suggest import shown

DEEPEST = 32
MOST_NODES = 2_000_000
MOST_BY_ALIAS = 200_000

# What their stubs say of events (no mark, perhaps, and no value) does not hold for libyaml's.
Event: TypeAlias = Any
_TEXT: type[Event] = ScalarEvent


class Builder:
    """One file's values in the making. `open` are the containers not yet ended, outermost first."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.events: Iterator[Event] = iter(())
        self.open: list[Container] = []
        self.anchors: dict[str, Node] = {}
        self.by_alias = 0

    def build(self, events: Iterable[Event]) -> Node | None:
        """
        Take all events and give the one document's value, None where there is none.

        Raises Unusable, the problem told, where reading cannot go on.
        """
        every = iter(events)
        too_many = map(partial(_one_too_many, self.problems), every)
        self.events = chain(islice(every, MOST_NODES + 1), too_many)
        root = None
        for event in self.events:
            if type(event) is DocumentStartEvent and root is not None:
                raise self._refused(event, "a second document starts here; a file holds one")
            if type(event) in self.TAKE:
                root = self.TAKE[type(event)](self, event)
        return root

    def _scalar(self, event: Event) -> Scalar:
        node = Scalar(event.value, not event.style, event.start_mark)
        self._note(event, node)
        return node

    def _mapping(self, event: Event) -> Mapping:
        node = Mapping(event.start_mark)
        self._enter(event, node)
        entries, events, inside = node.entries, self.events, 0
        for key in events:
            if type(key) is not _TEXT:
                if type(key) is MappingEndEvent:
                    break
                self._refuse_key(key)
            name = key.value
            if name == "<<" or key.anchor is not None or key.tag is not None:
                self._check_key(key)
            value: Node
            first = next(events)
            if type(first) is _TEXT and first.anchor is None and first.tag is None:
                value = Scalar(first.value, not first.style, first.start_mark, key.start_mark)
            else:
                value = self.TAKE[type(first)](self, first)
                value.key = key.start_mark
                inside += value.size - 1
            if name in entries:
                self._tell_twice(key, node)
            else:
                entries[name] = value
        node.size = 1 + 2 * len(entries) + inside
        self.open.pop()
        return node

    def _sequence(self, event: Event) -> Sequence:
        node = Sequence(event.start_mark)
        self._enter(event, node)
        items, size = node.items, 1
        for first in self.events:
            if type(first) is SequenceEndEvent:
                break
            item = self.TAKE[type(first)](self, first)
            items.append(item)
            size += item.size
        node.size = size
        self.open.pop()
        return node

    def _enter(self, event: Event, node: Container) -> None:
        if len(self.open) == DEEPEST:
            raise self._refused(event, f"nested deeper than {DEEPEST} levels")
        if event.anchor is not None or event.tag is not None:
            self._note(event, node)
        self.open.append(node)

    def _note(self, event: Event, node: Node) -> None:
        if event.tag is not None:
            # What stands there is not repeated: a secret, pasted, may begin with ! or *.
            told = "tags (!…) are not read; write the plain value"
            self.problems.add(location(event.start_mark), told)
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def _check_key(self, key: Event) -> None:
        self._scalar(key)
        if key.value == "<<" and not key.style:
            raise self._refused(key, 'merge keys ("<<") are not read; write the keys out')

    def _refuse_key(self, event: Event) -> NoReturn:
        if isinstance(event, AliasEvent):
            self._standing_for(event)
            raise self._refused(event, "a key must be text, not an alias")
        if len(self.open) == DEEPEST:
            raise self._refused(event, f"nested deeper than {DEEPEST} levels")
        raise self._refused(event, "a key must be text, not a list or a mapping")

    def _tell_twice(self, key: Event, mapping: Mapping) -> None:
        first = location(mapping.entries[key.value].key)
        told = f"the key {shown(key.value)} is written twice; first at line {first.line}"
        self.problems.add(location(key.start_mark), told)

    def _alias(self, event: Event) -> Node:
        node = self._standing_for(event)
        self.by_alias += node.size
        if self.by_alias > MOST_BY_ALIAS:
            told = f"aliases stand for more than {MOST_BY_ALIAS:,} values; use share sets"
            raise self._refused(event, told)
        return replace(node)  # what it holds is shared; the key it stands under is its own

    def _standing_for(self, event: Event) -> Node:
        node = self.anchors.get(event.anchor or "")
        if node is None:
            told = "this alias (*…) refers to nothing above; quote it if it is text"
            raise self._refused(event, told)
        if any(node is container for container in self.open):
            raise self._refused(event, "this alias (*…) refers to the value it is part of")
        return node

    def _refused(self, event: Event, message: str) -> Unusable:
        return self.problems.refuse(location(event.start_mark), message)

    TAKE: ClassVar[dict[type[Event], Callable[[Builder, Event], Node]]] = {
        ScalarEvent: _scalar,
        MappingStartEvent: _mapping,
        SequenceStartEvent: _sequence,
        AliasEvent: _alias,
    }
    """How the value that begins with an event is taken to its end."""


def _one_too_many(problems: Problems, event: Event) -> NoReturn:
    message = f"the file holds more than {MOST_NODES:,} values; split it by include"
    raise problems.refuse(location(event.start_mark), message)
