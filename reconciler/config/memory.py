"""The `state` key: where the memory between passes is."""

from __future__ import annotations

import os
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from reconciler.config.nodes import Mapping, Node
from reconciler.config.reading import JsonSchema, Reading, Root
from reconciler.config.scalars import Text
from reconciler.config.secrets import SecretPlace, SecretSource
from reconciler.errors import ConfigError, Location, Problem

OVERRIDE = "RECONCILER_STATE"
DEFAULT = "reconciler.db"
_POSTGRES = "postgresql://"


@dataclass(frozen=True, slots=True)
class WrittenState:
    """What the file says: a path or a URL without password, or the variable that holds one."""

    location: Location
    text: str = field(default="", repr=False)
    source: SecretSource | None = None


@dataclass(frozen=True, slots=True)
class StatePlace:
    """A path, a postgresql:// URL without a password, or `{env: NAME}`."""

    noun: str

    def read(self, node: Node, reading: Reading) -> WrittenState:
        if isinstance(node, Mapping):
            return self._variable(node, reading)
        text = Text(self.noun).read(node, reading)
        if trouble := _trouble(text, written=True):
            raise reading.refuse(node.location, f"{self.noun} {trouble}")
        return WrittenState(node.location, text)

    def _variable(self, node: Mapping, reading: Reading) -> WrittenState:
        if "file" in node.entries:
            message = f"{self.noun} must be a path, a postgresql:// URL or {{env: NAME}}"
            raise reading.refuse(node.location, message)
        return WrittenState(node.location, source=SecretPlace(self.noun).read(node, reading))

    def schema(self) -> JsonSchema:
        variable = {**Text("env").schema(), "description": "Name of the variable it is in."}
        return {
            "anyOf": [
                Text(self.noun).schema(),
                {
                    "type": "object",
                    "properties": {"env": variable},
                    "required": ["env"],
                    "additionalProperties": False,
                },
            ]
        }


def _trouble(text: str, *, written: bool) -> str | None:
    """Say what is wrong with a path or URL; the text itself may hold a password."""
    if not text.isprintable():
        return "holds a control character; write it without"
    if "://" not in text:
        return None
    if not text.startswith(_POSTGRES):
        return f"is a path of a file, or begins with {_POSTGRES}"
    try:
        parts = urlsplit(text)
        password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        return "is not a URL that can be read; write postgresql://HOST/DATABASE"
    if written and password:
        return "holds a password, which does not belong in a file; write {env: NAME}"
    return None


def locate(
    written: WrittenState | None, root: Root, main: str, environment: MappingOf[str, str]
) -> str | Problem:
    """
    Say where the memory is, or why that cannot be said.

    That is a value, not an error: only who opens the state needs it, and the
    files may be checked where its variable is not set. A relative path below a
    folder reached through a link is refused: the link is swapped, the memory gone.
    """
    place = root.clickable(written.location if written else Location(main, 1, 1))
    if override := environment.get(OVERRIDE):
        return _usable(override, f"${OVERRIDE}", place)
    if written and written.source:
        return _from_variable(written.source, environment)
    text = written.text if written else DEFAULT
    if _is_path(text) and not Path(text).is_absolute() and _is_reached_by_link(root.typed):
        return Problem(place, _LINKED)
    return _absolute(text, root.typed.absolute())


_LINKED = (
    "this folder is reached through a link, and the state would be lost when the link is swapped;"
    f" write an absolute path as state, or set ${OVERRIDE}"
)


def _from_variable(source: SecretSource, environment: MappingOf[str, str]) -> str | Problem:
    try:
        text = source.read(environment).reveal()
    except ConfigError as error:
        return error.problems[0]
    return _usable(text, "state, from its variable,", source.location)


def _usable(text: str, noun: str, place: Location) -> str | Problem:
    if trouble := _trouble(text, written=False):
        return Problem(place, f"{noun} {trouble}")
    # A path from outside the file is the caller's: relative to where they stand.
    return _absolute(text, Path.cwd())


def _is_path(text: str) -> bool:
    return "://" not in text


def _absolute(text: str, folder: Path) -> str:
    return os.path.normpath(folder / text) if _is_path(text) else text


def _is_reached_by_link(folder: Path) -> bool:
    """
    Whether a link on the way may be swapped.

    Links right below the root (/tmp, /var, /home) are how some systems are laid out.
    """
    whole = folder.absolute()
    steps = (whole, *whole.parents)
    below_the_top = (step for step in steps if step.parent != step.parent.parent)
    return any(step.is_symlink() for step in below_the_top)
