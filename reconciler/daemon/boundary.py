"""When the file itself changes what is desired: windows that open or close, a pause that ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.core.declared import Declarations, Window


def next_boundary(
    declarations: Declarations, pause_until: datetime | None, after: datetime
) -> datetime | None:
    """
    Tell the first instant later than `after` at which a pass may find another desired state.

    Terms need no looking at: they are the windows of the shares that name them.
    """
    instants = _instants(declarations, pause_until)
    return min((instant for instant in instants if instant > after), default=None)


def _instants(declarations: Declarations, pause_until: datetime | None) -> Iterator[datetime]:
    if pause_until is not None:
        yield pause_until
    for window in _windows(declarations):
        if window.opens is not None:
            yield window.opens
        if window.closes is not None:
            yield window.closes


def _windows(declarations: Declarations) -> Iterator[Window]:
    written = (entry.shares for entry in declarations.collections)
    for shares in (*written, *declarations.share_sets.values()):
        for share in shares:
            yield share.window
