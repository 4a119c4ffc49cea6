"""Single values: text, words, numbers. YAML's own guesses at types play no part."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from reconciler.config.nodes import Node, Scalar
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.suggest import near_miss, shown

T = TypeVar("T")

# What ids and counts must fit into: the state keeps them as 64 bits.
MOST = 2**63 - 1
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?", re.ASCII)
# Everything that some YAML reader would take for a number.
NUMBERLIKE = re.compile(
    r"[-+]?(0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?)",
    re.ASCII | re.IGNORECASE,
)


def scalar(node: Node, noun: str, reading: Reading) -> Scalar:
    """The node as a single value, else a problem told."""
    if not isinstance(node, Scalar):
        kind = "list" if hasattr(node, "items") else "mapping"
        raise reading.refuse(node.location, f"{noun} must be a single value, not a {kind}")
    if node.is_null:
        quoted = f"; if that is meant as a word, write {shown(node.text)}" if node.text else ""
        raise reading.refuse(node.location, f"{noun} has no value{quoted}")
    return node


def number_trouble(text: str) -> str | None:
    """Why a text that looks like a number is not read as one, with what to write; None if it is."""
    if _WHOLE.fullmatch(text) or not NUMBERLIKE.fullmatch(text):
        return None
    plain = text.replace("_", "").lstrip("+")
    if "_" in text and plain.isdecimal():
        return f"{shown(text)} is not read as a number; write {shown(plain)[1:-1]}"
    if plain.isdecimal() and plain.startswith("0"):
        return f"{shown(text)} has leading zeros; write {plain.lstrip('0') or '0'}"
    return f"{shown(text)} is not read as a whole number; write its digits, nothing else"


@dataclass(frozen=True, slots=True)
class Text:
    """Any text but none at all. A plain number, `yes` or `on` is text here."""

    noun: str

    def read(self, node: Node, reading: Reading) -> str:
        text = scalar(node, self.noun, reading).text
        if not text:
            raise reading.refuse(node.location, f"{self.noun} must not be empty")
        return text

    def schema(self) -> JsonSchema:
        return {"type": ["string", "number", "boolean"], "minLength": 1}


@dataclass(frozen=True, slots=True)
class Word(Generic[T]):
    """One of a few words. `refused` holds words that people try, with why they cannot be."""

    choices: MappingOf[str, T]
    noun: str
    refused: MappingOf[str, str] = field(default_factory=dict)

    def read(self, node: Node, reading: Reading) -> T:
        text = scalar(node, self.noun, reading).text
        try:
            return self.choices[text]
        except KeyError:
            raise reading.refuse(node.location, self._complaint(text)) from None

    def _complaint(self, text: str) -> str:
        if why := self.refused.get(text):
            return f"{self.noun} {shown(text)} is not possible here: {why}"
        return f"unknown {self.noun} {shown(text)}{near_miss(text, self.choices)}"

    def schema(self) -> JsonSchema:
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Boolean:
    """The words `true` and `false`, unquoted; nothing else is a truth value."""

    noun: str

    def read(self, node: Node, reading: Reading) -> bool:
        value = scalar(node, self.noun, reading)
        if value.plain and value.text in {"true", "false"}:
            return value.text == "true"
        raise reading.refuse(
            node.location, f"{self.noun} must be true or false, not {shown(value.text)}"
        )

    def schema(self) -> JsonSchema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, written in its digits and nothing else."""

    noun: str
    least: int = 0
    most: int = MOST

    def read(self, node: Node, reading: Reading) -> int:
        value = scalar(node, self.noun, reading)
        if not value.plain:
            message = f"{self.noun} must be a whole number; write it without quotes"
            raise reading.refuse(node.location, message)
        if not _WHOLE.fullmatch(value.text):
            trouble = number_trouble(value.text) or f"not {shown(value.text)}"
            raise reading.refuse(node.location, f"{self.noun} must be a whole number; {trouble}")
        return self._within(int(value.text), value, reading)

    def _within(self, number: int, node: Scalar, reading: Reading) -> int:
        if self.least <= number <= self.most:
            return number
        if self.least == self.most:
            raise reading.refuse(node.location, f"{self.noun} must be {self.least}, not {number}")
        bound = f"at least {self.least}" if number < self.least else f"at most {self.most}"
        raise reading.refuse(node.location, f"{self.noun} must be {bound}, not {number}")

    def schema(self) -> JsonSchema:
        most = {} if self.most == MOST else {"maximum": self.most}
        return {"type": "integer", "minimum": self.least, **most}


@dataclass(frozen=True, slots=True)
class Number:
    """A number with or without a fraction, kept exactly as written."""

    noun: str
    least: Decimal
    most: Decimal

    def read(self, node: Node, reading: Reading) -> Decimal:
        value = scalar(node, self.noun, reading)
        if not (value.plain and _DECIMAL.fullmatch(value.text)):
            hint = "such as 10 or 0.5, without quotes"
            message = f"{self.noun} must be a number, {hint}; not {shown(value.text)}"
            raise reading.refuse(node.location, message)
        number = Decimal(value.text)
        if not self.least <= number <= self.most:
            message = f"{self.noun} must be from {self.least} to {self.most}, not {number}"
            raise reading.refuse(node.location, message)
        return number

    def schema(self) -> JsonSchema:
        return {"type": "number", "minimum": float(self.least), "maximum": float(self.most)}
