"""What a new tenant holds: the little school of the examples, or what a file says."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from reconciler.errors import ConfigError
from reconciler.sandbox.convert import world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.faults import Fault, Schedule
from reconciler.sandbox.state import State
from reconciler.sandbox.world import World
from reconciler.sandbox.written import Written

SCHOOL = {
    "me": 101,
    "users": [
        {"id": 101, "name": "Ada Admin", "email": "ada@school.edu", "admin": True},
        {"id": 102, "name": "Grace Hopper", "email": "grace@school.edu"},
        {"id": 103, "name": "Lin Chen", "email": "lin@school.edu"},
        {"id": 104, "name": "Omar Haddad", "email": "omar@school.edu"},
        {"id": 105, "name": "Mia Novak", "email": "mia@school.edu"},
        {"id": 106, "name": "Sam Okafor", "email": "sam@school.edu"},
        {"id": 907, "name": "Guest Lecturer", "email": "guest@partner.edu"},
    ],
    "groups": [
        {"id": 7, "name": "Biology Faculty", "members": {102: "manager", 103: "member"}},
        {"id": 12, "name": "Media Team", "members": {105: "manager", 106: "member"}},
        {"id": 21, "name": "Chemistry Faculty", "members": {104: "manager"}},
    ],
    "collections": [
        {"id": 4001, "name": "My Library", "owner": 101, "type": "user"},
        {
            "id": 4711,
            "name": "Biology 101",
            "owner": 101,
            "shares": [
                {"group": 7, "permission": "view"},
                {"user": 103, "permission": "view"},
                {"user": 106, "permission": "edit"},
            ],
        },
        {
            "id": 4712,
            "name": "Chemistry Lab Recordings",
            "owner": 101,
            "shares": [
                {"group": 21, "permission": "edit"},
                {"user": 104, "permission": "view"},
            ],
        },
        {
            "id": 4720,
            "name": "Faculty Onboarding",
            "owner": 102,
            "shares": [
                {"group": 12, "permission": "edit"},
                {"user": 105, "permission": "view"},
                {"user": 101, "permission": "edit"},
            ],
        },
        {
            "id": 4750,
            "name": "Student Films",
            "owner": 104,
            "shares": [{"user": 102, "permission": "view"}],
        },
        {
            "id": 4790,
            "name": "Old Recordings",
            "owner": 101,
            "archived_at": "2026-06-30T12:00:00Z",
        },
        {
            "id": 4800,
            "name": "BIO-101 Fall 2026",
            "owner": 102,
            "type": "course_wide",
            "course_id": 900,
        },
    ],
}


class FaultsDocument(BaseModel):
    """A file of faults; `reconciler.sandbox.faults` says what it may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    seed: int = 0
    faults: list[Fault] = []


def default_world() -> World:
    """The little school that the examples and the demo are about."""
    return world_of(TenantDocument.model_validate(SCHOOL))


def seed_from(path: Path) -> State:
    """
    Read a seed file; `reconciler.sandbox.document` says what it may hold.

    Raises ConfigError with every problem in it, each with its line and column.
    """
    written = Written(path)
    document = written.read_as(TenantDocument)
    problems = [written.problem(place, message) for place, message in document.faulty_places()]
    if problems:
        raise ConfigError(problems)
    return State(world=world_of(document), switches=document.switches)


def faults_from(path: Path) -> Schedule:
    """Read a file of faults. Raises ConfigError with every problem in it."""
    document = Written(path).read_as(FaultsDocument)
    return Schedule(document.faults, seed=document.seed)
