"""`status` of many tenants: each is told, whatever is wrong with another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import SEAT
from reconciler.state.store import Store, open_store
from tests.end_to_end.shell import QuickShell

FILE = """
version: 1
mode: observe
studio:
  url: https://{name}.edu
  auth: {{access_token: {{env: STUDIO_ACCESS_TOKEN}}}}
state: {state}
collections: []
"""
BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ("north", "south", "west")


@pytest.fixture
def shell(tmp_path: Path) -> QuickShell:
    shell = QuickShell(tmp_path)
    for name in NAMES:
        write(shell, name)
    return shell


def write(shell: QuickShell, name: str, state: str = "all.db") -> None:
    shell.write(FILE.format(name=name, state=state), f"tenants/{name}.yaml")


@contextmanager
def state(shell: QuickShell, tenant: str) -> Iterator[Store]:
    with open_store(str(shell.folder / "tenants" / "all.db"), tenant=tenant) as store:
        yield store


def test_each_tenant_is_told_as_it_is_alone(shell: QuickShell) -> None:
    with state(shell, "south.edu") as store:
        journal = Journal(store)
        journal.begin("01JDPASS", kind="run", started_at=BEGAN, holder="h:1",
                      config_digest="d", commit=None)  # fmt: skip
        journal.finish("01JDPASS", verdict="done", summary={}, finished_at=BEGAN)
        with LeaseKeeper(store, SEAT):
            told = shell("-c", "tenants", "status", "--format", "json")
            alone = [shell("-c", f"tenants/{name}.yaml", "status", "--format", "json").json
                     for name in NAMES]  # fmt: skip

    assert told.status == 0
    assert told.json["broken"] == []
    assert told.json["tenants"] == [
        {"tenant": f"{name}.edu", **one} for name, one in zip(NAMES, alone, strict=True)
    ]
    assert told.json["tenants"][1]["last_pass"]["pass_id"] == "01JDPASS"


def test_it_tells_people_a_block_for_each(shell: QuickShell) -> None:
    ran = shell("-c", "tenants", "status")

    assert ran.status == 0
    blocks = [block.splitlines()[0] for block in ran.out.split("\n\n")]
    assert blocks == ["north.edu", "south.edu", "west.edu"]
    assert ran.out.count("no daemon runs") == 3


def test_several_files_are_many_too(shell: QuickShell) -> None:
    files = (f"tenants/{name}.yaml" for name in NAMES[:2])
    ran = shell("status", "--format", "json", *(each for file in files for each in ("-c", file)))

    assert [each["tenant"] for each in ran.json["tenants"]] == ["north.edu", "south.edu"]


def test_a_file_that_never_was_any_good_is_told_beside_the_others(shell: QuickShell) -> None:
    shell.write("mode: sideways\n", "tenants/south.yaml")
    ran, told = (
        shell("-c", "tenants", "status"),
        shell("-c", "tenants", "status", "--format", "json"),
    )

    assert (ran.status, told.status) == (0, 0)
    assert "tenants/south.yaml:1:7: " in ran.out
    assert [each["tenant"] for each in told.json["tenants"]] == ["north.edu", "west.edu"]
    assert [each["path"] for each in told.json["broken"]] == ["tenants/south.yaml"]


def test_a_state_that_is_none_costs_only_its_own_tenant(shell: QuickShell) -> None:
    (shell.folder / "tenants" / "odd.db").write_text("no database")
    write(shell, "south", state="odd.db")
    ran = shell("-c", "tenants", "status")

    assert ran.status == 1
    assert "odd.db" in ran.out
    assert ran.out.count("no daemon runs") == 2


def test_it_makes_no_state(shell: QuickShell) -> None:
    assert shell("-c", "tenants", "status").status == 0
    assert not list(shell.folder.rglob("*.db"))


def test_the_sandbox_is_one_tenant(shell: QuickShell) -> None:
    assert shell("-c", "tenants", "status", "--sandbox").status == 64
