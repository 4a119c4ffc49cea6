from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.safe import (
    annotation_message,
    annotation_property,
    clipped,
    markdown_cell,
    markdown_prose,
    printable,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Biology 101", "Biology 101", id="plain"),
        pytest.param("Größe · 山田\u3000太郎", "Größe · 山田\u3000太郎", id="other-scripts"),
        pytest.param("a\x1b[31mb", r"a\x1b[31mb", id="escape-sequence"),
        pytest.param("a\nb\r\tc", r"a\nb\r\tc", id="line-breaks"),
        pytest.param("\x7f\x9b", r"\x7f\x9b", id="delete-and-c1"),
        pytest.param("a\u202eb\u2066", r"a\u202eb\u2066", id="bidi"),
        pytest.param("a\u2028b\u200bc", r"a\u2028b\u200bc", id="line-separator-and-no-width"),
        pytest.param("a\xa0b", r"a\xa0b", id="a-space-that-only-looks-like-one"),
        pytest.param("\ud800", r"\ud800", id="lone-surrogate"),
        pytest.param("\U000e0041\u3164\ufe0f", r"\U000e0041\u3164\ufe0f", id="unseen"),
    ],
)
def test_what_acts_or_hides_is_shown_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_printable_text_holds_nothing_that_acts_and_stays_as_it_is(text: str) -> None:
    shown = printable(text)

    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert printable(shown) == shown
    shown.encode()


@given(st.text(st.characters()), st.integers(0, 20))
def test_clipping_says_exactly_how_much_was_cut(text: str, most: int) -> None:
    shown, kept = printable(text), clipped(text, most)

    if len(shown) <= most:
        assert kept == shown
    else:
        assert kept == f"{shown[:most]}… ({len(shown) - most} more characters)"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        pytest.param("grace@school.edu", "`grace@school.edu`", id="plain"),
        pytest.param("a|b", r"`a\|b`", id="pipe"),
        pytest.param("a\\|b", r"`a\\x7cb`", id="pipe-after-a-backslash"),
        pytest.param("a``b", "```a``b```", id="backticks-within"),
        pytest.param("`a", "`` `a ``", id="backtick-first"),
        pytest.param(" a ", "`  a  `", id="spaces-around"),
        pytest.param("", "`   `", id="empty"),
    ],
)
def test_a_name_in_a_table_is_code(name: str, cell: str) -> None:
    assert markdown_cell(name) == cell


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        pytest.param("the plan removes 3 of 15", "the plan removes 3 of 15", id="plain"),
        pytest.param("<b>&", "&#60;b&#62;&#38;", id="html"),
        pytest.param("[x](y)", "&#91;x&#93;(y)", id="link"),
        pytest.param("ask @bob, #12", "ask @&#8203;bob, #&#8203;12", id="mention-and-issue"),
        pytest.param("GH-12", "GH&#8203;-12", id="issue-by-its-other-name"),
        pytest.param("http://a.b", "http:&#8203;//a.b", id="address"),
        pytest.param("www.a.b", "www&#8203;.a.b", id="address-without-scheme"),
    ],
)
def test_a_sentence_is_only_a_sentence(text: str, prose: str) -> None:
    assert markdown_prose(text) == prose


def test_annotations_keep_their_own_line_breaks_and_escape_a_names() -> None:
    assert annotation_message("100%", "a\nb") == r"100%25%0Aa\nb"


def test_a_property_cannot_end_early() -> None:
    assert annotation_property("a,b::c%\r") == r"a%2Cb%3A%3Ac%25\r"
