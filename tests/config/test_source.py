"""Text to values with places: laws over any text, and each trap of YAML."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.nodes import Mapping, Node, Scalar, Sequence, location
from reconciler.errors import Location
from tests.config.given import parsed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def plain(node: Node | None) -> object:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {name: plain(value) for name, value in node.entries.items()}
    return None


def places_of(node: Node) -> list[tuple[Location, str]]:
    """The place of each value and of each key, with what may stand there."""
    match node:
        case Sequence():
            inside = [each for item in node.items for each in places_of(item)]
            return [(node.location, "-["), *inside]
        case Mapping():
            values = node.entries.values()
            keys = [(location(value.key), '"') for value in values]
            inside = [each for value in values for each in places_of(value)]
            return [(node.location, '"?{'), *keys, *inside]
    return [(node.location, '"')]


@given(VALUES)
def test_what_is_written_is_what_is_read(value: object) -> None:
    text = yaml.safe_dump(value, default_style='"', allow_unicode=True)

    node, problems = parsed(text)

    assert problems == []
    assert plain(node) == value


@given(VALUES)
def test_every_place_is_where_the_value_begins(value: object) -> None:
    text = yaml.safe_dump(value, default_style='"', width=10_000)
    lines = text.splitlines()

    node, _ = parsed(text)

    assert node is not None
    for each, begins in places_of(node):
        assert lines[each.line - 1][each.column - 1] in begins


@given(VALUES)
def test_a_value_counts_all_that_it_holds(value: object) -> None:
    node, _ = parsed(yaml.safe_dump(value, default_style='"'))

    assert node is not None
    assert node.size == len(places_of(node))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_place(data: bytes) -> None:
    node, problems = parsed(data)

    assert node is not None or problems


@given(st.text(alphabet="[]{}:,-?&*!|>'\"%@`# \nab<~1", max_size=60))
def test_any_jumble_of_yaml_is_read_or_refused_with_a_place(text: str) -> None:
    node, problems = parsed(text)

    assert node is not None or problems


@pytest.mark.parametrize(
    "written", ["on", "yes", "no", "010", "1_000", "1e3", "12:30:45", "2026-01-01", "0x1F", "null"]
)
def test_a_scalar_stays_the_text_it_is(written: str) -> None:
    node, _ = parsed(f"{written}: {written}")

    assert plain(node) == {written: written}


def test_quotes_tell_a_word_from_nothing() -> None:
    node, _ = parsed("[null, 'null', ~, '', ]")

    assert isinstance(node, Sequence)
    nulls = [isinstance(each, Scalar) and each.is_null for each in node.items]
    assert nulls == [True, False, True, False]


def test_a_byte_order_mark_is_not_part_of_the_file() -> None:
    node, problems = parsed(b"\xef\xbb\xbfname: x")

    assert isinstance(node, Mapping)
    assert (plain(node), problems) == ({"name": "x"}, [])
    assert location(node.entries["name"].key).column == 1


def test_windows_line_ends_keep_their_places() -> None:
    node, _ = parsed("a: 1\r\nb:\r\n  - 2\r\n")

    assert isinstance(node, Mapping)
    assert node.entries["b"].location == Location("x", 3, 3)


def test_columns_count_characters_not_bytes() -> None:
    node, _ = parsed("{é: ü, ö: ß}")

    assert isinstance(node, Mapping)
    assert location(node.entries["ö"].key).column == 8


def test_an_alias_is_the_value_it_stands_for() -> None:
    node, problems = parsed("a: &x [1, 2]\nb: *x\n")

    assert problems == []
    assert plain(node) == {"a": ["1", "2"], "b": ["1", "2"]}


def test_an_alias_begins_where_its_value_does_and_its_key_is_its_own() -> None:
    node, _ = parsed("a: &x [1, 2]\nb: *x\nc: *x\n")

    assert isinstance(node, Mapping)
    assert {each.location for each in node.entries.values()} == {Location("x", 1, 4)}
    assert [location(each.key).line for each in node.entries.values()] == [1, 2, 3]


REFUSED = [
    pytest.param("a: !!int 1", "1:4: tags (!…) are not read", id="tag"),
    pytest.param("a: !secret 1", "1:4: tags (!…) are not read", id="own-tag"),
    pytest.param("!!map {a: 1}", "1:1: tags (!…) are not read", id="tag-on-a-mapping"),
    pytest.param("a: 1\n---\nb: 1", "2:1: a second document starts here", id="second-document"),
    pytest.param("? [a]\n: 1", "1:3: a key must be text, not a list", id="list-as-key"),
    pytest.param("? {a: 1}\n: 1", "1:3: a key must be text, not a list", id="mapping-as-key"),
    pytest.param("a: &x b\n*x : 1", "2:1: a key must be text, not an alias", id="alias-as-key"),
    pytest.param("a: &x {b: 1}\nc: {<<: *x}", '2:5: merge keys ("<<")', id="merge-key"),
    pytest.param("a: *x", "1:4: this alias (*…) refers to nothing above", id="unknown-alias"),
    pytest.param("a: &x [*x]", "1:8: this alias (*…) refers to the value", id="open-alias"),
    pytest.param("a: 1\nb: 2\na: 3", '3:1: the key "a" is written twice', id="duplicate-key"),
    pytest.param("", "1:1: the file is empty", id="empty"),
    pytest.param("# only\n", "1:1: the file is empty", id="comments"),
    pytest.param("---\n~\n", "1:1: the file is empty", id="null"),
    pytest.param(b"a: 1\nb: caf\xe9", "2:7: the file is not UTF-8", id="latin-1"),
    pytest.param("a: 1".encode("utf-16"), "1:1: the file is not UTF-8", id="utf-16"),
    pytest.param(b"a: \xed\xa0\x80", "1:4: the file is not UTF-8", id="surrogate"),
    pytest.param("a: 1\nb\x00: 1", "2:2: a character here is not allowed", id="control-character"),
    pytest.param("a: [1", "2:1: this is not YAML", id="not-closed"),
    pytest.param("a:\n\t- 1", "2:1: this is not YAML", id="tab"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_could_be_misread_is_refused_at_its_place(text: str | bytes, message: str) -> None:
    _, problems = parsed(text)

    assert [problem[: len(message)] for problem in problems] == [message]


def test_all_duplicate_keys_are_told_with_both_lines() -> None:
    _, problems = parsed("a: 1\nb: 1\na: 1\nb: 1\n")

    assert problems == [
        '3:1: the key "a" is written twice; first at line 1',
        '4:1: the key "b" is written twice; first at line 2',
    ]


def test_no_problem_of_the_text_repeats_what_may_be_a_secret() -> None:
    pasted = [
        "a: !hunter2 x",
        "a: *hunter2",
        "a: 'hunter2",
        "a: hunter2: x",
        "a: {hunter2",
        "a: @hunter2",
    ]

    for text in pasted:
        _, problems = parsed(text)
        assert problems
        assert "hunter2" not in "".join(problems)
