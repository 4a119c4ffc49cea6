"""The files of many tenants, as they come and go in the folders they stand in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import structlog

from reconciler.config.folder import tenant_files

log = structlog.get_logger()

GONE = 3
"""Looks in a row that miss a file before its tenant is let go: a checkout may be swapped."""


class Places:
    """Files and folders of them, looked at again and again."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = places
        self._missed: dict[Path, int] = {}

    def look(self) -> tuple[Collection[Path], Collection[Path]]:
        """The files that have come since the last look, and those that are gone."""
        found = {file for place in self._places for file in self._files_of(place)}
        come = found - self._missed.keys()
        self._missed = {
            path: 0 if path in found else self._missed[path] + 1
            for path in (*self._missed, *sorted(come))
        }
        gone = [path for path, missed in self._missed.items() if missed >= GONE]
        for path in gone:
            log.warning("the file is gone; its tenant is left as it is", file=str(path))
            del self._missed[path]
        return sorted(come), gone

    def _files_of(self, place: Path) -> Collection[Path]:
        """
        The files that a place stands for now.

        A folder that is empty or cannot be listed is being swapped or unmounted,
        and says nothing about its tenants.
        """
        known = [path for path in self._missed if path.parent == place]
        if not (known or place.is_dir()):
            return (place,)
        try:
            return tenant_files(place) or known
        except OSError:
            return known
