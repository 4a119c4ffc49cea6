"""
Names made harmless, for each place they are shown in.

A name may hold any character, and whoever renames a collection or a group
chooses it. `printable` comes first, everywhere: what acts on a terminal, turns
text around or cannot be seen is shown escaped. Then each format takes away
what has a meaning of its own there.
"""

from __future__ import annotations

import re

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Letters and marks by their category, yet without a shape: fillers, the Braille
# blank and the variation selectors. Two names must not differ by these unseen.
_SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_WIDE_SPACE = "\u3000"  # ordinary between the parts of a Japanese name, and plain to see


def printable(text: str) -> str:
    r"""
    Show every character that acts or hides as an escape: ``\x1b``, ``\u202e``, ``\n``.

    The result is one line. A backslash stays as it is: the escapes are for the
    eye, not for reading back.
    """
    if text.isprintable() and not _SHAPELESS.search(text):
        return text
    return "".join(char if _is_plain(char) else _escaped(char) for char in text)


def _is_plain(char: str) -> bool:
    return (char.isprintable() or char == _WIDE_SPACE) and not _SHAPELESS.match(char)


def _escaped(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code <= 0xFF:  # noqa: PLR2004 - the widths Python's own literals have
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def clipped(text: str, most: int) -> str:
    """Make the text printable, and keep it to so many characters, saying how many were cut."""
    shown = printable(text)
    if len(shown) <= most:
        return shown
    return f"{shown[:most]}… ({len(shown) - most} more characters)"


# --- Markdown, as GitHub reads it ---------------------------------------------------

_BACKTICKS = re.compile("`+")
_PIPE_AFTER_BACKSLASHES = re.compile(r"(\\*)\|")
# Mentions, issues and addresses are looked for after Markdown is done, so an
# entity does not stop them: a space without width does.
_MEANINGFUL = re.compile(r"[&<>|\\`*_~\[\]{}$^@#]")
_MENTION = "@#"
_LINK = re.compile(r":(?=//)|(?<=\bwww)(?=\.)|(?<=\bgh)(?=-\d)", re.IGNORECASE)
_NO_WIDTH = "&#8203;"


def markdown_prose(text: str) -> str:
    """Keep the text plain within a sentence, a list item or a table cell."""
    return _LINK.sub(
        lambda match: f"{match[0]}{_NO_WIDTH}", _MEANINGFUL.sub(_defused, printable(text))
    )


def _defused(match: re.Match[str]) -> str:
    char = match[0]
    return f"{char}{_NO_WIDTH}" if char in _MENTION else f"&#{ord(char)};"


def markdown_cell(text: str) -> str:
    r"""
    Show the text as code in a table cell, where nothing links, mentions or formats.

    A pipe is written ``\|`` there, except after a backslash: readers differ on
    what ``\\|`` means, so that one is shown as ``\x7c``.
    """
    shown = printable(text) or " "
    cell = _PIPE_AFTER_BACKSLASHES.sub(
        lambda match: rf"{match[1]}\x7c" if match[1] else r"\|", shown
    )
    fence = _fence(cell, least=1)
    return f"{fence} {cell} {fence}" if _needs_room(cell) else f"{fence}{cell}{fence}"


def markdown_block(text: str, language: str) -> str:
    """Show lines of our own making as a fenced block that no content can close."""
    fence = _fence(text, least=3)
    return f"{fence}{language}\n{text}\n{fence}"


def _fence(text: str, *, least: int) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(least, longest + 1)


def _needs_room(code: str) -> bool:
    # One space is taken off each side of a code span that has both: give it its own.
    return code[0] in "` " or code[-1] in "` "


# --- GitHub's workflow commands -------------------------------------------------------


def annotation_message(*lines: str) -> str:
    """Escape the text after the second pair of colons; the breaks between the lines are ours."""
    return "%0A".join(printable(line).replace("%", "%25") for line in lines)


def annotation_property(text: str) -> str:
    """Escape the value of a property such as `file` or `title`."""
    escaped = printable(text).replace("%", "%25")
    return escaped.replace(":", "%3A").replace(",", "%2C")
