"""Seeds: what a file may say, and where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ConfigError
from reconciler.sandbox.seed import default_world, seed_from
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import Collection
from tests.bench.big import big_tenant

SEED = """\
me: 1
users:
  - {id: 1, name: Ann, email: ann@school.edu, admin: true}
  - {id: 2, name: Ben}
groups:
  - {id: 1, name: Staff, members: {2: manager}}
collections:
  - id: 50
    name: null
    owner: 2
    archived_at: 2026-01-31T00:00:00Z
    shares:
      - {user: 1, permission: oversee}
      - {group: 1}
switches: {meta: absent, unsearchable: [2]}
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    return file


def test_a_seed_is_read(tmp_path: Path) -> None:
    state = seed_from(written(tmp_path, SEED))

    collection = state.world.collections[50]
    assert state.switches == Switches(meta="absent", unsearchable=(2,))
    assert state.world.groups[1].members == {2: "manager"}
    assert (collection.name, collection.owner) == (None, 2)
    assert collection.archived_at is not None
    assert collection.shares == {("user", 1): "oversee", ("group", 1): "view"}
    assert state.world.next_id == 51


@pytest.mark.parametrize(
    ("line", "instead", "place", "message"),
    [
        pytest.param("me: 1", "me: 9", (1, 5), "no user 9", id="me-is-nobody"),
        pytest.param("  - {id: 2,", "  - {id: 1,", (4, 10), "given twice", id="id-twice"),
        pytest.param("owner: 2", "owner: 9", (10, 12), "no user 9", id="owner-is-nobody"),
        pytest.param("{group: 1}", "{group: 9}", (14, 17), "no group 9", id="share-with-nobody"),
        pytest.param("{group: 1}", "{user: 1}", (14, 16), "there already", id="share-twice"),
        pytest.param("{group: 1}", "{user: 2}", (14, 16), "owns", id="share-with-the-owner"),
        pytest.param("{group: 1}", "{}", (14, 9), "a user or with a group", id="share-with-none"),
        pytest.param("{2: manager}", "{3: member}", (6, 35), "no user 3", id="member-is-nobody"),
        pytest.param("meta: absent", "mta: absent", (15, 17), "nexpected", id="unknown-switch"),
        pytest.param("name: Ben", "name: [", (4, 20), "expected", id="no-yaml"),
    ],
)
def test_a_faulty_seed_says_where(
    tmp_path: Path, line: str, instead: str, place: tuple[int, int], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        seed_from(written(tmp_path, SEED.replace(line, instead)))

    told = {
        (problem.location.line, problem.location.column): problem.message
        for problem in caught.value.problems
    }
    assert message in told[place]


def test_an_empty_seed_and_a_missing_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"seed\.yaml:1:1"):
        seed_from(written(tmp_path, ""))
    with pytest.raises(ConfigError, match="No such file"):
        seed_from(tmp_path / "none.yaml")


def test_the_little_school_is_as_the_examples_tell() -> None:
    world = default_world()

    assert world.users[world.me].email == "ada@school.edu"
    assert {id: each.name for id, each in world.groups.items()} == {
        7: "Biology Faculty",
        12: "Media Team",
        21: "Chemistry Faculty",
    }
    assert world.collections[4711].shares == {
        ("group", 7): "view",
        ("user", 103): "view",
        ("user", 106): "edit",
    }


@pytest.mark.parametrize(("collections", "shares"), [(0, 0), (3, 0), (20, 50)])
def test_a_big_tenant_is_as_big_as_asked(collections: int, shares: int) -> None:
    tenant = big_tenant(collections, shares, users=200, groups=30)

    assert [len(each.shares) for each in tenant.collections().values()] == [shares] * collections
    assert all(_is_sound(each) for each in tenant.collections().values())


def _is_sound(collection: Collection) -> bool:
    return ("user", collection.owner) not in collection.shares
