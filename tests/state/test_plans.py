from __future__ import annotations

import pytest

from reconciler.state.plans import claim
from reconciler.state.store import Store, open_store
from tests.state.worlds import NOW


def test_a_saved_plan_is_carried_out_once(store: Store) -> None:
    assert claim(store, "sha256:1", "A", NOW)
    assert not claim(store, "sha256:1", "A", NOW)


@pytest.mark.parametrize(
    ("fingerprint", "plan_id"),
    [
        pytest.param("sha256:1", "B", id="made anew with the same content"),
        pytest.param("sha256:2", "A", id="other content"),
    ],
)
def test_another_plan_is_carried_out_too(store: Store, fingerprint: str, plan_id: str) -> None:
    claim(store, "sha256:1", "A", NOW)
    assert claim(store, fingerprint, plan_id, NOW)


def test_each_tenant_has_plans_of_its_own(store: Store, place: str) -> None:
    claim(store, "sha256:1", "A", NOW)
    with open_store(place, tenant="other.test") as other:
        assert claim(other, "sha256:1", "A", NOW)
