"""Ids to paste."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.questions.find import Hits, document, find, render
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.seed import SCHOOL
from reconciler.sandbox.tenant import Tenant
from tests.questions.asking import observing, tenant_of


def found(text: str, tenant: Tenant | None = None) -> Hits:
    with observing(tenant or tenant_of()) as studio:
        return find(studio, text)


def ids(hits: Hits) -> tuple[list[int], list[int], list[int]]:
    return (
        [each.id for each in hits.people],
        [id for id, _ in hits.groups],
        [each.id for each in hits.collections],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("bio", ([], [7], [4711, 4800]), id="part-of-a-name"),
        pytest.param("CHEMISTRY", ([], [21], [4712]), id="case-does-not-matter"),
        pytest.param("hopper", ([102], [], []), id="a-person-by-name"),
        pytest.param("grace@", ([102], [], []), id="part-of-an-address"),
        pytest.param("guest@partner.edu", ([907], [], []), id="searched-for"),
        pytest.param("zebra", ([], [], []), id="nothing"),
        pytest.param("(.*", ([], [], []), id="no-pattern"),
    ],
)
def test_a_text_finds(text: str, expected: tuple[list[int], ...]) -> None:
    assert ids(found(text)) == expected


def test_what_cannot_be_read_is_told() -> None:
    faults = [
        Fault(fault="status", status=403, route="GET /collections/4711/permissions", times=9),
        Fault(fault="status", status=403, route="GET /users/search", times=9),
    ]
    hits = found("lin@school.edu", tenant_of(SCHOOL, *faults))

    assert [gap.what for gap in hits.unreadable] == [
        "collection 4711 “Biology 101”",
        "the search for people",
    ]


def test_text_has_one_line_a_hit() -> None:
    assert render(found("bio")) == (
        "group:7   Biology Faculty\n"
        "id: 4711  Biology 101        owner user:101\n"
        "id: 4800  BIO-101 Fall 2026  owner user:102, course_wide\n"
    )


def test_the_document_has_the_words_of_the_file() -> None:
    shown: Any = document(found("bio"))

    assert shown["groups"] == [{"id": 7, "name": "Biology Faculty"}]
    assert [each["id"] for each in shown["collections"]] == [4711, 4800]
    assert shown["users"] == []
    assert shown["complete"] is True


def test_a_hostile_name_is_one_harmless_line() -> None:
    tenant = tenant_of()
    tenant.rename(4711, "bio\n\x1b[2J")

    assert "bio\\n\\x1b[2J" in render(found("bio", tenant))
