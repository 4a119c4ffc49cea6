"""Who can see what: every way in, and what could not be read."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.document import Document
from reconciler.questions.access import Access
from reconciler.questions.access_page import render as render_page
from reconciler.questions.access_reading import Filters, read_access
from reconciler.questions.access_text import COLUMNS, document, record, render, table
from reconciler.questions.mentions import mentions
from reconciler.questions.naming import NotFound
from reconciler.questions.subject import find_asked
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.seed import SCHOOL
from reconciler.sandbox.tenant import Tenant
from tests.builders import NOW
from tests.questions.asking import HEAD, drafted, loaded, observing, tenant_of

FILE = (
    HEAD
    + """\
guards:
  protect: {users: [sam@school.edu]}
share_sets:
  taken:
    - {group: 7}
  untaken:
    - {user: SAM@school.edu}
collections:
  - name: Biology 101
    share_sets: [taken]
    shares:
      - {user: lin@school.edu, permission: edit}
      - {user: 106, until: 2026-01-31}
  - name: Field Work
    owner: sam@school.edu
    shares:
      - {user: sam@school.edu}
"""
)


def quiet(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def access(
    tenant: Tenant | None = None,
    *,
    text: str = FILE,
    user: str | None = None,
    group: str | None = None,
    collections: tuple[str, ...] = (),
) -> Access:
    with observing(tenant or tenant_of()) as studio:
        filters = Filters(user, group, collections)
        return read_access(studio, drafted(text, studio), filters, quiet)


def short(told: Access) -> list[tuple[int, str, str, str, str]]:
    return [
        (
            row.collection.id,
            str(row.principal),
            str(row.permission),
            "direct" if row.via is None else str(row.via),
            "yes" if row.in_file else "no",
        )
        for row in told.rows
    ]


BIOLOGY = [
    (4711, "user:101", "owner", "direct", "yes"),
    (4711, "user:103", "view", "direct", "yes"),
    (4711, "user:106", "edit", "direct", "no"),
    (4711, "group:7", "view", "direct", "yes"),
    (4711, "user:102", "view", "group:7", "yes"),
    (4711, "user:103", "view", "group:7", "yes"),
]


def test_a_collection_s_owner_people_groups_and_members_are_told() -> None:
    told = access(collections=("Biology 101",))

    assert short(told) == BIOLOGY
    assert told.complete


def test_without_a_filter_all_that_people_share_is_told() -> None:
    told = access()

    assert {row.collection.id for row in told.rows} == {4711, 4712, 4720, 4750}
    assert [row for row in short(told) if row[0] == 4711] == BIOLOGY


@pytest.mark.parametrize("switches", [{}, {"user_collections": "missing"}], ids=["asked", "old"])
def test_a_person_s_ways_in_are_told(switches: dict[str, str]) -> None:
    assert short(access(tenant_of(SCHOOL, **switches), user="mia@school.edu")) == [
        (4720, "user:105", "view", "direct", "no"),
        (4720, "user:105", "edit", "group:12", "no"),
    ]


def test_only_the_lists_that_a_person_may_be_on_are_read() -> None:
    tenant = tenant_of()
    access(tenant, text=HEAD + "collections: []\n", user="mia@school.edu")

    read = [each.path for each in tenant.requests if each.path.endswith("/permissions")]
    assert read == ["/api/public/v1/collections/4720/permissions"]


def test_a_group_s_ways_in_are_told_with_its_people() -> None:
    assert short(access(group="Media Team")) == [
        (4720, "group:12", "edit", "direct", "no"),
        (4720, "user:105", "edit", "group:12", "no"),
        (4720, "user:106", "edit", "group:12", "no"),
    ]


def test_filters_narrow_together() -> None:
    assert short(access(user="103", group="7", collections=("4711",))) == [
        (4711, "user:103", "view", "group:7", "yes")
    ]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        pytest.param("GET /collections/4712/permissions", "collection 4712", id="unmanaged"),
        pytest.param("GET /collections/4711/permissions", "collection 4711", id="managed"),
        pytest.param("GET /groups/12/users", "group 12", id="members"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_shown(fault: str, what: str) -> None:
    tenant = tenant_of(SCHOOL, Fault(fault="status", status=403, route=fault, times=9))
    told = access(tenant)

    assert not told.complete
    assert len(told.unreadable) == 1
    assert told.unreadable[0].what.startswith(what)
    assert (4720, "group:12", "edit", "direct", "no") in short(told)


def test_a_collection_that_the_file_pins_and_nobody_sees_is_not_read() -> None:
    told = access(
        text=FILE.replace("  - name: Field", "  - name: Gone\n    id: 9\n  - name: Field")
    )

    assert [gap.what for gap in told.unreadable] == ["“Gone” (config.yaml:16)"]


@pytest.mark.parametrize(
    "filters",
    [{"user": "grac@school.edu"}, {"group": "Media Tem"}, {"collections": ("Biology 10",)}],
    ids=["user", "group", "collection"],
)
def test_a_filter_that_means_nothing_is_told(filters: dict[str, object]) -> None:
    with pytest.raises(NotFound, match="did you mean"):
        access(**filters)  # type: ignore[arg-type]


# --- as text ------------------------------------------------------------------------


def test_csv_has_the_header_of_the_contract() -> None:
    told = access(user="mia@school.edu")

    assert table(COLUMNS, map(record, told.rows)) == (
        "collection_id,collection,principal_type,principal_id,principal,email,permission,via,"
        "in_file\n"
        "4720,Faculty Onboarding,user,105,Mia Novak,mia@school.edu,view,direct,no\n"
        "4720,Faculty Onboarding,user,105,Mia Novak,mia@school.edu,edit,group:12,no\n"
    )


@given(
    st.text() | st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", " =", "\t"]), st.text())
)
def test_no_cell_is_a_formula_or_breaks_its_row(name: str) -> None:
    record: Document = {"name": name, "id": 7}
    header, row = csv.reader(io.StringIO(table(("name", "id"), [record])))

    assert header == ["name", "id"]
    assert row[1] == "7"
    assert not row[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_json_has_the_same_columns() -> None:
    shown = document(access(user="mia@school.edu"))

    assert isinstance(shown["rows"], list)
    assert tuple(shown["rows"][0]) == COLUMNS
    assert (shown["complete"], shown["unreadable"]) == (True, [])


def test_text_lines_up_and_tells_what_is_not_in_the_file() -> None:
    assert render(access(user="mia@school.edu"), colour=False) == (
        "“Faculty Onboarding”  id 4720\n"
        "    Mia Novak, mia@school.edu  user:105  view                    not in the file\n"
        "    Mia Novak, mia@school.edu  user:105  edit  through group:12  not in the file\n"
        "\n"
        "1 person, 1 collection. This shows what this token can see; there may be more.\n"
    )


def test_a_hostile_name_is_harmless_everywhere() -> None:
    tenant = tenant_of()
    tenant.rename(4720, "<script>alert(1)</script>\x1b[2J\n=1+1")
    told = access(tenant, user="mia@school.edu")

    assert "<script>alert" not in render_page(told, "https://x.test", NOW)
    for text in (render(told, colour=False), table(COLUMNS, map(record, told.rows))):
        assert "\x1b" not in text
        assert "\n=1+1" not in text


def test_the_page_tells_what_was_not_read() -> None:
    fault = Fault(fault="status", status=403, route="GET /groups/12/users", times=9)
    page = render_page(access(tenant_of(SCHOOL, fault)), "https://x.test", NOW)

    assert page.startswith("<!doctype html>")
    assert "group 12 “Media Team”" in page
    assert "http" not in page.replace("https://x.test", "").replace("http-equiv", "")


# --- the lines of the file ------------------------------------------------------------


def lines(who: str, text: str = FILE) -> list[tuple[int, str, str | None]]:
    with observing(tenant_of()) as studio:
        beside = drafted(text, studio)
        found = mentions(
            find_asked(who, beside, studio.people), beside, loaded(text).settings.limits.protect
        )
    return [(each.source.line, each.where, each.permission) for each in found]


def test_every_line_that_names_somebody_is_told() -> None:
    assert lines("sam@school.edu") == [
        (4, "guards.protect", None),
        (9, "share set “untaken”", "view"),
        (15, "collection “Biology 101”", "view"),
        (16, "owner of “Field Work”", None),
        (19, "collection “Field Work”", "view"),
    ]
    assert lines("user:106") == lines("SAM@school.edu")


def test_somebody_unknown_to_studio_is_found_by_the_file_s_own_words() -> None:
    text = FILE.replace("{user: lin@school.edu, permission: edit}", "{user: gone@school.edu}")

    assert lines("gone@school.edu", text) == [(14, "collection “Biology 101”", "view")]


def test_who_is_in_no_line_is_told_so() -> None:
    assert lines("mia@school.edu") == []
