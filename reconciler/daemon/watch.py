"""
Notices that the files have changed, by their content.

Polled, not notified: inotify watches what a link led to, and sees nothing when
git-sync or a ConfigMap turns it to another tree. Links are followed once at
each look and everything is read below what they led to, so that no look sees
half of one tree and half of another; where a file is gone before it is read, or
the folder with it, the look starts over.

A change is told when two looks in a row saw the same, so that nobody loads what
an editor or a checkout is still writing; but it is told at the latest after
`RESTLESS` looks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import TypeAlias

from reconciler.daemon.bell import Bell, Reason
from reconciler.daemon.fingerprint import Fingerprint, fingerprint

EVERY = 2.0
"""Seconds between looks."""

RESTLESS = 3
"""
Looks after which a change is told although the files do not come to rest.

With the looks before and between, that keeps within the ten seconds promised.
"""

_TRIES = 5

Files: TypeAlias = Callable[[], Mapping[str, Path]]
View: TypeAlias = dict[str, Fingerprint]


class Watcher:
    """
    Looks at the files again and again, and calls `changed` when they say something else.

    `files` names them at every look, by the patterns on disk: what each is
    called, whichever tree it is in, and where it is to be read. What is there
    when the watcher is made is taken for known: make it before loading, and no
    change in between is missed.
    """

    def __init__(
        self, files: Files, changed: Callable[[], None], *, now_ns: Callable[[], int] = time_ns
    ) -> None:
        self._files = files
        self._changed = changed
        self._now_ns = now_ns
        self._seen: View = {}
        self._seen = self._view()
        self._told = _contents(self._seen)
        self._restless = 0

    def look(self) -> None:
        """Look once; call `changed` when there is a change to tell."""
        before = _contents(self._seen)
        self._seen = self._view()
        contents = _contents(self._seen)
        if contents == self._told:
            self._restless = 0
            return
        self._restless += 1
        if contents == before or self._restless >= RESTLESS:
            self._told = contents
            self._restless = 0
            self._changed()

    def _view(self) -> View:
        view: View = {}
        for _ in range(_TRIES):
            try:
                view = {name: self._look_at(name, path) for name, path in self._files().items()}
            except OSError as error:
                # The folder went away while its patterns were matched, or is not for us to read.
                view = {"": Fingerprint(type(error).__name__)}
                continue
            if not any(seen.is_missing for seen in view.values()):
                break
        return view

    def _look_at(self, name: str, path: Path) -> Fingerprint:
        return fingerprint(path, self._seen.get(name), self._now_ns())


def _contents(view: View) -> dict[str, str]:
    return {name: seen.content for name, seen in view.items()}


@contextmanager
def watching(files: Files, bell: Bell, *, every: float = EVERY) -> Iterator[None]:
    """Look every so many seconds, in a thread of its own, and ring for each change."""
    watcher = Watcher(files, lambda: bell.ring(Reason.FILE_CHANGE))
    done = threading.Event()
    thread = threading.Thread(
        target=_look_until, args=(done, watcher, bell, every), name="watcher", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _look_until(done: threading.Event, watcher: Watcher, bell: Bell, every: float) -> None:
    try:
        while not done.wait(every):
            watcher.look()
    except BaseException as bug:  # noqa: BLE001 - a daemon that watches no more must not go on
        bell.report(bug)
