"""Where the last good files outlive the daemon, found also while those on disk are broken."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.site import Site
from reconciler.config import files
from reconciler.config.files import Text, Texts
from reconciler.config.reading import Root
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.errors import ConfigError
from reconciler.state.shelf import Shelf

STATE = "reconciler.db"


@dataclass(frozen=True, slots=True)
class TextShelf:
    """The state's texts, as the config room reads them."""

    shelf: Shelf
    path: Path

    def save(self, texts: Texts) -> None:
        self.shelf.save({each.path: each.data for each in texts.files})

    def recall(self) -> Texts | None:
        kept = self.shelf.recall()
        if kept is None:
            return None
        root = Root(self.path.parent, self.path.parent.resolve())
        texts = tuple(Text(path, data) for path, data in kept.items())
        return Texts(self.path, root, texts, kept=True)


@dataclass(frozen=True, slots=True)
class Beating:
    """Progress as a sign of life: nobody looks at a daemon's terminal."""

    heartbeat: Heartbeat

    def __call__(self, _what: str, _done: int, _total: int) -> None:
        self.heartbeat.beat()

    def clear(self) -> None:
        """There is no line to take away."""


def state_place(path: Path, *, sandbox: bool) -> str:
    """Where the state is, also when the files do not say so because they are broken."""
    try:
        loaded = files.load(path, environment=os.environ, sandbox=sandbox)
    except ConfigError:
        return os.environ.get("RECONCILER_STATE") or str(path.absolute().parent / STATE)
    with closing(Site(loaded, sandbox, Beating(Heartbeat()))) as site:
        return site.state_place()
