"""The pages that people read, and what is taken from them to be tried."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reconciler.cli.main import cli

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (README, *sorted(ROOT.glob("docs/*.md")))
}

_INLINE = re.compile(r"`(reconciler(?: [^`]+)?)`")
_TYPED = re.compile(r"(?<![\w./=-])(?<!-u )reconciler (?=[a-z-])[^\n]*")
_FENCED = re.compile(r"^ *```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"\s(?:#|>|\||&&|-- )(?:\s|$)|\s?\|\||[;)]")


@dataclass(frozen=True)
class Block:
    """One fenced block: what kind it says it is, and what is in it."""

    kind: str
    text: str


def blocks(text: str) -> Iterator[Block]:
    """Every fenced block of a page, in order."""
    for match in _FENCED.finditer(text):
        yield Block(match["kind"], match["text"])


def typed(text: str) -> Iterator[str]:
    """Every command in the blocks that show a terminal or a script, in order."""
    for block in blocks(text):
        if block.kind in {"console", "sh"}:
            for match in _TYPED.finditer(block.text):
                yield alone(match[0])


def commands_in(text: str) -> Iterator[str]:
    """Every command that a text shows, without what the shell makes of its output."""
    for match in _INLINE.finditer(text):
        command = alone(match[1])
        if "…" not in command:
            yield command
    yield from typed(text)


def alone(command: str) -> str:
    """A command without what the shell makes of its output, and without remarks."""
    return _SHELL.split(command)[0].strip()


def parse(command: str) -> str:
    """Parse a command line as the program would, and do nothing. Raises where it is wrong."""
    context = cli.make_context("reconciler", shlex.split(command)[1:])
    name, found, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert found is not None
    assert name is not None
    with found.make_context(name, list(rest), parent=context):
        return name


def options(name: str) -> set[str]:
    """Every option that a command knows."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return {each for parameter in command.params for each in (*parameter.opts, "--help")}


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    level = title.partition(" ")[0]
    _, found, rest = text.partition(f"\n{title}\n")
    assert found, title
    return re.split(rf"^#{{1,{len(level)}}} ", rest, flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[tuple[str, ...]]:
    """The cells of every row of the tables in a text, without heads and rules."""
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("| ") and not {line[:5], following[:5]} & {"| ---"}:
            yield tuple(cell.strip() for cell in line.strip("|").split(" | "))


def coded(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def keys_of(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON is
    """Every key of the schema, with its path and what is said of it."""
    for name, value in node.get("properties", {}).items():
        yield f"{path}{name}", value
        yield from keys_of(value, f"{path}{name}.")
    for word in ("items", "additionalProperties"):
        if isinstance(node.get(word), dict):
            yield from keys_of(node[word], path)
    for word in ("anyOf", "oneOf", "allOf"):
        for each in node.get(word, ()):
            yield from keys_of(each, path)
