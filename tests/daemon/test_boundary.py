from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import (
    Declarations,
    DeclaredCollection,
    DeclaredShare,
    Reference,
    Window,
)
from reconciler.core.model import Mode, Permission, PrincipalType
from reconciler.daemon.boundary import next_boundary
from reconciler.errors import Location

HERE = Location("config.yaml", 1, 1)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

INSTANTS = st.one_of(st.none(), st.integers(-5, 5).map(lambda hours: NOW + hours * HOUR))
WINDOWS = st.lists(st.builds(Window, opens=INSTANTS, closes=INSTANTS), max_size=4)


def declared(windows: list[Window], in_set: list[Window] | None = None) -> Declarations:
    def shares(of: list[Window]) -> tuple[DeclaredShare, ...]:
        who = (Reference(PrincipalType.USER, id) for id in range(1, len(of) + 1))
        return tuple(
            DeclaredShare(each, Permission.VIEW, HERE, window)
            for each, window in zip(who, of, strict=True)
        )

    collection = DeclaredCollection(
        name="Biology 101",
        source=HERE,
        mode=Mode.AUTHORITATIVE,
        share_sets=("staff",),
        shares=shares(windows),
    )
    return Declarations(collections=(collection,), share_sets={"staff": shares(in_set or [])})


CASES = [
    pytest.param([], [], None, None, id="nothing-ever-changes"),
    pytest.param([Window(opens=NOW + HOUR)], [], None, NOW + HOUR, id="a-window-opens"),
    pytest.param([Window(closes=NOW + HOUR)], [], None, NOW + HOUR, id="a-window-closes"),
    pytest.param([Window(opens=NOW)], [], None, None, id="what-is-now-is-not-next"),
    pytest.param([], [Window(closes=NOW + HOUR)], None, NOW + HOUR, id="in-a-share-set"),
    pytest.param([], [], NOW + HOUR, NOW + HOUR, id="the-pause-ends"),
    pytest.param([Window(NOW - HOUR, NOW + 2 * HOUR)], [], NOW + HOUR, NOW + HOUR, id="the-first"),
]


@pytest.mark.parametrize(("windows", "in_set", "pause_until", "expected"), CASES)
def test_next_boundary(
    windows: list[Window],
    in_set: list[Window],
    pause_until: datetime | None,
    expected: datetime | None,
) -> None:
    assert next_boundary(declared(windows, in_set), pause_until, NOW) == expected


@given(windows=WINDOWS, in_set=WINDOWS)
def test_between_boundaries_the_same_shares_are_desired(
    windows: list[Window], in_set: list[Window]
) -> None:
    declarations = declared(windows, in_set)
    boundary = next_boundary(declarations, None, NOW)
    until = boundary or NOW + 10 * HOUR
    minute = timedelta(minutes=30)
    at = NOW
    while at < until:
        assert _open(windows + in_set, at) == _open(windows + in_set, NOW)
        at += minute


def _open(windows: list[Window], at: datetime) -> list[tuple[bool, bool]]:
    return [(window.contains(at), window.is_closed(at)) for window in windows]
