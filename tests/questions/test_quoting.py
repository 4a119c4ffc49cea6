"""Any text, written into a file, reads back as itself and changes nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.nodes import Mapping, Scalar, Sequence
from reconciler.config.problems import Problems
from reconciler.config.source import parse
from reconciler.questions.quoting import comment, kept, quoted

ODD = (
    "",
    " ",
    " led by a space",
    "trailed by one ",
    "no",
    "On",
    "NULL",
    "~",
    "null",
    "010",
    "12:30:45",
    "1e3",
    "0x1F",
    ".inf",
    "-",
    "- item",
    "a: b",
    "a #b",
    "#b",
    "[x",
    "{x: y}",
    "*alias",
    "&anchor",
    "!tag",
    "%directive",
    "@at",
    "`tick",
    "<<",
    "'single'",
    '"double"',
    "back\\slash \\n \\x41",
    "two\nlines",
    "a\r\nb\ttab",
    "\x00\x07\x1b[31m\x7f\x85\xa0",
    "\u2028\u2029\ufeff\u200b\u202eltr",
    "מתמטיקה 101 עם\u05b9",
    "🧪 Chemistry ❤\ufe0f 👩‍🔬",
    "数学　入門",
    "\U0001fffe\U000e0100",
    "---",
    "...",
    "? key",
    "x" * 5000,
    "é" * 3000 + " ",
)


def read(text: str) -> object:
    problems = Problems()
    node = parse(text.encode(), "config.yaml", problems)
    assert problems.found == []
    return plain(node)


def plain(node: object) -> object:
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


@pytest.mark.parametrize("text", ODD, ids=[ascii(each)[:24] for each in ODD])
def test_an_odd_name_reads_back_as_itself(text: str) -> None:
    assert read(f"- name: {quoted(text)}\n  user: 1\n") == [{"name": text, "user": "1"}]


@given(st.text(), st.text())
def test_any_text_reads_back_as_itself_wherever_it_stands(text: str, other: str) -> None:
    written = (
        f"block: {quoted(text)}\nflow: {{user: {quoted(other)}, group: {quoted(text)}}}\n"
        f"list: [{quoted(text)}, {quoted(other)}]\n"
    )

    assert read(written) == {
        "block": text,
        "flow": {"user": other, "group": text},
        "list": [text, other],
    }


@given(st.text(min_size=1, max_size=200))
def test_any_text_is_a_key(text: str) -> None:
    assert read(f"groups:\n  {quoted(text)}: 7\n") == {"groups": {text: "7"}}


@given(st.text())
def test_a_remark_ends_where_its_line_does(text: str) -> None:
    assert read(f"a: 1  {comment(text)}\n{comment(text)}\nb: 2\n") == {"a": "1", "b": "2"}


@given(st.text())
def test_what_is_written_is_one_printable_line(text: str) -> None:
    assert quoted(text).isprintable() or "　" in text


@pytest.mark.parametrize("text", ["Biology 101", "ada@school.edu", "Lab - Tuesday", "Media_Team"])
def test_an_ordinary_name_needs_no_quotes(text: str) -> None:
    assert quoted(text) == text


@pytest.mark.parametrize("text", ["yes", "off", "Null", "101", "3.5", "2026-11-23", "a: b", ""])
def test_what_some_reader_takes_for_something_else_is_quoted(text: str) -> None:
    assert quoted(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["10", "0.5", "30s", "true", "https://x.test", "array", "null"])
def test_what_was_read_unquoted_stays_so(text: str) -> None:
    assert kept(text, plain=True) == text


def test_a_number_that_was_quoted_stays_a_word() -> None:
    assert kept("101", plain=False) == '"101"'


@given(st.text(min_size=1))
def test_what_was_read_keeps_its_text(text: str) -> None:
    assert read(f"a: {kept(text, plain=False)}\n") == {"a": text}
