"""
libyaml's events to nodes, within bounds that no file can argue with.

Depth and number of values are bounded, and an alias counts as all that it
stands for. What stands in for a value elsewhere (tags, merge keys, further
documents) is refused rather than guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.config.nodes import Container, Mapping, Node, Scalar, Sequence
from reconciler.config.problems import Problems, Unusable
from reconciler.config.suggest import shown
from reconciler.errors import Location

DEEPEST = 32
MOST_NODES = 2_000_000
MOST_BY_ALIAS = 200_000


class Builder:
    """One file's values in the making. `open` are the containers not yet ended, outermost first."""

    def __init__(self, path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self.open: list[Container] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.by_alias = 0

    def build(self, events: Iterable[Any]) -> Node | None:
        """
        Take all events and give the one document's value, None where there is none.

        Raises Unusable, the problem told, where reading cannot go on.
        """
        path, put = self.path, self._put
        for count, event in enumerate(events):
            kind = type(event)
            if kind is ScalarEvent:
                mark = event.start_mark
                node = Scalar(event.value, not event.style, path, mark.line + 1, mark.column + 1)
                if event.anchor is not None or event.tag is not None:
                    self._note(event.anchor, event.tag, node)
                put(node)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                put(self.open.pop())
            else:
                self._rare(event)
            if count > MOST_NODES:
                message = f"the file holds more than {MOST_NODES:,} values; split it by include"
                raise self._refused(event, message)
        return self.root

    def _rare(self, event: Event) -> None:
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._start(event)
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent) and self.root is not None:
            raise self._refused(event, "a second document starts here; a file holds one")

    def _put(self, node: Node) -> None:
        """Give a finished value its place in what is open around it."""
        if not self.open:
            self.root = node
            return
        around = self.open[-1]
        around.size += node.size
        if type(around) is Sequence:
            around.items.append(node)
        elif type(around) is Mapping:
            if around.waiting is None:
                around.waiting = self._key(node)
            else:
                self._enter(around, around.waiting, node)

    def _key(self, node: Node) -> Scalar:
        if type(node) is not Scalar:
            raise self.problems.refuse(node.location, "a key must be text, not a list or a mapping")
        if node.text == "<<" and node.plain:
            message = 'merge keys ("<<") are not read; write the keys out'
            raise self.problems.refuse(node.location, message)
        return node

    def _enter(self, mapping: Mapping, key: Scalar, node: Node) -> None:
        first = mapping.entries.setdefault(key.text, (key, node))[0]
        mapping.waiting = None
        if first is not key:
            told = f"the key {shown(key.text)} is written twice; first at line {first.line}"
            self.problems.add(key.location, told)

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        made = Mapping if isinstance(event, MappingStartEvent) else Sequence
        place = self._place(event)
        node = made(place.path, place.line, place.column)
        if len(self.open) == DEEPEST:
            raise self._refused(event, f"nested deeper than {DEEPEST} levels")
        if self._awaits_key():
            self._key(node)
        self._note(event.anchor, event.tag, node)
        self.open.append(node)

    def _note(self, anchor: str | None, tag: str | None, node: Node) -> None:
        if tag is not None:
            # What stands there is not repeated: a secret, pasted, may begin with ! or *.
            self.problems.add(node.location, "tags (!…) are not read; write the plain value")
        if anchor is not None:
            self.anchors[anchor] = node

    def _alias(self, event: AliasEvent) -> None:
        node = self.anchors.get(event.anchor or "")
        if node is None:
            raise self._refused(
                event, "this alias (*…) refers to nothing above; quote it if it is text"
            )
        if any(node is container for container in self.open):
            raise self._refused(event, "this alias (*…) refers to the value it is part of")
        if self._awaits_key():
            raise self._refused(event, "a key must be text, not an alias")
        self.by_alias += node.size
        if self.by_alias > MOST_BY_ALIAS:
            told = f"aliases stand for more than {MOST_BY_ALIAS:,} values; use share sets"
            raise self._refused(event, told)
        self._put(node)

    def _awaits_key(self) -> bool:
        around = self.open[-1] if self.open else None
        return isinstance(around, Mapping) and around.waiting is None

    def _place(self, event: Event) -> Location:
        mark = event.start_mark
        return (
            Location(self.path, mark.line + 1, mark.column + 1)
            if mark
            else Location(self.path, 1, 1)
        )

    def _refused(self, event: Event, message: str) -> Unusable:
        return self.problems.refuse(self._place(event), message)
