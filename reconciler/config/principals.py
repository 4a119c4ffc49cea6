"""Who: a Studio id, a user's e-mail address, a group's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.config.nodes import Node, Scalar
from reconciler.config.reading import JsonSchema, Judged, Reading
from reconciler.config.scalars import MOST, number_trouble, scalar
from reconciler.config.suggest import closest, shown
from reconciler.core.declared import Reference
from reconciler.core.model import PrincipalType

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class User:
    """A user: a number is the Studio id, anything else an address (or a login of the directory)."""

    noun: str = "user"

    def read(self, node: Node, reading: Reading) -> Reference:
        if type(node) is Scalar and (known := reading.users.get((node.text, node.plain))):
            return known
        return _judge(node, PrincipalType.USER, self.noun, reading, reading.users)

    def schema(self) -> JsonSchema:
        return _schema("an id, or an e-mail address")


@dataclass(frozen=True, slots=True)
class Group:
    """A group: a number is the Studio id, anything else (a quoted number too) its name."""

    noun: str = "group"

    def read(self, node: Node, reading: Reading) -> Reference:
        if type(node) is Scalar and (known := reading.groups.get((node.text, node.plain))):
            return known
        return _judge(node, PrincipalType.GROUP, self.noun, reading, reading.groups)

    def schema(self) -> JsonSchema:
        return _schema("an id, or a name")


def _schema(meaning: str) -> JsonSchema:
    return {
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": ["string", "boolean"]}],
        "title": meaning,
    }


def _judge(
    node: Node, kind: PrincipalType, noun: str, reading: Reading, judged: Judged
) -> Reference:
    value = scalar(node, noun, reading)
    if value.plain and _ID.fullmatch(value.text) and int(value.text) <= MOST:
        reference = Reference(kind, id=int(value.text))
    elif trouble := _trouble(value, kind, noun, reading):
        raise reading.refuse(value.location, trouble)
    else:
        reference = Reference(kind, name=value.text)
    judged[value.text, value.plain] = reference
    return reference


def _trouble(value: Scalar, kind: PrincipalType, noun: str, reading: Reading) -> str | None:
    if not value.text:
        return f"{noun} must not be empty"
    if value.plain and (trouble := _bad_number(value.text)):
        hint = "" if kind is PrincipalType.USER else ", or quote it if it is a name"
        return f"{noun}: {trouble}{hint}"
    if kind is PrincipalType.USER and value.text.casefold() not in reading.logins:
        return _no_address(value, noun, reading)
    return None


def _bad_number(text: str) -> str | None:
    if trouble := number_trouble(text):
        return trouble
    if re.fullmatch(r"-?[0-9]+", text, re.ASCII):
        return f"{text} is not an id; ids begin at 1"
    return None


def _no_address(value: Scalar, noun: str, reading: Reading) -> str | None:
    text = value.text
    if _ADDRESS.fullmatch(text):
        return None
    if text.isascii() and text.isdecimal():
        return f"{noun} {shown(text)} is text here, not an id; write {text} without quotes"
    close = closest(text.casefold(), reading.logins)
    hint = f"did you mean {shown(close)}?" if close else "write the address, the id or such a name"
    return f"{noun} {shown(text)} is neither an e-mail address nor under directory.users; {hint}"
