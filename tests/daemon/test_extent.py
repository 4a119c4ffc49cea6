"""A pass that read only some of the file: what is shown of it, and of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reconciler.core.plan import Plan, summarize
from reconciler.daemon.board import Snapshot
from reconciler.daemon.extent import Extent, with_left_out
from reconciler.daemon.page import status_page
from reconciler.daemon.page_passes import Passes
from reconciler.daemon.status import status_document
from tests.builders import VIEW, change, planned, user
from tests.daemon.snapshots import BEGAN, NOW, after, agreeing, expiry

PARTLY = Extent(collections=40, of=2000, since=BEGAN - timedelta(hours=5))
WHOLE = Extent(collections=2000, of=2000, since=BEGAN)


def having_read(extent: Extent) -> Snapshot:
    now = after(agreeing())
    assert now.last is not None
    return replace(now, last=replace(now.last, extent=extent))


def test_the_status_tells_how_much_was_read_and_since_when_the_rest_is_known() -> None:
    assert status_document(having_read(PARTLY))["read"] == {
        "collections": 40,
        "of": 2000,
        "since": "2026-11-23T06:57:00Z",
    }
    assert status_document(after(Plan()))["read"] is None


def test_the_page_says_so_only_where_not_everything_was_read() -> None:
    partly = status_page(having_read(PARTLY), Passes(), NOW)
    whole = status_page(having_read(WHOLE), Passes(), NOW)

    assert "40 of 2000 collections; the others agreed when last read, at the earliest" in partly
    assert "when last read" not in whole


def test_what_is_left_out_stands_among_what_was_read() -> None:
    read = Plan(
        collections=(planned(change(user(102), None, VIEW), name="Botany", id=2),),
        expiring=(expiry("Botany"),),
    )
    out = Plan(
        collections=(planned(name="Zoology", id=3, line=70), planned(name="Art", id=1, line=60)),
        expiring=(expiry("Art"), expiry("Botany")),
    )

    whole = with_left_out(read, out)

    assert [each.name for each in whole.collections] == ["Art", "Botany", "Zoology"]
    assert [each.collection for each in whole.expiring] == ["Art", "Botany"]
    assert summarize(whole).create == 1


def test_a_pass_that_read_everything_is_shown_as_it_was() -> None:
    assert with_left_out(agreeing(), Plan()) == agreeing()
