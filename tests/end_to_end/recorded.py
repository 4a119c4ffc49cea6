"""What the state tells of a tenant, asked from beside whoever works on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reconciler.state.history import History
from reconciler.state.holder import Holder
from reconciler.state.lease import SEAT, Held, holder_of
from reconciler.state.records import PassRecord, Verdict
from reconciler.state.store import open_store_readonly
from tests.end_to_end.fake_studio import FakeStudio
from tests.state.queued import waiting


def passes(place: str | Path, studio: FakeStudio) -> list[PassRecord]:
    """The passes on record, the newest first."""
    store = open_store_readonly(str(place), tenant=studio.host)
    if store is None:
        return []
    with store:
        return list(History(store).passes(1000))


def verdicts(place: str | Path, studio: FakeStudio) -> list[Verdict]:
    return [each.verdict for each in passes(place, studio)]


def lease(place: str | Path, studio: FakeStudio, name: str = SEAT) -> Held | None:
    """Who holds it, where anybody does."""
    store = open_store_readonly(str(place), tenant=studio.host)
    if store is None:
        return None
    with store:
        return holder_of(store, name)


def seats(place: str | Path, studios: Iterable[FakeStudio]) -> list[Holder]:
    """Who has the seat of each of them that anybody sits at."""
    held = (lease(place, studio) for studio in studios)
    return [each.holder for each in held if each is not None]


def at_rest(url: str, *studios: FakeStudio) -> bool:
    """Whether workers have made each of them a pass that is done, and its next one waits."""
    done = all(Verdict.DONE in verdicts(url, each)[:1] for each in studios)
    return done and {job.args["tenant"] for job in waiting(url)} == {each.host for each in studios}
