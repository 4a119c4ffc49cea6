"""The tenant in a file: what stands between two commands, and between two processes at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import StateError
from reconciler.sandbox.convert import plain, world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.messages import Request
from reconciler.sandbox.seed import default_world
from reconciler.sandbox.store import open_tenant
from reconciler.sandbox.tenant import Tenant
from tests.sandbox.asking import TOKEN_PATH, V1

BIOLOGY = 4711
GRACE = ("user", 102)

CREATE_TWENTY = """
import sys
from pathlib import Path
from reconciler.sandbox.messages import Request
from reconciler.sandbox.store import open_tenant

tenant = open_tenant(Path(sys.argv[1]))
for number in range(20):
    target = f"/api/public/v1/collections?name={sys.argv[2]}-{number}"
    response = tenant.handle(Request.of("POST", target, {"Authorization": "Bearer sandbox"}))
    assert response.status == 201, response.body
"""


def post(tenant: Tenant, target: str, body: bytes = b"", kind: str = "application/json") -> int:
    headers = {"Authorization": "Bearer sandbox", "Content-Type": kind}
    return tenant.handle(Request.of("POST", target, headers, body)).status


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tenant.json"


def test_what_was_done_stands_in_the_next_command(file: Path) -> None:
    first = open_tenant(file)
    first.share(BIOLOGY, GRACE, "edit")
    first.switch(meta="absent")
    post(first, f"{V1}/collections?name=New")

    second = open_tenant(file)

    assert second.world == first.world
    assert second.switches == first.switches
    assert second.audit == first.audit
    assert [entry.action for entry in second.audit] == ["create", "create_collection"]


def test_a_spent_refresh_token_stays_spent(file: Path) -> None:
    form = b"grant_type=refresh_token&refresh_token=sandbox&client_id=sandbox&client_secret=sandbox"
    kind = "application/x-www-form-urlencoded"

    statuses = [post(open_tenant(file), TOKEN_PATH, form, kind) for _ in range(2)]

    assert statuses == [200, 400]


def test_a_late_creation_lands_in_the_next_command(file: Path) -> None:
    first = open_tenant(file)
    first.faults.add(Fault(fault="late", requests=1))
    post(first, f"{V1}/collections?name=Late")

    second = open_tenant(file)
    names = []
    for _ in range(2):
        post(second, f"{V1}/ping")
        names.append("Late" in {each.name for each in second.collections().values()})

    assert names == [False, True]


def test_two_tenants_of_one_file_see_each_others_writes(file: Path) -> None:
    one, other = open_tenant(file), open_tenant(file)

    for level in ("view", "edit") * 5:
        one.share(BIOLOGY, GRACE, level)
        assert other.shares(BIOLOGY)[GRACE] == level
        other.unshare(BIOLOGY, GRACE)
        assert GRACE not in one.shares(BIOLOGY)

    assert len(one.audit) == 20


def test_two_processes_lose_none_of_each_others_writes(file: Path) -> None:
    open_tenant(file)
    commands = [
        subprocess.Popen([sys.executable, "-c", CREATE_TWENTY, str(file), name])  # noqa: S603
        for name in ("one", "other")
    ]

    assert [command.wait(timeout=30) for command in commands] == [0, 0]
    tenant = open_tenant(file)
    created = [entry.collection for entry in tenant.audit]
    assert len(set(created)) == 40
    assert tenant.collections().keys() >= set(created)


def test_a_read_does_not_write_the_file(file: Path) -> None:
    tenant = open_tenant(file)
    before = file.stat()

    tenant.handle(Request.of("GET", f"{V1}/collections", {"Authorization": "Bearer sandbox"}))
    tenant.shares(BIOLOGY)

    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_seed_is_for_a_new_file_alone(file: Path, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("{me: 1, users: [{id: 1, name: Ann}]}")

    assert open_tenant(file, seed=seed).world.me == 1
    assert open_tenant(file).world.me == 1
    assert open_tenant(None, seed=seed).world.me == 1


def test_faults_come_from_their_file(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{fault: status, status: 418}]")

    assert post(open_tenant(None, faults=faults), f"{V1}/ping") == 418


def test_faults_are_counted_anew_in_each_command(file: Path, tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{fault: status, status: 418, request: 2}]")

    for _ in range(2):
        tenant = open_tenant(file, faults=faults)
        assert [post(tenant, f"{V1}/collections?name=New") for _ in range(3)] == [201, 418, 201]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "reconciler.sandbox/2"}', "\x00"])
def test_a_file_that_is_no_tenant_is_told_and_left_alone(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)

    with pytest.raises(StateError, match="not a sandbox of format"):
        open_tenant(file)
    assert file.read_text() == text


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StateError, match="folder cannot be used"):
        open_tenant(tmp_path / "data" / "tenant.json")


@given(
    name=st.none() | st.text(),
    shares=st.dictionaries(
        st.sampled_from([GRACE, ("user", 103), ("group", 7)]),
        st.sampled_from(["view", "edit", "oversee"]),
    ),
)
def test_a_world_written_down_and_read_is_the_same(
    name: str | None, shares: dict[tuple[str, int], str]
) -> None:
    tenant = open_tenant(None)
    for principal, level in shares.items():
        tenant.share(BIOLOGY, principal, level)
    tenant.rename(BIOLOGY, name)
    tenant.archive(4712)

    text = json.dumps(plain(tenant.world))

    assert world_of(TenantDocument.model_validate_json(text)) == tenant.world


def test_the_default_tenant_is_new_each_time() -> None:
    open_tenant(None).delete(BIOLOGY)

    assert open_tenant(None).world == default_world()
