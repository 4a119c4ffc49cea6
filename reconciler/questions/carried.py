"""
What an exported file takes over from the file it was asked with: `studio`, and `state`.

Both are written again from what was read, so that a secret stays the reference
it is, and nothing rests on how the file was laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.config.files import gather
from reconciler.config.memory import DEFAULT as DEFAULT_STATE
from reconciler.config.memory import OVERRIDE as STATE_OVERRIDE
from reconciler.config.nodes import Mapping as MappingNode
from reconciler.config.nodes import Node, Scalar
from reconciler.config.nodes import Sequence as SequenceNode
from reconciler.config.problems import Problems
from reconciler.config.source import parse
from reconciler.questions.quoting import kept, quoted

_STEP = "  "
_PLACEHOLDER = (
    "# studio:                       # what was exported is the sandbox; for a real tenant:",
    "#   url: https://yourschool.instructuremedia.com",
    "#   auth:",
    "#     access_token: {env: STUDIO_ACCESS_TOKEN}",
)


@dataclass(frozen=True, slots=True)
class Carried:
    """The lines of the sections taken over."""

    studio: tuple[str, ...]
    state: tuple[str, ...] = ()


def carry(path: Path, target: Path | None, environment: Mapping[str, str]) -> Carried:
    """
    Read what is taken over from `path` into a file at `target` (None: not known where).

    In another folder, relative paths become absolute, and the state is named:
    two files of one tenant must share it, or each would write unknown to the other.
    Raises ConfigError where the file cannot be read.
    """
    texts = gather(path)
    main = parse(texts.files[0].data, texts.files[0].path, Problems())
    entries = main.entries if isinstance(main, MappingNode) else {}
    sections = {name: entries[name] for name in ("studio", "state") if name in entries}
    folder = path.parent.absolute()
    if target is not None and target.parent.resolve() != folder.resolve():
        sections = {name: _moved(node, folder) for name, node in sections.items()}
        if "state" in sections:
            sections["state"] = _moved_path(sections["state"], folder)
        elif not environment.get(STATE_OVERRIDE):
            default = str(folder / DEFAULT_STATE)
            sections["state"] = Scalar(default, plain=False)
    lines = {name: tuple(_entry(name, node, "")) for name, node in sections.items()}
    return Carried(lines.get("studio", _PLACEHOLDER), lines.get("state", ()))


def _entry(key: str, node: Node, indent: str) -> Iterator[str]:
    """One key with its value, in block style but for a reference such as `{env: NAME}`."""
    name = f"{indent}{quoted(key)}:"
    if isinstance(node, Scalar):
        yield f"{name} {kept(node.text, plain=node.plain)}"
    elif isinstance(node, MappingNode) and not _is_reference(node):
        yield name
        for inner, value in node.entries.items():
            yield from _entry(inner, value, indent + _STEP)
    else:
        yield f"{name} {_flow(node)}"


def _is_reference(node: MappingNode) -> bool:
    return set(node.entries) in ({"env"}, {"file"})


def _flow(node: Node) -> str:
    if isinstance(node, Scalar):
        return quoted(node.text)
    if isinstance(node, SequenceNode):
        return f"[{', '.join(map(_flow, node.items))}]"
    pairs = (f"{quoted(key)}: {_flow(value)}" for key, value in node.entries.items())
    return f"{{{', '.join(pairs)}}}"


def _moved(node: Node, folder: Path) -> Node:
    """The same, its secrets' files named from the root."""
    if not isinstance(node, MappingNode):
        return node
    entries = {
        key: _moved_path(value, folder) if key == "file" else _moved(value, folder)
        for key, value in node.entries.items()
    }
    return replace(node, entries=entries)


def _moved_path(node: Node, folder: Path) -> Node:
    if not isinstance(node, Scalar) or "://" in node.text:
        return node
    return replace(node, text=str(folder / node.text), plain=False)
