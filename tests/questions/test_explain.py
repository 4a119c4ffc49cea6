"""Why somebody has what they have: the line, the hold, the change to come."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reconciler.core.declared import Reference
from reconciler.core.model import OWNER, Principal
from reconciler.core.outcome import APPLIED
from reconciler.core.plan import Action
from reconciler.questions.explain import Explanation, LastApplied, explain
from reconciler.questions.explain_text import document, render
from reconciler.questions.naming import NotFound
from reconciler.questions.subject import find_asked, find_subject
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.seed import SCHOOL
from reconciler.sandbox.tenant import Tenant
from reconciler.state.records import ChangeRecord
from tests.builders import EDIT, NOW, VIEW, change, user
from tests.questions.asking import HEAD, compared, observing, tenant_of

FILE = (
    HEAD
    + """\
timezone: America/Chicago
directory:
  groups: {Biology Faculty: 7}
terms:
  fall: {from: 2026-08-24, until: 2026-12-18}
share_sets:
  staff:
    - {group: Biology Faculty, permission: edit}
collections:
  - name: Biology 101
    share_sets: [staff]
    shares:
      - {user: grace@school.edu, permission: edit}
      - {user: lin@school.edu, term: fall, reason: seminar}
      - {user: omar@school.edu, from: 2027-01-01}
      - {user: mia@school.edu, until: 2026-01-31}
      - {user: 907}
  - name: Chemistry Lab Recordings
    mode: additive
    shares:
      - {group: 21}
      - {user: nobody@school.edu, permission: edit}
  - name: Field Work
    owner: lin@school.edu
    shares:
      - {user: omar@school.edu}
"""
)
ZONE = ZoneInfo("America/Chicago")


def never(_collection: int, _who: Principal) -> ChangeRecord | None:
    return None


def ask(
    principal: str,
    collection: str,
    *,
    text: str = FILE,
    tenant: Tenant | None = None,
    last: LastApplied = never,
) -> Explanation:
    with observing(tenant or tenant_of()) as studio:
        beside = compared(text, studio)
        subject = find_subject(collection, beside)
        asked = find_asked(principal, beside, studio.people)
        read = beside.observed.shares.get(subject.id or 0)
        if subject.entry is None and subject.id is not None:
            read = studio.shares([subject.id])[0][subject.id]
        return explain(asked, subject, beside, read, now=NOW, last=last)


def summary(told: Explanation) -> tuple[object, ...]:
    after = told.next and (told.next.change.action.value, told.next.at)
    return told.desired, told.observed, told.source and told.source.line, told.share_set, after


def line_of(words: str) -> int:
    """The one line of the file that holds these words."""
    (number,) = (n for n, line in enumerate(FILE.splitlines(), 1) if words in line)
    return number


DEC_19 = datetime(2026, 12, 19, 6, tzinfo=UTC)
JAN_1 = datetime(2027, 1, 1, 6, tzinfo=UTC)


GRACE, LIN, OMAR, MIA = (f"{name}@school.edu" for name in ("grace", "lin", "omar", "mia"))
MISSING = (EDIT, None, line_of("grace@"), None, ("create", None))
BY_A_SET = (EDIT, VIEW, line_of("Faculty, permission"), "staff", ("update", None))
NOT_ASKED_FOR = (None, EDIT, line_of("name: Biology"), None, ("destroy", None))
ENDING = (VIEW, VIEW, line_of("term: fall"), None, ("destroy", DEC_19))
BEGINNING = (None, None, line_of("from: 2027"), None, ("create", JAN_1))
OVER = (None, None, line_of("mia@"), None, None)
TO_CREATE = (VIEW, None, line_of("{user: omar@school.edu}"), None, ("create", None))


@pytest.mark.parametrize(
    ("who", "where", "expected"),
    [
        pytest.param(GRACE, "Biology 101", MISSING, id="missing"),
        pytest.param("group:7", "4711", BY_A_SET, id="by-a-share-set"),
        pytest.param("Biology Faculty", "4711", BY_A_SET, id="a-group-by-name"),
        pytest.param("sam@school.edu", "4711", NOT_ASKED_FOR, id="not-asked-for"),
        pytest.param(LIN, "4711", ENDING, id="ends"),
        pytest.param(OMAR, "4711", BEGINNING, id="begins"),
        pytest.param(MIA, "4711", OVER, id="over"),
        pytest.param("ada@school.edu", "4711", (None, OWNER, None, None, None), id="the-owner"),
        pytest.param("user:104", "4712", (None, VIEW, None, None, None), id="additive"),
        pytest.param(OMAR, "Field Work", TO_CREATE, id="to-create"),
        pytest.param(GRACE, "Student Films", (None, VIEW, None, None, None), id="unmanaged"),
        pytest.param("12345", "4711", (None, None, None, None, None), id="an-id-nobody-has"),
    ],
)
def test_one_share(who: str, where: str, expected: tuple[object, ...]) -> None:
    assert summary(ask(who, where)) == expected


def test_a_person_the_file_names_and_studio_does_not_know_is_explained() -> None:
    told = ask("nobody@school.edu", "Chemistry Lab Recordings")

    assert isinstance(told.asked, Reference)
    assert summary(told) == (EDIT, None, line_of("nobody@"), None, None)
    assert any("nobody in Studio has this address" in note for note in told.notes)


def test_a_hold_of_the_collection_is_the_share_s() -> None:
    text = FILE.replace("      - {user: 907}", "      - {user: stranger@school.edu}")
    told = ask("sam@school.edu", "4711", text=text)

    assert told.hold is not None
    assert any(note.startswith("held by the guard unresolved: ") for note in told.notes)
    assert told.next is not None
    assert told.next.change.action is Action.DESTROY


def test_a_share_waits_with_the_collection_that_is_held() -> None:
    told = ask(OMAR, "Field Work", tenant=tenant_of(SCHOOL, user_collections="forbidden"))

    assert told.hold is not None
    assert any(note.startswith("held by the guard blind_create: ") for note in told.notes)


def recorded(before: str | None, after: str | None) -> LastApplied:
    levels = {None: None, "view": VIEW, "edit": EDIT}
    record = ChangeRecord(
        pass_id="01PASS",
        round=1,
        collection_id=4711,
        collection_name="Biology 101",
        change=change(user(106), levels[before], levels[after]),
        outcome=APPLIED,
        at=NOW,
    )
    return lambda _id, who: record if who == user(106) else None


def test_since_when_is_told_where_we_made_it_so() -> None:
    told = ask("sam@school.edu", "4711", last=recorded("view", "edit"))

    assert told.since is not None
    assert told.since.pass_id == "01PASS"


def test_a_share_that_somebody_changed_since_is_told_so() -> None:
    told = ask("sam@school.edu", "4711", last=recorded(None, "view"))

    assert told.since is None
    assert told.notes[0] == (
        "pass 01PASS made it view at 2026-11-23 12:00 UTC; somebody changed it since"
    )


def test_a_list_that_could_not_be_read_says_nothing_of_anybody() -> None:
    fault = Fault(fault="status", status=403, route="*/4711/permissions", times=9)
    told = ask("sam@school.edu", "4711", tenant=tenant_of(SCHOOL, fault))

    assert not told.complete
    assert (told.observed, told.next) == (None, None)
    assert "observed  not read" in render(told, ZONE, colour=False)


@pytest.mark.parametrize(
    ("who", "where", "near"),
    [
        pytest.param("grac@school.edu", "4711", "grace@school.edu", id="person"),
        pytest.param("Biology Facult", "4711", "Biology Faculty", id="group"),
        pytest.param("907", "Biology 10", "Biology 101", id="collection"),
    ],
)
def test_what_is_unknown_is_told_with_the_near_miss(who: str, where: str, near: str) -> None:
    with pytest.raises(NotFound, match=near):
        ask(who, where)


def test_two_collections_of_one_name_are_told_apart_by_id() -> None:
    tenant = tenant_of()
    tenant.rename(4750, "Twin")
    tenant.rename(4790, "Twin")

    with pytest.raises(NotFound, match="2 collections are called"):
        ask("907", "Twin", tenant=tenant)
    assert ask("102", "4750", tenant=tenant).observed == VIEW


def test_a_renamed_collection_answers_to_both_names() -> None:
    tenant = tenant_of()
    tenant.rename(4711, "Biology 2027")
    text = FILE.replace("  - name: Biology 101\n", "  - name: Biology 101\n    id: 4711\n")

    for name in ("Biology 101", "Biology 2027"):
        assert ask("103", name, text=text, tenant=tenant).collection_id == 4711


def test_the_document_has_the_days_that_the_file_has() -> None:
    shown = document(ask("lin@school.edu", "4711"), ZONE)

    assert shown | {"notes": []} == {
        "principal": "user:103",
        "who": "lin@school.edu",
        "collection": "Biology 101",
        "collection_id": 4711,
        "desired": "view",
        "observed": "view",
        "since": None,
        "source": "config.yaml:16",
        "share_set": None,
        "from": "2026-08-24",
        "until": "2026-12-18",
        "hold": None,
        "next": {
            "action": "destroy",
            "before": "view",
            "permission_type": None,
            "at": "2026-12-19T06:00:00Z",
        },
        "notes": [],
    }


def test_the_text_tells_the_same() -> None:
    assert render(ask("lin@school.edu", "4711"), ZONE, colour=False) == (
        "lin@school.edu (user:103) on “Biology 101” (id 4711)\n"
        "\n"
        "  desired   view  config.yaml:16\n"
        "  observed  view\n"
        "  window    from 2026-08-24  until 2026-12-18\n"
        "  next      destroy view, at 2026-12-19 06:00 UTC\n"
        "\n"
        "  · the line's reason: seminar\n"
    )
