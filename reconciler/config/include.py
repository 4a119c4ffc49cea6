"""The `include` key: which further files belong to the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from reconciler.config.layout import MainKeys
from reconciler.config.nodes import Mapping
from reconciler.config.problems import Problems, Unusable
from reconciler.config.reading import Reading, Root
from reconciler.config.source import parse
from reconciler.config.suggest import shown
from reconciler.errors import ConfigError, Location

Pattern = tuple[str, Location]

_LONGEST_NAME = 255
_MOST_FOLDERS = 32
_MOST_KNOWN = 4096

# By the digest of a main file: its text may be megabytes, and is nobody's to keep here.
_known: dict[bytes, tuple[Pattern, ...]] = {}


def patterns(data: bytes, path: str) -> tuple[Pattern, ...]:
    """
    Read the include patterns of a main file and nothing else of it; none of a broken one.

    What is wrong with them is told when the whole file is read. The answers are
    kept, since whoever watches the files of many tenants asks again and again.
    """
    if b"include" not in data:
        return ()
    said = sha256(path.encode() + b"\0" + data).digest()
    found = _known.get(said)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[said] = _patterns(data, path)
    return found


def _patterns(data: bytes, path: str) -> tuple[Pattern, ...]:
    problems = Problems()
    try:
        top = parse(data, path, problems)
        entry = top.entries.get(MainKeys.include.name) if isinstance(top, Mapping) else None
        if entry is None:
            return ()
        reading = Reading(problems, Root(Path(), Path()))
        return MainKeys.include.shape.read(entry, reading)
    except (ConfigError, Unusable):
        return ()


@dataclass(frozen=True, slots=True)
class Included:
    """The files that patterns name, in a stable order, each once."""

    folder: Path
    main: Path
    problems: Problems

    def files(self, wanted: Iterable[Pattern]) -> tuple[Path, ...]:
        """Find them below the folder, all links followed; what matches nothing is told."""
        found = (each for pattern in wanted for each in self._matching(*pattern))
        return tuple(dict.fromkeys(found))

    def _matching(self, pattern: str, location: Location) -> list[Path]:
        if trouble := _trouble(pattern):
            self.problems.add(location, f"include {shown(pattern)} {trouble}")
            return []
        matches = sorted(self._found(pattern))
        if not matches:
            folder = "below the folder of this file"
            self.problems.add(location, f"include {shown(pattern)} matches no file {folder}")
        return [each for each in matches if self._is_inside(each, pattern, location)]

    def _found(self, pattern: str) -> Iterator[Path]:
        for path in self.folder.glob(pattern):
            inside = path.relative_to(self.folder)
            hidden = any(part.startswith(".") for part in inside.parts)
            if (
                path.is_file()
                and path.resolve() != self.main
                and (not hidden or "." in pattern[:1])
            ):
                yield path

    def _is_inside(self, path: Path, pattern: str, location: Location) -> bool:
        inside = path.resolve().is_relative_to(self.folder)
        if not inside:
            name = shown(path.relative_to(self.folder).as_posix())
            message = (
                f"include {shown(pattern)} leads out of this file's folder, by the link {name}"
            )
            self.problems.add(location, message)
        return inside


def _trouble(pattern: str) -> str | None:
    path = PurePosixPath(pattern)
    if path.is_absolute() or ".." in path.parts:
        return "leads out of this file's folder; files stay below it"
    if not path.parts or not _can_be_a_path(pattern, path):
        return "cannot be a path; write one such as collections/*.yaml"
    if path.parts.count("**") > 1 or any("**" in part and part != "**" for part in path.parts):
        return "can have ** once, as a folder of its own: **/*.yaml"
    return None


def _can_be_a_path(pattern: str, path: PurePosixPath) -> bool:
    """Whether the system will take it: it answers some of these with errors of its own."""
    longest = max(len(part.encode()) for part in path.parts)
    return pattern.isprintable() and longest <= _LONGEST_NAME and len(path.parts) <= _MOST_FOLDERS
