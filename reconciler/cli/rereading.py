"""The daemon's files, read again and again: whom the ones in force trust judges the next."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.config import files
from reconciler.config.files import Loaded, Texts
from reconciler.config.settings import Signers
from reconciler.daemon.goodfile import Source
from reconciler.errors import Location


@dataclass(slots=True)
class Rereading:
    """
    One main file, as `LastGood` asks for it.

    Where the files in force ask for signed commits, the next ones must be signed
    by the same people, whatever they say themselves: else a commit could take
    the key away, or name a list of its own.
    """

    path: Path
    sandbox: bool
    _signers: Signers | None = field(default=None, init=False)

    def source(self) -> Source[Texts, Loaded]:
        return Source(lambda: files.gather(self.path), self._interpret)

    def _interpret(self, texts: Texts) -> Loaded:
        loaded = files.interpret(texts, environment=os.environ, sandbox=self.sandbox)
        written = loaded.settings.signers
        if not texts.kept:
            files.verify(texts, written)
            if self._signers is not None and written != self._signers:
                place = written.location if written else Location(self.path.name, 1, 1)
                files.verify(texts, replace(self._signers, location=place))
        self._signers = written
        return loaded
