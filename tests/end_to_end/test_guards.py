"""Every guard, in a dry run and in an apply: what it holds, and that nothing of it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

PEOPLE = range(201, 241)


def users(ids: range | list[int], *, level: str = "view") -> str:
    return "[" + ", ".join(f"{{user: {id}, permission: {level}}}" for id in ids) + "]"


def entry(name: str, ids: range | list[int], level: str = "view") -> str:
    return f"- {{name: {name}, shares: {users(ids, level=level)}}}\n"


@pytest.fixture
def crowd(studio: FakeStudio) -> FakeStudio:
    """Two collections of twenty people each."""
    studio.people |= {id: f"p{id}@school.edu" for id in PEOPLE}
    studio.collections.clear()
    studio.put(11, "One", shares={("user", id): "view" for id in range(201, 221)})
    studio.put(12, "Two", shares={("user", id): "view" for id in range(221, 241)})
    return studio


@dataclass(frozen=True)
class Case:
    """What the file says, and the hold it runs into: its guard, collection and size."""

    rows: str
    guard: str
    collection: str | None
    changes: int
    more: str = ""


ONE, TWO = entry("One", range(201, 221)), entry("Two", range(221, 241))
CASES = [
    pytest.param(
        # 30 % of 20 is 6: seven are too many.
        Case(entry("One", range(208, 221)) + TWO, "removals.per_collection", "One", 7),
        id="removals-per-collection",
    ),
    pytest.param(
        # 10 % of 40 is 4, the count 10: eleven are too many; 6 and 5 pass each collection's limit.
        Case(
            entry("One", range(207, 221)) + entry("Two", range(226, 241)),
            "removals.per_pass",
            None,
            11,
        ),
        id="removals-per-pass",
    ),
    pytest.param(
        Case(entry("One", range(201, 221), "edit"), "escalations.per_pass", None, 20),
        id="escalations",
    ),
    pytest.param(
        Case(
            entry("One", range(201, 222)),
            "grants.per_pass",
            None,
            1,
            "guards: {grants: {per_pass: {count: 0}}}\n",
        ),
        id="grants",
    ),
    pytest.param(
        Case(
            entry("One", range(201, 221)).replace("view}", "view, until: 2020-01-01}"),
            "expiries.per_pass",
            None,
            20,
            "guards: {expiries: {per_pass: {count: 5, percent: 25}}}\n",
        ),
        id="expiries",
    ),
    pytest.param(
        Case(
            entry("One", range(202, 221)),
            "protect",
            "One",
            1,
            "guards: {protect: {users: [p201@school.edu]}}\n",
        ),
        id="protect",
    ),
    pytest.param(
        Case("- {name: One, shares: []}\n", "allow_empty", "One", 20),
        id="allow-empty",
    ),
    pytest.param(
        Case(
            "- {name: One, shares: [{user: who@school.edu}]}\n" + TWO,
            "unresolved",
            "One",
            20,
        ),
        id="unresolved",
    ),
    pytest.param(
        Case(
            entry("One", range(202, 221)),
            "removals.per_day",
            None,
            1,
            "guards: {removals: {per_day: {count: 0, percent: 0}}}\n",
        ),
        id="removals-per-day",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_a_guard_holds_in_a_dry_run_and_in_an_apply(
    shell: QuickShell, crowd: FakeStudio, case: Case
) -> None:
    before = json.dumps(_shares(crowd))
    shell.write(config(crowd.url, case.rows, more=case.more))
    plan = shell("plan", "--format", "json")
    assert plan.status == 3
    (hold,) = plan.json["holds"]
    assert set(hold) == {"hold", "guard", "collection", "detail", "changes"}
    assert (hold["guard"], hold["collection"], hold["changes"]) == (
        case.guard,
        case.collection,
        case.changes,
    )
    assert _held(plan.json) == {hold["hold"]}
    assert plan.json["summary"]["held"] == case.changes
    applied = shell("apply", "--yes", "--format", "json")
    assert applied.status == 3
    assert [each["hold"] for each in applied.json["holds"]] == [hold["hold"]]
    assert json.dumps(_shares(crowd)) == before
    through = shell("apply", "--yes", "--acknowledge", hold["hold"])
    final = case.guard in {"protect", "completeness"}
    assert through.status == (3 if final else 0), through
    assert (json.dumps(_shares(crowd)) == before) == final


def _shares(studio: FakeStudio) -> dict[int, list[Any]]:
    return {id: sorted(map(str, each.shares.items())) for id, each in studio.collections.items()}


def _held(document: Any) -> set[str]:  # noqa: ANN401 - JSON is
    return {
        each["hold"]
        for row in document["collections"]
        for each in (*row["changes"], row)
        if each["hold"] is not None
    }


def test_a_limit_that_is_met_and_not_exceeded_holds_nothing(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    shell.write(config(crowd.url, entry("One", range(207, 221)) + TWO))
    assert shell("apply", "--yes").status == 0
    assert len(crowd.shares(11)) == 14


def test_null_is_off(shell: QuickShell, crowd: FakeStudio) -> None:
    off = """
    guards:
      removals: {per_collection: null, per_pass: null, per_day: null}
    """
    shell.write(config(crowd.url, entry("One", [201]), more=off))
    assert shell("apply", "--yes").status == 0
    assert crowd.shares(11) == {("user", 201): "view"}


def test_a_hold_has_the_same_id_as_long_as_it_holds_the_same(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    shell.write(config(crowd.url, entry("One", [201]) + TWO))
    ids = [shell("plan", "--format", "json").json["holds"][0]["hold"] for _ in range(2)]
    shell.write(config(crowd.url, "# moved\n" + entry("One", [201]) + TWO))
    ids.append(shell("plan", "--format", "json").json["holds"][0]["hold"])
    assert len(set(ids)) == 1
    shell.write(config(crowd.url, entry("One", [201, 202]) + TWO))
    assert shell("plan", "--format", "json").json["holds"][0]["hold"] != ids[0]


def test_the_day_s_removals_add_up_over_passes(shell: QuickShell, crowd: FakeStudio) -> None:
    limit = "guards: {removals: {per_day: {count: 5, percent: 0}}}\n"
    shell.write(config(crowd.url, entry("One", range(204, 221)), more=limit))
    assert shell("apply", "--yes").status == 0
    shell.write(config(crowd.url, entry("One", range(207, 221)), more=limit))
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.status == 3
    assert [each["guard"] for each in ran.json["holds"]] == ["removals.per_day"]
    assert len(crowd.shares(11)) == 17


def test_a_share_that_somebody_keeps_taking_away_is_held(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    shell.write(config(crowd.url, ONE))
    assert shell("apply", "--yes").status == 0
    for _ in range(3):
        del crowd.shares(11)["user", 201]
        assert shell("apply", "--yes").status == 0
        assert ("user", 201) in crowd.shares(11)
    del crowd.shares(11)["user", 201]
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.status == 3
    assert [each["guard"] for each in ran.json["holds"]] == ["flapping"]
    assert ("user", 201) not in crowd.shares(11)


def test_an_address_that_now_belongs_to_somebody_else_is_held(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    shell.write(config(crowd.url, "- {name: Two, shares: [{user: p201@school.edu}]}\n"))
    crowd.collections[12].shares = {("user", 201): "view"}
    assert shell("apply", "--yes").status == 0
    crowd.people[201], crowd.people[301] = "left@school.edu", "p201@school.edu"
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.status == 3
    assert {each["guard"] for each in ran.json["holds"]} == {"identity"}
    assert crowd.shares(12) == {("user", 201): "view"}
    (hold,) = ran.json["holds"]
    assert shell("apply", "--yes", "--acknowledge", hold["hold"]).status == 0
    assert crowd.shares(12) == {("user", 301): "view"}
    assert shell("plan", "--detailed-exitcode").status == 0


def test_too_much_out_of_sight_holds_removals_and_creations(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    def forbidden(call: Call) -> Answer | None:
        hidden = call.path.endswith("/permissions") and "/collections/3" in call.path
        return Answer(403, {"error": "no"}) if hidden and not call.is_write else None

    rows = entry("One", range(202, 221)) + entry("New", [201])
    for id in (31, 32, 33):
        crowd.put(id, f"Hidden {id}")
        rows += entry(f"Hidden {id}", [201])
    crowd.spoil = forbidden
    shell.write(config(crowd.url, rows))
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.status == 5
    assert {each["guard"] for each in ran.json["holds"]} == {"visibility"}
    assert crowd.writes == []


def test_many_fewer_in_sight_than_at_the_last_agreement_holds_too(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    for id in range(50, 60):
        crowd.put(id, f"Other {id}")
    shell.write(config(crowd.url, ONE + TWO))
    assert shell("apply", "--yes").status == 0
    for id in range(50, 60):
        del crowd.collections[id]
    shell.write(config(crowd.url, entry("One", range(202, 221)) + TWO))
    ran = shell("plan", "--format", "json")
    assert ran.status == 3
    assert [each["guard"] for each in ran.json["holds"]] == ["visibility"]


def test_a_listing_that_does_not_add_up_creates_nothing(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    crowd.counts_too_many = 1
    shell.write(config(crowd.url, entry("New", [201])))
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.status == 3
    assert [each["guard"] for each in ran.json["holds"]] == ["completeness"]
    assert crowd.writes == []
    (hold,) = ran.json["holds"]
    assert shell("apply", "--yes", "--acknowledge", hold["hold"]).status == 3
    assert crowd.writes == []


def test_a_library_that_cannot_be_listed_holds_the_creation(
    shell: QuickShell, crowd: FakeStudio
) -> None:
    crowd.user_collections = False
    shell.write(config(crowd.url, "- {name: New, owner: 102, shares: [{user: 201}]}\n"))
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.status == 3
    (hold,) = ran.json["holds"]
    assert (hold["guard"], hold["collection"]) == ("blind_create", "New")
    assert crowd.writes == []
    assert shell("apply", "--yes", "--acknowledge", hold["hold"]).status == 0
    assert [each.owner for each in crowd.collections.values() if each.name == "New"] == [102]
    assert shell("plan", "--detailed-exitcode").status == 0
