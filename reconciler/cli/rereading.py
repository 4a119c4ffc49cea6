"""The daemon's files, read again and again: whom the ones in force trust judges the next."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from reconciler.config import files
from reconciler.config.files import Loaded, Texts
from reconciler.config.settings import Signers
from reconciler.daemon.goodfile import Source
from reconciler.errors import ConfigError, Location, Problem


@dataclass(frozen=True, slots=True)
class _Understood:
    """What texts came to: their meaning, or all that is wrong with them."""

    digest: str
    found_at_once: tuple[Problem, ...]
    outcome: Loaded | ConfigError

    def is_of(self, texts: Texts) -> bool:
        return (self.digest, self.found_at_once) == (texts.digest, texts.problems)


@dataclass(slots=True)
class Rereading:
    """
    One main file, as `LastGood` asks for it.

    Where the files in force ask for signed commits, the next ones must be signed
    by the same people, whatever they say themselves: else a commit could take
    the key away, or name a list of its own.

    Texts mean what their bytes say, in an environment that stays for the life of
    the process: those in force, and those looked at last, are not parsed again.
    Who signed them is asked each time.
    """

    path: Path
    sandbox: bool
    _in_force: _Understood | None = field(default=None, init=False)
    _latest: _Understood | None = field(default=None, init=False)

    def source(self) -> Source[Texts, Loaded]:
        return Source(partial(files.gather, self.path), self._interpret)

    def _interpret(self, texts: Texts) -> Loaded:
        self._latest = self._known(texts) or self._understood(texts)
        loaded = self._latest.outcome
        if isinstance(loaded, ConfigError):
            raise ConfigError(loaded.problems)
        if not texts.kept:
            self._verify(texts, loaded.settings.signers)
        self._in_force = self._latest
        return loaded.from_texts(texts)

    def _known(self, texts: Texts) -> _Understood | None:
        both = (self._in_force, self._latest)
        return next((each for each in both if each is not None and each.is_of(texts)), None)

    def _understood(self, texts: Texts) -> _Understood:
        outcome: Loaded | ConfigError
        try:
            outcome = files.interpret(texts, environment=os.environ, sandbox=self.sandbox)
        except ConfigError as error:
            outcome = ConfigError(error.problems)  # without the frames that led to it
        return _Understood(texts.digest, texts.problems, outcome)

    def _verify(self, texts: Texts, written: Signers | None) -> None:
        files.verify(texts, written)
        trusted = self._trusted()
        if trusted is not None and written != trusted:
            place = written.location if written else Location(self.path.name, 1, 1)
            files.verify(texts, replace(trusted, location=place))

    def _trusted(self) -> Signers | None:
        loaded = None if self._in_force is None else self._in_force.outcome
        return loaded.settings.signers if isinstance(loaded, Loaded) else None
