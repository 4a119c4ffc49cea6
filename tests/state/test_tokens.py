from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Busy
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import TOKEN
from reconciler.state.store import Store, open_store
from reconciler.state.tokens import StoredTokens, TokenStore
from tests.state.worlds import HOUR, NOW

FIRST = StoredTokens("access-1", "refresh-1", NOW, "sha256:seed")
SECOND = StoredTokens("access-2", "refresh-2", NOW + HOUR, "sha256:seed")


def test_a_new_state_has_no_tokens(store: Store) -> None:
    assert TokenStore(store).load() is None


@pytest.mark.parametrize(
    "pair", [FIRST, StoredTokens("only-access", None, None, None)], ids=["full", "bare"]
)
def test_a_saved_pair_is_what_another_process_loads(
    store: Store, place: str, pair: StoredTokens
) -> None:
    assert TokenStore(store).save(pair)
    with open_store(place, tenant=store.tenant) as other:
        assert TokenStore(other).load() == pair


def test_a_pair_that_replaces_what_is_stored_is_saved(store: Store) -> None:
    tokens = TokenStore(store)
    tokens.save(FIRST)
    assert tokens.save(SECOND, replaces=FIRST)
    assert tokens.load() == SECOND


def test_who_comes_late_does_not_overwrite_the_newer_pair(store: Store) -> None:
    tokens = TokenStore(store)
    tokens.save(SECOND)
    assert not tokens.save(StoredTokens("late", "late", None, None), replaces=FIRST)
    assert tokens.load() == SECOND


def test_each_tenant_has_tokens_of_its_own(store: Store, place: str) -> None:
    TokenStore(store).save(FIRST)
    with open_store(place, tenant="other.test") as other:
        assert TokenStore(other).load() is None


@given(st.text("abcdef0123456789", min_size=8), st.text("abcdef0123456789", min_size=8))
def test_no_token_shows_in_a_repr(access: str, refresh: str) -> None:
    shown = repr(StoredTokens(f"A{access}", f"R{refresh}", NOW, None))
    assert f"A{access}" not in shown
    assert f"R{refresh}" not in shown


def test_one_refreshes_at_a_time(store: Store) -> None:
    stop = threading.Event()
    stop.set()
    with (
        TokenStore(store).refreshing(),
        pytest.raises(Busy, match="renewing the token"),
        LeaseKeeper(store, TOKEN, stop=stop),
    ):
        pass
    with TokenStore(store).refreshing() as lease:
        assert lease.fence == 2
