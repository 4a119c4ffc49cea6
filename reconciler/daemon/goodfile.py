"""
The last good configuration: what is in force while the files are broken.

Also across a restart: the texts of the last good files are saved, and taken up
when those on disk do not validate. Texts hold no secrets, only where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog

from reconciler.errors import ConfigError, Problem, StateError

log = structlog.get_logger()


class Digested(Protocol):
    """The texts of one configuration: with another digest they say something else."""

    @property
    def digest(self) -> str: ...


TextsT = TypeVar("TextsT", bound=Digested)
LoadedT = TypeVar("LoadedT")


@dataclass(frozen=True, slots=True)
class Source(Generic[TextsT, LoadedT]):
    """
    Where configurations come from: texts from disk, a meaning from texts.

    Both raise ConfigError with every problem they find.
    """

    gather: Callable[[], TextsT]
    interpret: Callable[[TextsT], LoadedT]


class Shelf(Protocol[TextsT]):
    """Where the last good texts outlive the process; raises StateError when it cannot be used."""

    def save(self, texts: TextsT) -> None: ...

    def recall(self) -> TextsT | None: ...


@dataclass(frozen=True, slots=True)
class Changed(Generic[LoadedT]):
    """The files are valid and say something else: this is in force now, that was."""

    before: LoadedT
    after: LoadedT


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The files are valid and, to the byte, what is in force."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The files are not valid: what was in force stays."""

    problems: tuple[Problem, ...]


class LastGood(Generic[TextsT, LoadedT]):
    """
    Holds the configuration in force, and why it is not the one on disk.

    Made at the start: where the files do not validate, the texts on the shelf
    are taken up. Raises the ConfigError about the files on disk when there are
    none, or none that are of use any more.

    The files say where the shelf is: `shelf` is given what they mean, None
    while they are broken. What it raises ends the start.
    """

    def __init__(
        self,
        source: Source[TextsT, LoadedT],
        shelf: Callable[[LoadedT | None], Shelf[TextsT]],
    ) -> None:
        self._source = source
        self._problems: tuple[Problem, ...] = ()
        self._saved: str | None = None
        self._refused: str | None = None
        try:
            self._texts = source.gather()
            self._refused = self._texts.digest
            self._in_force = source.interpret(self._texts)
        except ConfigError as error:
            self._shelf = shelf(None)
            recalled = self._recall()
            if recalled is None:
                raise
            self._texts, self._in_force = recalled
            self._refuse(error)
        else:
            self._shelf = shelf(self._in_force)
            self._save()

    @property
    def in_force(self) -> LoadedT:
        return self._in_force

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files on disk; empty when they are in force."""
        return self._problems

    def reload(self) -> Changed[LoadedT] | Unchanged | Kept:
        """
        Read the files again. What does not validate is told, and changes nothing.

        To be called when there is something to read: each call tells each problem.
        """
        self._refused = None
        try:
            texts = self._source.gather()
            self._refused = texts.digest
            loaded = self._source.interpret(texts)
        except ConfigError as error:
            return self._refuse(error)
        return self._take(texts, loaded)

    def retry(self) -> Changed[LoadedT] | Unchanged | Kept:
        """
        Try what was refused once more, silently, as long as it says the same.

        What it rests on may be another by now: its commit is signed, its signer
        listed. Other texts are left to `reload`, when whoever writes them is done.
        """
        try:
            texts = self._source.gather()
            if texts.digest != self._refused:
                return Kept(self._problems)
            loaded = self._source.interpret(texts)
        except ConfigError:
            return Kept(self._problems)
        return self._take(texts, loaded)

    def _take(self, texts: TextsT, loaded: LoadedT) -> Changed[LoadedT] | Unchanged:
        if self._problems:
            log.info("the configuration on disk is valid again")
        is_same = texts.digest == self._texts.digest
        before, self._in_force, self._texts, self._problems = self._in_force, loaded, texts, ()
        self._save()
        return Unchanged() if is_same else Changed(before, loaded)

    def _refuse(self, error: ConfigError) -> Kept:
        self._problems = error.problems
        for problem in error.problems:
            log.error(
                "the configuration on disk is not valid; the last good one stays in force",
                place=str(problem.location),
                problem=problem.message,
            )
        return Kept(error.problems)

    def _save(self) -> None:
        if self._texts.digest == self._saved:
            return
        try:
            self._shelf.save(self._texts)
        except StateError as error:
            # Tried again at the next reload; only a restart would miss it.
            log.warning("the last good configuration is not saved", error=str(error))
        else:
            self._saved = self._texts.digest

    def _recall(self) -> tuple[TextsT, LoadedT] | None:
        try:
            texts = self._shelf.recall()
            return None if texts is None else (texts, self._source.interpret(texts))
        except (ConfigError, StateError) as error:
            log.warning("the last good configuration cannot be taken up", error=str(error))
            return None
