"""Where the last good files outlive the daemon, found also while those on disk are broken."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.rereading import Rereading
from reconciler.cli.site import Site, beside
from reconciler.cli.stores import Opener, open_own
from reconciler.config import files
from reconciler.config.files import Loaded, Text, Texts
from reconciler.config.reading import Root
from reconciler.daemon.goodfile import LastGood
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.errors import ConfigError
from reconciler.state.shelf import Shelf, look_on_shelf, open_shelf

STATE = "reconciler.db"


@dataclass(frozen=True, slots=True)
class TextShelf:
    """The state's texts, as the config room reads them."""

    shelf: Shelf
    path: Path

    def save(self, texts: Texts) -> None:
        self.shelf.save({each.path: each.data for each in texts.files})

    def recall(self) -> Texts | None:
        return _texts(self.path, self.shelf.recall())


@dataclass(frozen=True, slots=True)
class Beating:
    """Progress as a sign of life: nobody looks at a daemon's terminal."""

    heartbeat: Heartbeat

    def __call__(self, _what: str, _done: int, _total: int) -> None:
        self.heartbeat.beat()

    def clear(self) -> None:
        """There is no line to take away."""


@contextmanager
def files_in_force(
    path: Path, *, sandbox: bool, opens: Opener = open_own
) -> Iterator[LastGood[Texts, Loaded]]:
    """
    The files as the daemon goes by them, read once now and whenever it asks; their shelf is open.

    Raises the ConfigError about those on disk where none were ever good, and
    StateError where the state cannot be used.
    """
    with ExitStack() as stack:

        def shelf(loaded: Loaded | None) -> TextShelf:
            place = _state_place(path, loaded, sandbox=sandbox)
            return TextShelf(stack.enter_context(closing(open_shelf(place, path, opens))), path)

        yield LastGood(Rereading(path, sandbox).source(), shelf)


def load_in_force(path: Path, *, sandbox: bool) -> Loaded:
    """
    The files as a daemon goes by them: those on disk or, while they are broken, the last good.

    Raises the ConfigError about those on disk where none are kept.
    """
    try:
        return files.load(path, environment=os.environ, sandbox=sandbox)
    except ConfigError:
        kept = _texts(path, look_on_shelf(_state_place(path, None, sandbox=sandbox), path))
        if kept is None:
            raise
        return files.interpret(kept, environment=os.environ, sandbox=sandbox)


def _state_place(path: Path, loaded: Loaded | None, *, sandbox: bool) -> str:
    """Where the state is, also when the files do not say so because they are broken (None)."""
    if loaded is not None:
        with closing(Site(loaded, sandbox, Beating(Heartbeat()))) as site:
            return site.state_place()
    place = os.environ.get("RECONCILER_STATE") or str(path.absolute().parent / STATE)
    return str(beside(place, path.parent, ".db")) if sandbox else place


def _texts(path: Path, kept: Mapping[str, bytes] | None) -> Texts | None:
    if kept is None:
        return None
    root = Root(path.parent, path.parent.resolve())
    texts = tuple(Text(name, data) for name, data in kept.items())
    return Texts(path, root, texts, kept=True)
