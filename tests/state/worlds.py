"""Examples the tests of the state share: instants, changes, clocks that are turned by hand."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Cause, Change
from reconciler.errors import Location
from reconciler.state.clock import Clock
from reconciler.state.journal import Journal

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = Location("config.yaml", 52, 9)
VIEW, EDIT = Permission.VIEW, Permission.EDIT


def user(id: int) -> Principal:
    return Principal(PrincipalType.USER, id)


def change(
    id: int, before: Permission | None, after: Permission | None, *, expired: bool = False
) -> Change:
    return Change(
        principal=user(id),
        before=before,
        after=after,
        who=f"user:{id}",
        source=SOURCE,
        expired=expired,
    )


def begin(
    journal: Journal,
    pass_id: str,
    at: datetime = NOW,
    *,
    holder: str = "here:1",
    digest: str | None = "sha256:00",
) -> None:
    journal.begin(
        pass_id, kind="apply", started_at=at, holder=holder, config_digest=digest, commit=None
    )


ids = st.integers(min_value=1, max_value=2**63 - 1)
principals = st.builds(Principal, st.sampled_from(PrincipalType), ids)
any_text = st.text(st.characters(exclude_categories=()), max_size=12)
levels = st.sampled_from([(None, VIEW), (None, EDIT), (VIEW, EDIT), (EDIT, VIEW), (EDIT, None)])


@st.composite
def any_change(draw: st.DrawFn) -> Change:
    before, after = draw(levels)
    return Change(
        principal=draw(principals),
        before=before,
        after=after,
        who=draw(any_text),
        source=Location(draw(any_text), draw(st.integers(1, 9999)), draw(st.integers(1, 200))),
        reason=draw(st.none() | any_text),
        expired=draw(st.booleans()),
        hold=draw(st.none() | st.just("7c1f0a9e")),
        cause=draw(st.none() | st.sampled_from(Cause)),
    )


outcomes = st.builds(
    Outcome, st.sampled_from(Result), st.none() | any_text, st.booleans(), st.booleans()
)


class Hands:
    """Both clocks, turned by hand; its event's waits turn them too."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.clock = Clock(now=lambda: NOW + timedelta(seconds=self.seconds), monotonic=self._read)

    def _read(self) -> float:
        return self.seconds

    def event(self) -> threading.Event:
        return _TurningEvent(self)


class _TurningEvent(threading.Event):
    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands

    def wait(self, timeout: float | None = None) -> bool:
        self._hands.seconds += timeout or 0.0
        return self.is_set()
