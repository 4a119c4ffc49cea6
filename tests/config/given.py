"""Configurations as tests write them: a few lines of YAML, loaded as the program would."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from reconciler.config.files import Loaded, load
from reconciler.config.nodes import Node
from reconciler.config.problems import Problems
from reconciler.config.source import parse
from reconciler.core.declared import DeclaredShare
from reconciler.errors import ConfigError, Problem

HEAD = "version: 1\nmode: authoritative\n"
TOKEN = "  auth: {access_token: {env: STUDIO_ACCESS_TOKEN}}\n"


def write(folder: Path, text: str, **others: str) -> Path:
    """Write a main file with the head every file needs, and others by their path."""
    path = folder / "config.yaml"
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(textwrap.dedent(content), encoding="utf-8")
    return path


def loaded(folder: Path, text: str = "", env: Mapping[str, str] | None = None) -> Loaded:
    """Load it for the sandbox, so that no test needs a `studio` that it is not about."""
    return load(write(folder, text), environment=env or {}, sandbox=True)


def told(folder: Path, text: str, env: Mapping[str, str] | None = None) -> list[str]:
    """Tell what is wrong with it, as `line:column: message`; lines count from after the head."""
    try:
        loaded(folder, text, env)
    except ConfigError as error:
        return [_short(problem) for problem in error.problems]
    return []


def _short(problem: Problem) -> str:
    head = HEAD.count("\n")
    return f"{problem.location.line - head}:{problem.location.column}: {problem.message}"


def shares(folder: Path, *lines: str, top: str = "") -> tuple[DeclaredShare, ...]:
    """Load a collection with these lines of shares, and give them as declared."""
    return loaded(folder, biology(*lines, top=top)).declarations.collections[0].shares


def biology(*lines: str, top: str = "") -> str:
    """Write a file with one collection that has these lines of shares."""
    items = "".join(f"      - {line}\n" for line in lines)
    return f"{top}\ncollections:\n  - name: Biology 101\n    shares:\n{items}"


def parsed(text: str | bytes) -> tuple[Node | None, list[str]]:
    """Parse alone: the value, and the problems as `line:column: message`."""
    problems = Problems()
    data = text.encode() if isinstance(text, str) else text
    try:
        node = parse(data, "x", problems)
    except ConfigError:
        node = None
    found = sorted(problems.found)
    return node, [f"{each.location.line}:{each.location.column}: {each.message}" for each in found]
