"""
YAML and JSON files written by people: plain values, and where each was written.

What is wrong in one is told with its line and column, all of it at once, as the
configuration's own problems are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from reconciler.errors import ConfigError, Location, Problem
from reconciler.sandbox.document import Place

Model = TypeVar("Model", bound=BaseModel)


class Written:
    """One file, read: its value, and the place of every part of it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        loader = yaml.CSafeLoader(_text(path))
        try:
            node = loader.get_single_node()
            self.value: Any = None if node is None else loader.construct_document(node)
        except yaml.YAMLError as error:
            raise ConfigError([self._unreadable(error)]) from None
        finally:
            loader.dispose()
        self._places = {} if node is None else dict(_places(node, ()))

    def read_as(self, model: type[Model]) -> Model:
        """Read the value as a document; every field that does not fit is a problem."""
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False, include_context=False)
            raise ConfigError(
                self.problem(detail["loc"], detail["msg"]) for detail in details
            ) from None

    def problem(self, place: Place, message: str) -> Problem:
        """A problem at a place of the value, or at the nearest part around it that was written."""
        nearest = place
        while nearest not in self._places and nearest:
            nearest = nearest[:-1]
        line, column = self._places.get(nearest, (1, 1))
        path = ".".join(str(part) for part in place)
        return Problem(Location(self._path, line, column), f"{path}: {message}")

    def _unreadable(self, error: yaml.YAMLError) -> Problem:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = getattr(error, "problem", None) or "this is not YAML"
        return Problem(Location(self._path, line, column), message)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        message = f"cannot be read: {reason}"
        raise ConfigError([Problem(Location(str(path), 1, 1), message)]) from None


def _places(node: yaml.Node, place: Place) -> Iterator[tuple[Place, tuple[int, int]]]:
    yield place, (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _places(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _places(value, (*place, index))
