"""What doctor finds: in documents, answers, clocks, rights, states and tokens."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.core.model import OWNER, Foreign, Level, Status
from reconciler.core.observed import Kind, Listing
from reconciler.core.pacing import Trouble
from reconciler.core.plan import CollectionPlan, Hold
from reconciler.errors import ConfigError, Location, Problem, ReconcilerError
from reconciler.questions import doctor_network, doctor_state, doctor_tenant
from reconciler.questions.doctor import Finding, Grade, all_is_well, checkup_document, examine
from reconciler.state.holder import Holder
from reconciler.state.lease import PASS, acquire
from reconciler.state.store import open_store
from reconciler.state.tokens import StoredTokens, TokenStore
from reconciler.studio.apidocs import Told, read_apidocs
from reconciler.studio.options import PermissionsBody
from reconciler.studio.reach import Place, addresses, certificate_end, place
from reconciler.studio.session import Answer, Failure
from tests.builders import EDIT, VIEW, listing, live, plan_of, planned, user
from tests.questions.probed_tenant import Stage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GRACE = user(102)


def grades(findings: Iterable[Finding]) -> list[Grade]:
    return [each.grade for each in findings]


# --- how checks are run -----------------------------------------------------------------


def test_a_check_that_fails_keeps_no_other_from_running() -> None:
    def fails() -> Iterator[Finding]:
        raise ReconcilerError("broken", remedy="mend it")

    def works() -> Iterator[Finding]:
        yield Finding("b", Grade.OK, "well")

    found = list(examine([("a", fails), ("b", works)]))
    assert found == [
        Finding("a", Grade.FAIL, "broken", "mend it"),
        Finding("b", Grade.OK, "well"),
    ]
    assert not all_is_well(found)


def test_each_problem_of_a_file_is_a_finding() -> None:
    problems = [Problem(Location("c.yaml", line, 1), "no") for line in (1, 2)]

    def fails() -> Iterator[Finding]:
        raise ConfigError(problems)

    assert [each.detail for each in examine([("a", fails)])] == [str(each) for each in problems]


def test_what_two_checks_share_is_told_once() -> None:
    error = ReconcilerError("broken")

    def fails() -> Iterator[Finding]:
        raise error

    assert len(list(examine([("a", fails), ("b", fails)]))) == 1


def test_a_warning_is_well_and_a_failure_is_not() -> None:
    warned = [Finding("a", Grade.WARN, "soon")]
    assert checkup_document(warned) == {
        "well": True,
        "checks": [{"check": "a", "status": "warn", "detail": "soon", "remedy": None}],
    }
    assert checkup_document([Finding("a", Grade.FAIL, "now")])["well"] is False


# --- the way to the service ---------------------------------------------------------------


PLACES = [
    ("https://school.test", Place("school.test", 443, secure=True)),
    ("http://127.0.0.1", Place("127.0.0.1", 80, secure=False)),
    ("http://[::1]:8080", Place("::1", 8080, secure=False)),
]


@pytest.mark.parametrize(("url", "where"), PLACES)
def test_where_to_knock(url: str, where: Place) -> None:
    assert place(url) == where


def test_a_name_that_is_none_is_told_with_its_remedy() -> None:
    with pytest.raises(ReconcilerError, match="no name that resolves") as caught:
        addresses(Place("no such name", 443, secure=True))
    assert caught.value.remedy is not None


def test_a_proxy_takes_the_first_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.test:3128")
    where = Place("school.test", 443, secure=True)
    found = [*doctor_network.name_resolves(where), *doctor_network.certificate(where, 1.0, NOW)]
    assert grades(found) == [Grade.OK, Grade.OK]
    assert "secret" not in str(found)


def test_a_port_that_speaks_no_tls_is_told_with_its_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = Place("127.0.0.1", server.getsockname()[1], secure=True)
        with pytest.raises(ReconcilerError, match="opens no TLS connection") as caught:
            certificate_end(where, 0.05)
    assert caught.value.remedy is not None


ENDS = [
    pytest.param(None, Grade.OK, id="not-told"),
    pytest.param(NOW + timedelta(days=90), Grade.OK, id="far"),
    pytest.param(NOW + timedelta(days=13), Grade.WARN, id="soon"),
]


@pytest.mark.parametrize(("end", "grade"), ENDS)
def test_a_certificate_that_ends_soon_is_a_warning(end: datetime | None, grade: Grade) -> None:
    assert doctor_network.how_long(end, NOW).grade is grade


ANSWERS = [
    pytest.param(Answer(status=200, body=b"pong\n"), Grade.OK, id="pong"),
    pytest.param(Answer(status=401, body=b"{}"), Grade.OK, id="wants-a-token"),
    pytest.param(Answer(status=404, body=b"<html>"), Grade.FAIL, id="some-web-site"),
    pytest.param(Answer(status=302, body=b"", location="sso.test"), Grade.FAIL, id="redirect"),
    pytest.param(
        Failure(trouble=Trouble.CONNECT, reason="refused", sent=False), Grade.FAIL, id="nobody"
    ),
]


@pytest.mark.parametrize(("answer", "grade"), ANSWERS)
def test_only_studio_s_answer_will_do(answer: Answer | Failure, grade: Grade) -> None:
    first, *_ = doctor_network.answers("school.test", answer, NOW)
    assert (first.check, first.grade) == ("reachable", grade)


SKEWS = [
    (timedelta(0), Grade.OK, "agree"),
    (timedelta(seconds=-20), Grade.OK, "agree"),
    (timedelta(seconds=90), Grade.WARN, "90 s behind"),
    (timedelta(seconds=-90), Grade.WARN, "90 s ahead of"),
    (timedelta(hours=1), Grade.FAIL, "3600 s behind"),
]


@pytest.mark.parametrize(("ahead", "grade", "words"), SKEWS)
def test_clocks_that_differ_are_told(ahead: timedelta, grade: Grade, words: str) -> None:
    answer = Answer(status=200, body=b"pong", date=format_datetime(NOW + ahead, usegmt=True))
    _, clock = doctor_network.answers("school.test", answer, NOW)
    assert clock.grade is grade
    assert words in clock.detail


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2026 12:00:00 GMT"])
def test_a_service_without_a_clock_is_no_failure(date: str | None) -> None:
    _, clock = doctor_network.answers("s", Answer(status=200, body=b"pong", date=date), NOW)
    assert clock.grade is Grade.OK


# --- the service's own document -------------------------------------------------------------

POST = "/collections/{collection_id}/permissions"


def swagger(schema: object, **more: object) -> dict[str, object]:
    body = {"in": "body", "name": "actions", "schema": schema}
    return {"paths": {f"/api/public/v1{POST}": {"post": {"parameters": [body]}}}, **more}


def openapi(schema: object, **more: object) -> dict[str, object]:
    content = {"application/json": {"schema": schema}}
    return {"paths": {POST: {"post": {"requestBody": {"content": content}}}}, **more}


WRAPPED = {"type": "object", "properties": {"permissions": {"type": "array"}}}
DOCUMENTS = [
    pytest.param(swagger({"type": "array"}), PermissionsBody.ARRAY, id="swagger-array"),
    pytest.param(swagger(WRAPPED), PermissionsBody.WRAPPED, id="swagger-wrapped"),
    pytest.param(openapi({"type": "array"}), PermissionsBody.ARRAY, id="openapi-array"),
    pytest.param(
        openapi({"$ref": "#/components/schemas/B"}, components={"schemas": {"B": WRAPPED}}),
        PermissionsBody.WRAPPED,
        id="openapi-by-reference",
    ),
    pytest.param(swagger({"$ref": "#/nowhere"}), None, id="dangling"),
    pytest.param(swagger({"$ref": "#/loop"}, loop={"$ref": "#/loop"}), None, id="in-a-circle"),
    pytest.param({"paths": {POST: {"post": {"parameters": "none"}}}}, None, id="odd-parameters"),
    pytest.param({"paths": []}, None, id="odd-paths"),
    pytest.param({}, None, id="empty"),
    pytest.param([1], None, id="a-list"),
    pytest.param(None, None, id="null"),
]


@pytest.mark.parametrize(("document", "body"), DOCUMENTS)
def test_the_shape_of_a_batch_is_read(document: object, body: PermissionsBody | None) -> None:
    assert read_apidocs(document).body is body


def test_words_are_read_wherever_they_stand() -> None:
    document = {
        "definitions": {"C": {"properties": {"type": {"enum": ["shared", "user", 7]}}}},
        "paths": {"/x": {"get": {"parameters": [{"name": "permission_type", "enum": ["view"]}]}}},
    }
    assert read_apidocs(document) == Told(None, ("view",), ("shared", "user"))


# --- what we see and may ----------------------------------------------------------------------


def test_collections_are_counted_by_type() -> None:
    seen = listing(live(1), live(2, kind=Kind.USER), live(3, archived=True))
    [found] = doctor_tenant.what_we_see(seen)
    assert found.detail == "3 collections: 1 My Library, 1 ordinary, 1 archived"


@pytest.mark.parametrize("seen", [listing(), listing(live(), gap="page 2 answered 503")])
def test_a_listing_that_is_empty_or_not_whole_is_a_warning(seen: Listing) -> None:
    assert grades(doctor_tenant.what_we_see(seen)) == [Grade.WARN]


def managed(level: Level | None) -> CollectionPlan:
    return planned(live=live(level=level))


RIGHTS = [
    pytest.param(managed(EDIT), Grade.OK, id="edit"),
    pytest.param(managed(OWNER), Grade.OK, id="owner"),
    pytest.param(managed(VIEW), Grade.FAIL, id="view"),
    pytest.param(managed(None), Grade.WARN, id="not-told"),
    pytest.param(managed(Foreign("admin")), Grade.WARN, id="unknown-word"),
    pytest.param(planned(status=Status.UNREADABLE), Grade.FAIL, id="unreadable"),
    pytest.param(planned(status=Status.MISSING), Grade.WARN, id="missing"),
    pytest.param(planned(status=Status.AMBIGUOUS), Grade.WARN, id="ambiguous"),
]


@pytest.mark.parametrize(("entry", "grade"), RIGHTS)
def test_a_collection_that_cannot_be_managed_is_named(entry: CollectionPlan, grade: Grade) -> None:
    [found] = doctor_tenant.what_we_may(plan_of(entry))
    assert found.grade is grade
    assert grade is Grade.OK or "Biology 101" in found.detail


def test_many_are_cut_short() -> None:
    entries = [replace(managed(VIEW), source=Location("c", each, 1)) for each in range(9)]
    [found] = doctor_tenant.what_we_may(plan_of(*entries))
    assert "and 4 more" in found.detail


def test_holds_are_warnings_with_their_way_through() -> None:
    hold = Hold(id="7c1f0a9e", guard="removals.per_pass", collection=None, detail="x", changes=2)
    found, verdict = doctor_tenant.what_is_held(replace(plan_of(), holds=(hold,)), "Plan: 2")
    assert (found.grade, verdict.grade) == (Grade.WARN, Grade.OK)
    assert found.remedy is not None
    assert "7c1f0a9e" in found.remedy


# --- the simulated tenant -----------------------------------------------------------------------


WHO = [
    pytest.param({}, 101, None, Grade.OK, "roles: Studio Admin", id="by-the-listing"),
    pytest.param({}, None, 101, Grade.OK, "ada@school.edu", id="by-the-file"),
    pytest.param({}, None, None, Grade.WARN, "does not show", id="nobody-tells"),
    pytest.param({}, 101, 102, Grade.FAIL, "studio.me is 102", id="they-differ"),
    pytest.param({}, None, 99999, Grade.OK, "user:99999 (answered 404", id="not-to-be-asked"),
]


@pytest.mark.parametrize(("switches", "me", "written", "grade", "words"), WHO)
def test_whose_the_token_is(
    switches: Mapping[str, Any], me: int | None, written: int | None, grade: Grade, words: str
) -> None:
    [found] = doctor_tenant.who_we_are(Stage(**switches).reader, me, written)
    assert found.grade is grade
    assert words in found.detail


LOOKS = [
    pytest.param({}, "a batch is an array", id="shape"),
    pytest.param({"apidocs": False}, "document cannot be read (answered 404", id="no-document"),
    pytest.param({"owner_listed": True}, "permission lists show the owner", id="owner-listed"),
    pytest.param({"owner_listed": False}, "do not show the owner", id="owner-not-listed"),
    pytest.param({"foreign_word": "support"}, "left alone: support", id="foreign-word"),
    pytest.param({"user_collections": "there"}, "of a user can be listed", id="libraries"),
    pytest.param({"user_collections": "missing"}, "cannot be listed", id="no-libraries"),
]


@pytest.mark.parametrize(("switches", "words"), LOOKS)
def test_what_can_be_settled_by_looking(switches: Mapping[str, Any], words: str) -> None:
    stage = Stage(**switches)
    assert any(words in each.detail for each in stage.settled())
    assert stage.tenant.audit == ()


def test_another_shape_than_ours_in_its_document_is_a_warning() -> None:
    first, *_ = Stage().settled(PermissionsBody.WRAPPED)
    assert first.grade is Grade.WARN
    assert "permissions_body: array" in (first.remedy or "")


# --- the state and the tokens --------------------------------------------------------------------


def test_a_state_in_use_tells_who_uses_it(tmp_path: Path) -> None:
    path = str(tmp_path / "reconciler.db")
    with open_store(path, tenant="school.test") as store:
        other = Holder(host="elsewhere", pid=7)
        acquire(store, PASS, holder=other, ttl=timedelta(seconds=45), now=NOW)
    found = list(doctor_state.memory(path, "school.test", NOW))
    assert grades(found) == [Grade.OK, Grade.OK]
    assert "a pass is in hand: elsewhere:7" in found[1].detail


def test_a_state_that_is_not_there_yet_is_well(tmp_path: Path) -> None:
    path = tmp_path / "reconciler.db"
    assert grades(doctor_state.memory(str(path), "t", NOW)) == [Grade.OK]
    assert not path.exists()


def test_a_state_without_its_folder_is_not(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "reconciler.db"
    assert grades(doctor_state.memory(str(path), "t", NOW)) == [Grade.FAIL]


def test_a_password_of_the_state_is_never_told() -> None:
    url = "postgresql://me:hunter2@127.0.0.1:1/db"

    def check() -> Iterator[Finding]:
        yield from doctor_state.memory(url, "t", NOW)

    found = list(examine([("state", check)]))
    assert grades(found) == [Grade.FAIL]
    assert "hunter2" not in str(found)


def test_a_plain_token_is_warned_of_loudly() -> None:
    [found] = doctor_state.plain_token()
    assert found.grade is Grade.WARN
    assert "two hours" in found.detail


TOKENS = [
    pytest.param(None, False, Grade.FAIL, "no token yet", id="none"),
    pytest.param(None, True, Grade.OK, "renews itself", id="only-the-first"),
    pytest.param(NOW + timedelta(hours=1), False, Grade.OK, "lives until", id="alive"),
    pytest.param(NOW - timedelta(hours=1), False, Grade.OK, "ended at", id="to-be-renewed"),
]


@pytest.mark.parametrize(("ends", "seeded", "grade", "words"), TOKENS)
def test_how_long_a_token_lives(
    tmp_path: Path, ends: datetime | None, seeded: bool, grade: Grade, words: str
) -> None:
    path = str(tmp_path / "reconciler.db")
    if ends is not None:
        with open_store(path, tenant="t") as store:
            TokenStore(store).save(StoredTokens("hunter2", "hunter3", ends, None))
    [found] = doctor_state.renewed_tokens(path, "t", seeded=seeded, now=NOW)
    assert found.grade is grade
    assert words in found.detail
    assert "hunter" not in str(found)
