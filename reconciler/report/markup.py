"""
HTML that cannot be broken out of.

Text becomes part of a page through `element` only, which makes it printable and
escapes it. What is already HTML has a type of its own, `Markup`.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from reconciler.report.safe import printable

_VOID = frozenset({"br", "input", "meta"})


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of HTML that is whole and safe to put anywhere between two tags."""

    html: str

    def __str__(self) -> str:
        return self.html


Child: TypeAlias = Markup | str | None


def element(tag: str, *children: Child, **attributes: str | bool) -> Markup:
    """
    Build an element of its children, text among them escaped.

    A trailing underscore in an attribute's name is dropped and others become
    hyphens (`class_`, `http_equiv`); True writes the bare name, False nothing.
    """
    opening = f"<{tag}{''.join(_attribute(*each) for each in attributes.items())}>"
    if tag in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{joined(*children)}</{tag}>")


def joined(*children: Child) -> Markup:
    """Put pieces side by side, text among them escaped, None left out."""
    return Markup("".join(_written(child) for child in children if child is not None))


def verbatim(tag: str, content: str) -> Markup:
    """Put in a style or a script of our own, byte for byte: its digest must fit."""
    if "</" in content:
        raise ValueError(f"the content of <{tag}> would end it early")
    return Markup(f"<{tag}>{content}</{tag}>")


def _written(child: Markup | str) -> str:
    return child.html if isinstance(child, Markup) else escape(printable(child))


def _attribute(name: str, value: str | bool) -> str:
    spelled = name.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return f" {spelled}" if value else ""
    return f' {spelled}="{escape(printable(value))}"'
