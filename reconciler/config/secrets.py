"""Secrets: never written in the file, read when needed, never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.config.nodes import Mapping, Node, Scalar
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.scalars import Text
from reconciler.errors import ConfigError, Location, Problem

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_MOST_BYTES = 64 * 1024


class Secret:
    """A secret that has been read. Only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Tell the secret itself, for the one request that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


@dataclass(frozen=True, slots=True)
class SecretSource:
    """
    Where a secret is: in a variable, or in a file. Exactly one of the two is set.

    `location` is the place in the configuration as the person would open it.
    What was written is left out of repr and messages: people paste the secret there.
    """

    location: Location
    env: str | None = field(default=None, repr=False)
    file: Path | None = field(default=None, repr=False)

    def read(self, environment: MappingOf[str, str]) -> Secret:
        """Read it now. Raises ConfigError at its place, with the remedy."""
        text = self._from_file(self.file) if self.file else self._from_variable(environment)
        if not text:
            raise self._wrong(f"{self._named()} is empty; put the secret there")
        if any(not each.isprintable() for each in text):
            raise self._wrong(f"{self._named()} holds more than one line; leave only the secret")
        return Secret(text)

    def _from_variable(self, environment: MappingOf[str, str]) -> str:
        text = environment.get(self.env or "")
        if text is None:
            raise self._wrong(f"{self._named()} is not set; set it, or write {{file: PATH}}")
        return text.strip()

    def _from_file(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                return file.read(_MOST_BYTES).decode("utf-8").strip()
        except UnicodeDecodeError:
            raise self._wrong(f"{self._named()} is not UTF-8 text") from None
        except OSError as error:
            raise self._wrong(
                f"{self._named()} cannot be read: {error.strerror}; a path is relative to the"
                " folder of this file"
            ) from None

    def _named(self) -> str:
        if self.file:
            return "the secret's file"
        # A name all in capitals is a name; anything else may be the secret, pasted.
        name = f" {self.env}" if self.env and self.env.isupper() else " named here"
        return f"the environment variable{name}"

    def _wrong(self, message: str) -> ConfigError:
        return ConfigError([Problem(self.location, message)])


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """`{env: NAME}` or `{file: PATH}`. No message here repeats what was written."""

    noun: str

    def read(self, node: Node, reading: Reading) -> SecretSource:
        if not isinstance(node, Mapping):
            raise reading.refuse(
                node.location,
                f"{self.noun} is a secret and does not belong in a file;"
                " write {env: NAME} or {file: PATH}",
            )
        key, text = self._entry(node, reading)
        location = reading.root.clickable(node.location)
        if not text.isprintable():
            message = f"{key} under {self.noun} holds a control character; write it without"
            raise reading.refuse(node.location, message)
        if key == "file":
            return SecretSource(location, file=reading.root.typed.absolute() / text)
        if not _VARIABLE.fullmatch(text):
            message = f"env under {self.noun} must be the name of an environment variable"
            raise reading.refuse(node.location, message)
        return SecretSource(location, env=text)

    def _entry(self, node: Mapping, reading: Reading) -> tuple[str, str]:
        names = list(node.entries)
        value = node.entries[names[0]] if len(names) == 1 else None
        fits = isinstance(value, Scalar) and value.text and not value.is_null
        if names not in (["env"], ["file"]) or not fits or not isinstance(value, Scalar):
            message = f"{self.noun} must be {{env: NAME}} or {{file: PATH}}, one of them, no more"
            raise reading.refuse(node.location, message)
        return names[0], value.text

    def schema(self) -> JsonSchema:
        text = Text(self.noun).schema()
        return {
            "type": "object",
            "properties": {
                "env": {**text, "description": "Name of the environment variable it is in."},
                "file": {**text, "description": "Path of the file it is in."},
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
