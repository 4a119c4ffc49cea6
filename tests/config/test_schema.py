"""The whole file: collections, the directory, and any text at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.files import Text, Texts, interpret
from reconciler.config.reading import Root
from reconciler.core.declared import Reference
from reconciler.core.model import Mode, PrincipalType
from reconciler.errors import ConfigError
from tests.config.given import loaded, told


def test_a_collection_says_all_that_the_contract_shows(tmp_path: Path) -> None:
    text = """
        share_sets: {staff: []}
        collections:
          - name: Biology 101
            id: 4711
            owner: ada@school.edu
            create: false
            mode: additive
            allow_empty: true
            share_sets: [staff]
            shares: []
    """

    (found,) = loaded(tmp_path, text).declarations.collections

    assert (found.name, found.id, found.create) == ("Biology 101", 4711, False)
    assert found.owner == Reference(PrincipalType.USER, name="ada@school.edu")
    assert (found.mode, found.allow_empty, found.share_sets) == (Mode.ADDITIVE, True, ("staff",))
    assert found.source.short == "config.yaml:6"


def test_a_collection_needs_its_name_alone(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path, "collections: [{name: yes}]").declarations.collections

    assert (found.name, found.id, found.owner) == ("yes", None, None)
    assert (found.mode, found.create, found.allow_empty) == (Mode.AUTHORITATIVE, True, False)
    assert (found.shares, found.share_sets) == ((), ())


@pytest.mark.parametrize("name", ["on", "2026", "a: b", "a\\tb", " ", "ünïcode", "🎬", "<<"])
def test_a_name_may_hold_any_character(tmp_path: Path, name: str) -> None:
    (found,) = loaded(tmp_path, f'collections: [{{name: "{name}"}}]').declarations.collections

    assert found.name == name.replace("\\t", "\t")


SEVERAL = [
    pytest.param("{name: x}", "{name: y}", True, id="names"),
    pytest.param("{name: x}", "{name: X}", True, id="names-compare-with-case"),
    pytest.param("{name: x, id: 1}", "{name: x, id: 2}", True, id="told-apart-by-id"),
    pytest.param("{name: x, id: 1}", "{name: x}", True, id="one-pinned"),
    pytest.param("{name: x, owner: 1}", "{name: x, owner: 2}", True, id="told-apart-by-owner"),
    pytest.param("{name: x, owner: 1}", "{name: x}", True, id="one-of-any-owner"),
    pytest.param("{name: x}", "{name: x}", False, id="same-name"),
    pytest.param("{name: x, owner: a@b}", "{name: x, owner: A@B}", False, id="same-owner"),
    pytest.param("{name: x, id: 1}", "{name: y, id: 1}", False, id="same-id"),
]


@pytest.mark.parametrize(("first", "second", "good"), SEVERAL)
def test_two_entries_are_two_collections(
    tmp_path: Path, first: str, second: str, good: bool
) -> None:
    problems = told(tmp_path, f"collections:\n  - {first}\n  - {second}\n")

    assert [problem.partition(" the ")[0] for problem in problems] == ([] if good else ["3:5:"])
    assert all("first at config.yaml:4" in problem for problem in problems)


def test_the_directory_folds_the_case_of_addresses_and_not_of_groups(tmp_path: Path) -> None:
    text = "directory: {users: {Grace@School.edu: 102}, groups: {Staff: 1, staff: 2}}"

    declared = loaded(tmp_path, text).declarations

    assert declared.users == {"grace@school.edu": 102}
    assert declared.groups == {"Staff": 1, "staff": 2}


@given(st.text(max_size=120) | st.text(alphabet="abcdefmnosuvr:{}[] \n-1", max_size=120))
def test_any_text_holds_or_is_refused(text: str) -> None:
    texts = Texts(Path("x"), Root(Path(), Path()), (Text("x", text.encode()),))

    with pytest.raises(ConfigError) as refused:
        interpret(texts, environment={}, sandbox=True)

    assert refused.value.problems
