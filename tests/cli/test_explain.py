"""`explain`, as typed: after a pass, before one, and about nobody."""

from __future__ import annotations

import pytest

from tests.cli.little_school import BIOLOGY, CHEMISTRY, LIN, TERM_BEGINS, School, school

__all__ = ["school"]

KEYS = {
    "principal",
    "collection",
    "desired",
    "observed",
    "source",
    "share_set",
    "from",
    "until",
    "hold",
    "next",
}


def test_a_share_to_come_is_explained_with_its_line(school: School) -> None:
    ran = school("explain", "lin@school.edu", "Biology 101", "--format", "json")

    assert (ran.status, ran.err) == (0, "")
    assert ran.json.keys() >= KEYS
    assert ran.json == ran.json | {
        "principal": "user:103",
        "collection": "Biology 101",
        "desired": "edit",
        "observed": "view",
        "source": "config.yaml:9",
        "since": None,
    }
    assert ran.json["next"] == {
        "action": "update",
        "before": "view",
        "permission_type": "edit",
        "at": None,
    }


def test_after_a_pass_it_says_since_when(school: School) -> None:
    pass_id = school.apply()
    ran = school("explain", "lin@school.edu", str(BIOLOGY))

    assert ran.status == 0
    assert f"(pass {pass_id})" in ran.out
    assert "no change" in ran.out


def test_what_somebody_changed_since_is_told_so(school: School) -> None:
    pass_id = school.apply()
    school.tenant.share(BIOLOGY, LIN, "view")
    ran = school("explain", "103", str(BIOLOGY))

    assert f"pass {pass_id} made it edit" in ran.out
    assert "update view → edit, now due" in ran.out


def test_what_is_held_is_told_with_its_hold(school: School) -> None:
    school.write(
        TERM_BEGINS.replace(
            "collections:", "guards: {removals: {per_pass: {count: 0}}}\ncollections:"
        )
    )
    hold = school("plan", "--format", "json").json["holds"][0]["hold"]
    ran = school("explain", "sam@school.edu", "Biology 101", "--format", "json")

    assert (ran.status, ran.json["hold"]) == (0, hold)
    assert any("removals.per_pass" in note for note in ran.json["notes"])


def test_a_collection_outside_the_file_is_explained(school: School) -> None:
    ran = school("explain", "omar@school.edu", str(CHEMISTRY))

    assert ran.status == 0
    assert "observed  view" in ran.out
    assert "the file does not name this collection" in ran.out


def test_nothing_is_written_and_no_state_is_made(school: School) -> None:
    school("explain", "lin@school.edu", "Biology 101")

    assert school.tenant.audit == ()
    assert not list(school.folder.glob("*.db"))


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        pytest.param(["lin@school.ed", "4711"], 1, 'did you mean "lin@school.edu"?', id="person"),
        pytest.param(["103", "Biologie 101"], 1, 'did you mean "Biology 101"?', id="collection"),
        pytest.param(["103", "99"], 1, "no collection in sight", id="no-such-id"),
        pytest.param(["103"], 64, "COLLECTION", id="too-little"),
        pytest.param(["103", "4711", "--format", "html"], 64, "html", id="no-such-format"),
    ],
)
def test_what_cannot_be_explained_is_told(
    school: School, arguments: list[str], status: int, told: str
) -> None:
    ran = school("explain", *arguments)

    assert (ran.status, ran.out) == (status, "")
    assert told in ran.err
