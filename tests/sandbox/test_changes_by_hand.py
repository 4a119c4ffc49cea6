"""What people do in the browser, and that it is told from what the API did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.world import User
from tests.sandbox.asking import NOON, School, action

BIOLOGY = 4711
GRACE, LIN = ("user", 102), ("user", 103)


@pytest.mark.parametrize(
    ("change", "verb"),
    [
        pytest.param(lambda school: school.share(BIOLOGY, GRACE), "create", id="share"),
        pytest.param(lambda school: school.share(BIOLOGY, LIN, "edit"), "update", id="raise"),
        pytest.param(lambda school: school.unshare(BIOLOGY, LIN), "destroy", id="unshare"),
        pytest.param(lambda school: school.rename(BIOLOGY, "Biology"), "rename", id="rename"),
        pytest.param(lambda school: school.archive(BIOLOGY), "archive", id="archive"),
        pytest.param(lambda school: school.transfer(BIOLOGY, 103), "transfer", id="transfer"),
        pytest.param(lambda school: school.delete(BIOLOGY), "delete", id="delete"),
        pytest.param(
            lambda school: school.put(school.collections()[BIOLOGY]), "create_collection", id="put"
        ),
    ],
)
def test_a_change_by_hand_is_entered_as_such(change: Callable[[Tenant], None], verb: str) -> None:
    tenant = School().tenant

    change(tenant)

    (entry,) = tenant.audit
    assert (entry.action, entry.collection) == (verb, BIOLOGY)
    assert (entry.stamp.at, entry.stamp.via) == (NOON, "hand")


def test_a_change_by_the_api_is_entered_with_its_user() -> None:
    school = School()

    school.post(f"/collections/{BIOLOGY}/permissions", [action("destroy", LIN)])

    (entry,) = school.tenant.audit
    assert (entry.stamp.by, entry.stamp.via) == (101, "api")
    assert (entry.principal, entry.before, entry.after) == (LIN, "view", None)


def test_what_changes_nothing_is_not_entered() -> None:
    tenant = School().tenant

    tenant.share(BIOLOGY, LIN, "view")
    tenant.unshare(BIOLOGY, GRACE)

    assert tenant.audit == ()


def test_the_new_owner_has_no_share_of_their_own() -> None:
    school = School()

    school.tenant.transfer(BIOLOGY, 103)

    assert LIN not in school.tenant.shares(BIOLOGY)
    assert school.permissions(BIOLOGY)[LIN] == "owner"


def test_what_is_done_by_hand_shows_in_the_api() -> None:
    school = School()

    school.tenant.rename(BIOLOGY, "Biology")
    school.tenant.put_user(User(id=102, name="Grace", email="g.hopper@school.edu"))
    school.tenant.delete(4712)

    assert school.read("/collections/4711")["collection"]["name"] == "Biology"
    assert school.read("/users/search?email=g.hopper@school.edu")["users"][0]["id"] == 102
    assert school.get("/collections/4712").status == 404


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tenant: tenant.share(1, GRACE), id="no-such-collection"),
        pytest.param(lambda tenant: tenant.share(BIOLOGY, ("user", 1)), id="no-such-user"),
        pytest.param(lambda tenant: tenant.delete(1), id="nothing-to-delete"),
    ],
)
def test_what_is_not_there_cannot_be_changed(change: Callable[[Tenant], None]) -> None:
    tenant = School().tenant

    with pytest.raises(LookupError, match="there is no"):
        change(tenant)
    assert tenant.audit == ()
