"""From files and flags to the task of a pass."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime

from reconciler.cli.site import Site
from reconciler.config.files import Loaded
from reconciler.core.declared import DeclaredCollection
from reconciler.core.limits import Acknowledgement
from reconciler.core.observed import Memory
from reconciler.errors import UsageError
from reconciler.passes.ports import Task


def task_for(
    site: Site,
    memory: Memory,
    at: datetime,
    *,
    collections: Sequence[str] = (),
    acknowledged: Iterable[str] = (),
) -> Task:
    """What a pass is to do: everything in the files, or the collections asked for."""
    settings = site.loaded.settings
    written = (each for each in settings.acknowledge if each.until is None or at < each.until)
    return Task(
        declarations=site.loaded.declarations,
        entries=_entries(site.loaded, collections),
        limits=settings.limits,
        acknowledgements=(*written, *(Acknowledgement(hold) for hold in acknowledged)),
        memory=memory,
        me=settings.studio.me if settings.studio is not None else None,
        timeout=site.timeout,
    )


def _entries(loaded: Loaded, names: Sequence[str]) -> Sequence[DeclaredCollection]:
    entries = loaded.declarations.collections
    known = {entry.name for entry in entries}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else "the file names no such collection"
            raise UsageError(f'--collection "{name}": {hint}')
    return tuple(entry for entry in entries if not names or entry.name in names)
