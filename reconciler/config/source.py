"""
Text to plain values with a place for every key and value.

Reads libyaml's stream of events and builds the values itself, because
`yaml.load` keeps no places, loses duplicate keys, and guesses types (`on`,
`010`, `12:30:45`). Here all scalars stay text; the schema decides.

The file comes from whoever may propose a change: it is refused before it can
cost more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import yaml

from reconciler.config.build import Builder
from reconciler.config.nodes import Node, Scalar
from reconciler.config.problems import Problems, Unusable
from reconciler.errors import Location, ReconcilerError

MOST_BYTES = 16 * 1024 * 1024

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(data: bytes, path: str, problems: Problems) -> Node | None:
    """
    Read one file; `path` is how its places are named.

    None says that there is nothing to go on with, and the problem is told.
    """
    if len(data) > MOST_BYTES:
        limit = f"{MOST_BYTES // 1024 // 1024} MiB"
        problems.add(Location(path, 1, 1), f"the file is larger than {limit}; split it by include")
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        problems.add(_end_of(before, path), "the file is not UTF-8 text; save it as UTF-8")
        return None
    return _parse(data, path, problems)


def _parse(data: bytes, path: str, problems: Problems) -> Node | None:
    try:
        root = Builder(problems).build(_events(data, path))
    except Unusable:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = ", ".join(each for each in (error.context, error.problem) if each)
        problems.add(Location(path, line, column), f"this is not YAML: {what}")
        return None
    except yaml.YAMLError:
        text = data.decode("utf-8")
        bad = _UNPRINTABLE.search(text)
        place = _end_of(text[: bad.start()] if bad else "", path)
        problems.add(place, "a character here is not allowed in YAML; remove it, or escape it")
        return None
    if root is None or (isinstance(root, Scalar) and root.is_null):
        problems.add(Location(path, 1, 1), "the file is empty")
        return None
    return root


class _Named(BytesIO):
    """Bytes with the name that libyaml gives to every place in them."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def _events(data: bytes, path: str) -> Iterator[Any]:
    if not yaml.__with_libyaml__:
        raise ReconcilerError(
            "PyYAML was built without libyaml, and would be twenty times slower",
            remedy="install the PyYAML wheel of your platform, or libyaml and PyYAML again",
        )
    return iter(yaml.CSafeLoader(_Named(data, path)).get_event, None)


def _end_of(text: str, path: str) -> Location:
    """The place right after this beginning of a file."""
    lines = re.split("\r\n|[\n\r]", text)
    return Location(path, len(lines), len(lines[-1]) + 1)
