"""The installed command against the served sandbox: a school's first week, process by process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.end_to_end.shell import QuickShell, Shell, config
from tests.patience import PATIENCE

BEARER = {"Authorization": "Bearer sandbox"}
API = "/api/public/v1"
BIOLOGY = 4711
ROWS = """
- name: Biology 101
  shares:
    - {group: Biology Faculty, permission: edit}
    - {user: grace@school.edu, permission: edit}
    - {user: lin@school.edu}
    - {user: sam@school.edu}
- name: Field Work
  owner: grace@school.edu
  shares:
    - {user: omar@school.edu}
"""
# How tenants may differ, as the sandbox can be told: what is not documented, both ways.
SWITCHES = [
    {"refused_batch": "partial", "meta": "absent", "owner_listed": False},
    {"refused_batch": "prefix", "emails": "missing", "created_for_others_listed": False},
    {"self_listed": False, "library_listed": False, "foreign_word": "support"},
    {"ordinary_type": None, "extra_fields": True, "create_status": 200, "archived_told": False},
    {"user_search": "prefix", "max_batch": 2, "unknown_principal": 422, "pages": "inserted"},
    {"user_search": "missing", "apidocs": False, "rate_limit": 30},
]


@contextmanager
def sandbox(folder: Path, *arguments: str) -> Iterator[str]:
    """A sandbox served by a process of its own; where it answers."""
    with Shell(folder).left_running("sandbox", "--port", "0", *arguments) as process:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("listening on ").strip()
        process.terminate()
        assert process.wait(PATIENCE) == 0


def shares(url: str, id: int = BIOLOGY) -> dict[tuple[str, int], str]:
    shown = requests.get(f"{url}{API}/collections/{id}/permissions", headers=BEARER, timeout=9)
    return {
        (kind, each["id"]): each["permission"]
        for kind, rows in (("user", shown.json()["users"]), ("group", shown.json()["groups"]))
        for each in rows
        if each["permission"] != "owner"
    }


def by_hand(url: str, *actions: dict[str, object]) -> None:
    place = f"{url}{API}/collections/{BIOLOGY}/permissions"
    requests.post(place, json=actions, headers=BEARER, timeout=9).raise_for_status()


def test_a_first_week(installed: Shell) -> None:
    installed.environment = {"STUDIO_ACCESS_TOKEN": "sandbox"}
    wanted = {
        ("group", 7): "edit",
        ("user", 102): "edit",
        ("user", 103): "view",
        ("user", 106): "view",
    }
    with sandbox(installed.folder) as url:
        installed.write(config(url, ROWS))
        assert installed("plan", "--detailed-exitcode", "--out", "plan.json").status == 2
        assert installed("apply", "plan.json", "--yes").status == 0
        assert shares(url) == wanted
        assert installed("plan", "--detailed-exitcode").status == 0
        # Somebody shares by hand, and somebody leaves.
        by_hand(
            url,
            {"action": "create", "id": 105, "share_type": "user", "permission_type": "edit"},
            {"action": "destroy", "id": 103, "share_type": "user"},
        )
        assert installed("run", "--once").status == 0
        assert shares(url) == wanted
        # A slip of the pen is held, and put right.
        installed.write(config(url, "- {name: Biology 101, shares: []}\n"))
        assert installed("run", "--once").status == 3
        assert shares(url) == wanted
        installed.write(config(url, ROWS))
        assert installed("run", "--once").status == 0
        passes = installed("history", "--format", "json").json["passes"]
        assert [each["verdict"] for each in passes] == ["done", "held", "done", "done"]
        # The heal of drift is taken back, and comes again.
        healed = passes[2]["pass_id"]
        assert installed("undo", healed, "--yes").status == 0
        assert shares(url)[("user", 105)] == "edit"
        assert installed("plan", "--detailed-exitcode").status == 2


@pytest.mark.parametrize("switches", SWITCHES, ids="-".join)
def test_every_tenant_ends_as_the_file_says(shell: QuickShell, switches: dict[str, object]) -> None:
    shell.environment = {"STUDIO_ACCESS_TOKEN": "sandbox"}
    seed = {
        "me": 101,
        "users": [
            {"id": 101, "name": "Ada", "email": "ada@school.edu", "admin": True},
            {"id": 102, "name": "Grace", "email": "grace@school.edu"},
            {"id": 103, "name": "Lin", "email": "lin@school.edu"},
        ],
        "groups": [{"id": 7, "name": "Biology Faculty", "members": {"102": "member"}}],
        "collections": [
            {"id": 4001, "name": "My Library", "owner": 101, "type": "user"},
            {
                "id": BIOLOGY,
                "name": "Biology 101",
                "owner": 101,
                "shares": [{"user": 103, "permission": "edit"}],
            },
        ],
        "switches": switches,
    }
    shell.write(json.dumps(seed), "seed.json")
    rows = """
    - name: Biology 101
      shares: [{group: 7, permission: edit}, {user: lin@school.edu}, {user: grace@school.edu}]
    - name: Field Work
      owner: 102
      shares: [{user: 103}]
    """
    # Whom the tenant lets nobody look up, the file must know.
    known = "directory: {users: {lin@school.edu: 103, grace@school.edu: 102}}\n"
    with sandbox(shell.folder, "--seed", "seed.json") as url:
        text = config(url, rows, more=known)
        if "max_batch" in switches:
            text = text.replace("  auth", "  batch_size: 2\n  auth")
        shell.write(text)
        ran = shell("apply", "--yes")
        assert ran.status == 0, ran
        assert (
            shares(url).items()
            >= {
                ("group", 7): "edit",
                ("user", 102): "view",
                ("user", 103): "view",
            }.items()
        )
        again = shell("plan", "--detailed-exitcode")
        assert again.status == 0, again
