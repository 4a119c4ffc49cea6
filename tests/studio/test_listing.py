"""Whatever the pages do: a listing that calls itself complete holds every collection."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.observed import Listing, Person, Unreadable
from reconciler.errors import StudioError, Unauthorized, Unreachable
from reconciler.studio.observe import Observer
from tests.studio.stage import Time, collection, reader

Meta = Callable[[int, int, int], dict[str, object]]
METAS: dict[str, Meta | None] = {
    "none": None,
    "empty": lambda _page, _size, _total: {},
    "page-only": lambda page, size, _total: {"current_page": page, "per_page": size},
    "total": lambda _page, _size, total: {"total": total},
    "total-count": lambda page, _size, total: {"page": page, "total_count": total},
    "pages": lambda page, size, total: {
        "current_page": page,
        "total_pages": math.ceil(total / size),
        "per_page": size,
    },
    "all": lambda page, size, total: {
        "current_page": str(page),
        "last_page": str(math.ceil(total / size)),
        "per_page": str(size),
        "total": str(total),
    },
}
TELLING = ["total", "total-count", "pages", "all"]
COUNTING = ["total", "total-count", "all"]


@dataclass
class Tenant:
    """A listing in pages, with what may go wrong with a page of a given number."""

    ids: list[int]
    meta: str = "none"
    most: int = 50
    broken: dict[int, str] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    moves: Callable[[list[int]], list[int]] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        size = min(self.most, int(request.url.params["per_page"]))
        self.asked.append(page)
        match self.broken.get(page):
            case "fails":
                return httpx.Response(422, json={"error": "no"})
            case "no list":
                return httpx.Response(200, json={"collections": None})
            case "first again":
                page = 1
        rows: list[object] = [collection(id) for id in self.ids[(page - 1) * size : page * size]]
        match self.broken.get(page):
            case "junk row" if rows:
                rows[0] = {"id": None}
            case "drops a row":
                rows = rows[1:]
        document: dict[str, object] = {"collections": rows}
        if (meta := METAS[self.meta]) is not None:
            document["meta"] = meta(page, size, len(self.ids))
        if self.moves is not None:
            self.ids, self.moves = self.moves(self.ids), None
        return httpx.Response(200, json=document)


def listing(tenant: Tenant) -> Listing:
    with reader(tenant) as asking:
        return Observer(asking, concurrency=3).listing()[0]


counts = st.integers(0, 160) | st.sampled_from([0, 1, 49, 50, 51, 99, 100, 101, 150])
PAGE_FAULTS = ["fails", "no list", "first again", "junk row"]


@given(counts, st.sampled_from(sorted(METAS)))
def test_a_calm_listing_is_complete(count: int, meta: str) -> None:
    tenant = Tenant(list(range(1, count + 1)), meta)
    seen = listing(tenant)
    assert seen.complete
    assert set(seen.collections) == set(tenant.ids)


@given(counts, st.sampled_from(TELLING))
def test_where_the_service_tells_how_much_no_request_is_too_many(count: int, meta: str) -> None:
    tenant = Tenant(list(range(1, count + 1)), meta)
    listing(tenant)
    assert sorted(tenant.asked) == list(range(1, max(1, math.ceil(count / 50)) + 1))


@given(counts, st.sampled_from(TELLING), st.integers(1, 50))
def test_a_smaller_page_than_asked_for_loses_nothing(count: int, meta: str, most: int) -> None:
    tenant = Tenant(list(range(1, count + 1)), meta, most=most)
    seen = listing(tenant)
    assert seen.complete
    assert set(seen.collections) == set(tenant.ids)


@given(
    counts,
    st.sampled_from(sorted(METAS)),
    st.dictionaries(st.integers(2, 4), st.sampled_from(PAGE_FAULTS), max_size=2),
)
def test_a_complete_listing_holds_every_collection(
    count: int, meta: str, broken: dict[int, str]
) -> None:
    tenant = Tenant(list(range(1, count + 1)), meta, broken=broken)
    seen = listing(tenant)
    assert not seen.complete or set(seen.collections) == set(tenant.ids)
    assert set(seen.collections) <= set(tenant.ids)


@given(counts, st.sampled_from(COUNTING), st.integers(1, 4))
def test_a_row_kept_back_shows_in_the_totals(count: int, meta: str, page: int) -> None:
    tenant = Tenant(list(range(1, count + 1)), meta, broken={page: "drops a row"})
    seen = listing(tenant)
    assert seen.complete == (set(seen.collections) == set(tenant.ids))


@given(st.integers(51, 160), st.sampled_from(COUNTING), st.data())
def test_a_collection_that_vanishes_while_reading_hides_no_other(
    count: int, meta: str, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(1, count))
    tenant = Tenant(list(range(1, count + 1)), meta)
    tenant.moves = lambda ids: [id for id in ids if id != gone]
    seen = listing(tenant)
    assert not seen.complete or set(seen.collections) >= set(tenant.ids)


@given(st.integers(51, 160), st.sampled_from(sorted(METAS)))
def test_a_collection_that_appears_in_front_hides_no_other(count: int, meta: str) -> None:
    stood = list(range(1, count + 1))
    tenant = Tenant(stood, meta)
    tenant.moves = lambda ids: [9999, *ids]
    seen = listing(tenant)
    assert not seen.complete or set(seen.collections) >= set(stood)


def test_a_service_that_ignores_the_page_number_ends_the_reading() -> None:
    tenant = Tenant(list(range(1, 51)), broken=dict.fromkeys(range(2, 10), "first again"))
    seen = listing(tenant)
    assert tenant.asked == [1, 2]
    assert seen.gap is not None
    assert "page 2 repeats rows" in seen.gap


def test_pages_nobody_can_have_are_not_asked_for() -> None:
    def boast(request: httpx.Request) -> httpx.Response:
        first = request.url.params["page"] == "1"
        rows = [collection(1)] if first else []
        return httpx.Response(200, json={"collections": rows, "meta": {"total_pages": 10**12}})

    with reader(boast) as asking:
        seen = Observer(asking, concurrency=2).listing()[0]
        assert asking.requests == 2000
    assert not seen.complete


def test_the_owner_of_the_my_library_is_the_token_s_own_user() -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        rows = [collection(1), collection(2, type="user", owner={"id": 7, "full_name": "Me"})]
        return httpx.Response(200, json={"collections": rows})

    with reader(handler) as asking:
        _, sightings, me = Observer(asking, concurrency=2).listing()
    assert me == 7
    assert sightings.people == {
        101: Person(101, "Ada", "ada@school.test"),
        7: Person(7, "Me"),
    }


@pytest.mark.parametrize("owners", [[], [7, 8]], ids=["none", "several"])
def test_without_one_clear_owner_nobody_is_the_own_user(owners: list[int]) -> None:
    rows = [collection(id, type="user", owner={"id": id}) for id in owners]

    with reader(lambda _: httpx.Response(200, json={"collections": rows})) as asking:
        assert Observer(asking, concurrency=2).listing()[2] is None


LIBRARIES = [
    pytest.param({7: "owner", 8: "edit"}, 7, id="ours-and-one-shared-with-us"),
    pytest.param({8: "view"}, None, id="one-we-may-only-view"),
    pytest.param({7: "edit"}, 7, id="a-tenant-that-calls-an-owner-an-editor"),
    pytest.param({7: "owner", 8: "owner"}, None, id="nothing-tells-them-apart"),
]


@pytest.mark.parametrize(("levels", "own"), LIBRARIES)
def test_a_library_that_is_shared_with_the_token_s_user_is_not_its_own(
    levels: dict[int, str], own: int | None
) -> None:
    rows = [
        collection(id, type="user", owner={"id": id}, permission=level)
        for id, level in levels.items()
    ]

    with reader(lambda _: httpx.Response(200, json={"collections": rows})) as asking:
        assert Observer(asking, concurrency=2).listing()[2] == own


@pytest.mark.parametrize(
    ("response", "error", "words"),
    [
        pytest.param(
            httpx.Response(200, html="<html>Welcome</html>"),
            Unreachable,
            "answered 200 with an HTML page",
            id="html",
        ),
        pytest.param(
            httpx.Response(302, headers={"Location": "https://login.test/x?token=1"}),
            Unreachable,
            "redirects to login.test",
            id="redirect",
        ),
        pytest.param(httpx.Response(404), Unreachable, "answered 404", id="no-such-route"),
        pytest.param(
            httpx.Response(200, json=[]), Unreachable, 'no list "collections"', id="other-json"
        ),
        pytest.param(httpx.Response(503), Unreachable, "answered 503", id="down"),
        pytest.param(httpx.Response(429), Unreachable, "answered 429", id="always-limited"),
        pytest.param(
            httpx.Response(403, json={"error": "no rights"}), Unauthorized, "no rights", id="403"
        ),
        pytest.param(httpx.Response(401), Unauthorized, "refuses the access token", id="401"),
    ],
)
def test_a_first_page_that_fails_says_what_to_do(
    response: httpx.Response, error: type[StudioError], words: str
) -> None:
    with reader(lambda _: response) as asking, pytest.raises(error) as raised:
        Observer(asking, concurrency=2).listing()
    assert "school.test" in raised.value.message
    assert words in raised.value.message
    assert raised.value.remedy
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), "Name or service not known"),
        (httpx.ConnectTimeout("late"), "no connection in time"),
        (httpx.ReadTimeout("late"), "no answer in time"),
        (httpx.ReadError("gone"), "the connection broke"),
    ],
    ids=["dns", "connect", "timeout", "reset"],
)
def test_a_service_out_of_reach_is_unreachable(cause: Exception, words: str) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise cause

    with reader(handler) as asking, pytest.raises(Unreachable, match=words):
        Observer(asking, concurrency=2).listing()


def test_a_certificate_that_does_not_fit_is_told_at_once() -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")

    with reader(handler) as asking:
        with pytest.raises(Unreachable, match="certificate verify failed"):
            Observer(asking, concurrency=2).listing()
        assert asking.requests == 1


def test_when_asked_to_stop_nothing_is_sent() -> None:
    stop = threading.Event()
    stop.set()
    with reader(Tenant([1]), stop=stop) as asking:
        with pytest.raises(StudioError, match="stopped before"):
            Observer(asking, concurrency=2).listing()
        assert asking.requests == 0


def test_a_library_that_may_not_be_read_is_unreadable() -> None:
    response = httpx.Response(404, json={"error": "not found"})
    with reader(lambda _: response, time=Time()) as asking:
        library, _ = Observer(asking, concurrency=2).library(7)
    assert library == Unreadable("the collections of user 7: answered 404: not found")


def test_a_library_comes_in_pages_too() -> None:
    tenant = Tenant(list(range(1, 71)))
    with reader(tenant) as asking:
        library, sightings = Observer(asking, concurrency=2).library(7)
    assert isinstance(library, Listing)
    assert library.complete
    assert len(library.collections) == 70
    assert 101 in sightings.people
