"""What one pass hands on to the next, whichever worker makes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reconciler.cli import handover
from reconciler.cli.handover import Handover, hand_on, take_over
from reconciler.core.model import Principal, PrincipalType
from reconciler.core.plan import CollectionKey
from reconciler.daemon.breaker import Breaker
from reconciler.daemon.notices import Topic
from reconciler.daemon.teller import Told
from reconciler.errors import Location
from reconciler.state.shelf import Shelf
from reconciler.state.store import Store, open_store

texts = some.text(max_size=9)
seconds = some.floats(0, 1e10)
breakers = some.builds(
    Breaker,
    failures=some.integers(0, 9),
    opened=some.integers(0, 9),
    open_until=some.none() | seconds,
    planned=some.booleans(),
)
principals = some.builds(Principal, some.sampled_from(PrincipalType), some.integers(1, 2**53))
places = some.builds(Location, texts, some.integers(1, 9999), some.integers(1, 99))
late = some.frozensets(some.tuples(some.builds(CollectionKey, texts, places), principals))
situations = some.dictionaries(some.sampled_from(Topic), some.dictionaries(texts, texts))
told = some.builds(Told, situation=situations, digest=some.none() | texts, late=late)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("state") / "reconciler.db"
    with open_store(str(path), tenant="a.test") as opened:
        yield opened


@given(some.builds(Handover, breaker=breakers, told=told))
def test_what_is_handed_on_is_taken_over(store: Store, given: Handover) -> None:
    hand_on(store, given)
    assert take_over(store) == given


def test_each_tenant_has_its_own(store: Store) -> None:
    hand_on(store, Handover(Breaker(failures=3)))
    assert take_over(store.sibling("b.test")) == Handover()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"situation": {"?": {}}}'], ids=lambda text: text.decode()
)
def test_what_cannot_be_read_is_as_good_as_none(store: Store, text: bytes) -> None:
    Shelf(store.sibling("jobs:a.test")).save({"handover.json": text})
    assert take_over(store) == Handover()


def test_after_a_pass_that_left_too_much_undone_no_drift_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "MOST_LATE", 1)
    entry = CollectionKey("Biology 101", Location("config.yaml", 40, 3))
    undone = frozenset((entry, Principal(PrincipalType.USER, id)) for id in (1, 2))
    with open_store(str(tmp_path / "reconciler.db"), tenant="a.test") as store:
        hand_on(store, Handover(told=Told(digest="sha256:1", late=undone)))
        assert take_over(store).told == Told(digest=None, late=frozenset())
