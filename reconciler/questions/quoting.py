"""
Text as YAML, on one line.

A name may hold any character, and whoever renames a collection or a group
chooses it: what is written here reads back as itself, and as nothing else.
"""

from __future__ import annotations

import re

from reconciler.report.safe import printable

# What no YAML reader, old or new, takes for anything but text.
_PLAIN = re.compile(r"[A-Za-z][\w.@/+-]*( [\w.@/+-]+)*", re.ASCII)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# A value that means something by being unquoted: a number, a duration, a URL, a word.
_VALUE = re.compile(r"[\w.][\w./:+-]*[\w./]|\w", re.ASCII)


def quoted(text: str) -> str:
    """
    Write any text as one scalar, in quotes wherever it needs them.

    What acts on a terminal or hides is escaped by the same letters that YAML
    reads in double quotes, so that nothing in the file is other than it looks.
    """
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return f'"{printable(text.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34)))}"'


def kept(text: str, *, plain: bool) -> str:
    """Write a scalar that was read, so that it means the same: unquoted stays unquoted."""
    if plain and not text:
        return "null"
    return text if plain and _VALUE.fullmatch(text) else quoted(text)


def comment(text: str) -> str:
    """Write a remark that ends where its line does, whatever it quotes."""
    return f"# {printable(text)}"
