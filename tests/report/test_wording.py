from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.core.model import OWNER, Level, Mode, Permission, Status
from reconciler.core.plan import CollectionPlan, Doing, Hold, LeftAlone, Plan, Why
from reconciler.report import wording
from tests.report.plans import EDIT, HEADER, VIEW, at, collection, create, destroy, group, user


def alone(why: Why, level: Level | None = VIEW, desired: Permission | None = None) -> LeftAlone:
    return LeftAlone(principal=user(1), who="a", level=level, why=why, desired=desired)


def with_alone(*left: LeftAlone, mode: Mode = Mode.AUTHORITATIVE) -> Plan:
    return Plan(collections=(replace(collection(), left_alone=left, mode=mode),))


NEW = replace(collection(id=None), action=Doing.CREATE)
UNREADABLE = replace(collection(), status=Status.UNREADABLE)

VERDICTS = [
    pytest.param(
        Plan(),
        "No changes. The file names no collection, and only what it names is touched.",
        id="empty",
    ),
    pytest.param(
        Plan(collections=(replace(collection(), unchanged=3),)),
        "No changes. Studio agrees with the file.",
        id="agreement",
    ),
    pytest.param(
        Plan(collections=(UNREADABLE, UNREADABLE)),
        "No changes to make, but not everything agrees with the file: 2 collections unreadable.",
        id="what-was-not-read-is-no-agreement",
    ),
    pytest.param(
        Plan(collections=(replace(collection(), unresolved=("jim",)),)),
        "No changes to make, but not everything agrees with the file: 1 unresolved.",
        id="somebody-unresolved",
    ),
    pytest.param(
        with_alone(alone(Why.OBSERVE, desired=EDIT)),
        "No changes to make, but not everything agrees with the file: 1 left alone.",
        id="observed-difference",
    ),
    pytest.param(
        with_alone(alone(Why.ADDITIVE), alone(Why.OWNER, OWNER, EDIT), alone(Why.SELF, VIEW, VIEW)),
        "No changes. Studio agrees with the file.",
        id="what-the-mode-allows-is-agreement",
    ),
    pytest.param(
        with_alone(alone(Why.SELF, None, VIEW), alone(Why.ADDITIVE, EDIT, VIEW)),
        "No changes to make, but not everything agrees with the file: 2 left alone.",
        id="what-the-file-asks-for-in-vain-is-a-difference",
    ),
    pytest.param(
        Plan(collections=(replace(NEW, hold="h"),)),
        "Plan: 1 collection to create (1 held), 0 to create, 0 to update, 0 to destroy; "
        "0 unchanged.",
        id="held-creation",
    ),
    pytest.param(
        Plan(
            collections=(
                replace(NEW, changes=(create("a", 1), create("b", 2), create("c", 3))),
                replace(
                    collection(destroy("d", 4, hold="h"), destroy("e", 5, hold="h")),
                    unchanged=812,
                ),
            )
        ),
        "Plan: 1 collection to create, 3 to create, 0 to update, 2 to destroy (2 held); "
        "812 unchanged.",
        id="changes",
    ),
]


@pytest.mark.parametrize(("plan", "verdict"), VERDICTS)
def test_the_verdict_in_one_line(plan: Plan, verdict: str) -> None:
    assert wording.verdict(plan) == verdict


def test_a_person_on_two_collections_is_one_person_and_two_rows() -> None:
    faculty = replace(create("Faculty", 1), principal=group(1))
    plan = Plan(collections=(collection(create("a", 1), faculty), collection(destroy("a", 1))))

    assert wording.reach(plan) == "Touches 1 person and 1 group in 2 collections."


def test_a_plan_that_touches_nobody_says_nothing_of_people() -> None:
    assert wording.reach(Plan(collections=(NEW,))) == ""


@pytest.mark.parametrize(
    ("left", "why"),
    [
        (alone(Why.OBSERVE, None, VIEW), "would create view; observe mode changes nothing"),
        (alone(Why.OBSERVE, VIEW), "would destroy view; observe mode changes nothing"),
        (alone(Why.OBSERVE, VIEW, EDIT), "would update view → edit; observe mode changes nothing"),
        (alone(Why.ADDITIVE), "additive mode takes nothing away"),
        (alone(Why.ADDITIVE, EDIT, VIEW),
         "additive mode takes nothing away; the file asks for view"),
        (alone(Why.SELF), "the token's own user is never part of a change"),
        (alone(Why.UNRESOLVED), "the file does not make clear who this is"),
    ],
)  # fmt: skip
def test_why_a_share_is_left_alone(left: LeftAlone, why: str) -> None:
    assert wording.why_alone(left) == why


def test_the_line_to_paste_is_good_for_a_week() -> None:
    hold = Hold(id="7c1f0a9e", guard="g", collection=None, detail="d", changes=1)

    line = wording.acknowledge_entry(hold, HEADER)

    assert line == '- {hold: 7c1f0a9e, until: 2026-11-30, reason: "…"}'
    assert wording.acknowledge_flag(hold) == "--acknowledge 7c1f0a9e"


def test_a_hold_over_many_collections_names_the_first_ones() -> None:
    hold = Hold(id="h", guard="g", collection=None, detail="d", changes=5)
    many: list[CollectionPlan] = [
        collection(destroy("a", 1, hold="h"), name=f"C{number}", line=number) for number in range(5)
    ]

    told = wording.held_back(hold, Plan(collections=tuple(many), holds=(hold,)))

    assert told == "5 to destroy in “C0”, “C1”, “C2” and 2 more"


def test_a_held_creation_is_what_its_hold_holds() -> None:
    hold = Hold(id="h", guard="blind_create", collection="New", detail="d", changes=1)
    new = replace(NEW, name="New", hold="h", source=at(3))

    told = wording.held_back(hold, Plan(collections=(new,), holds=(hold,)))

    assert told == "1 collection to create in “New”"
