"""
Files to one configuration: the main file, those it includes, their digest.

Reading bytes (`gather`) is apart from understanding them (`interpret`), so that
whoever watches the files can compare digests, and keep the last good texts.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from reconciler.config import schema
from reconciler.config.checkout import commit_of
from reconciler.config.include import Included, patterns
from reconciler.config.problems import Problems
from reconciler.config.reading import Reading, Root
from reconciler.config.settings import Settings, Signers
from reconciler.config.signatures import troubles
from reconciler.config.source import MOST_BYTES, parse
from reconciler.core.declared import Declarations
from reconciler.errors import ConfigError, Location, Problem

MOST_BYTES_TOGETHER = 4 * MOST_BYTES
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Text:
    """One file as it was read; `path` is relative to the main file's folder, with slashes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Texts:
    """
    All files of one configuration, the main one first, and what is wrong with `include`.

    `kept` are texts from the memory: they were good once, and stand on disk no more.
    """

    path: Path
    root: Root
    files: tuple[Text, ...]
    problems: tuple[Problem, ...] = ()
    kept: bool = False

    @cached_property
    def digest(self) -> str:
        """`sha256:…` over names and contents: another digest is another configuration."""
        total = hashlib.sha256()
        for each in self.files:
            total.update(hashlib.sha256(each.path.encode()).digest())
            total.update(hashlib.sha256(each.data).digest())
        return f"sha256:{total.hexdigest()}"


@dataclass(frozen=True)
class Loaded:
    """
    A configuration that holds.

    `path` is the main file as it was asked for, `folder` its folder with links
    followed. Places inside are relative to the main file's folder.
    """

    path: Path
    folder: Path
    declarations: Declarations
    settings: Settings
    digest: str
    files: tuple[Path, ...]
    kept: bool = False

    @cached_property
    def commit(self) -> str | None:
        """The git commit the file was checked out from; asked for at first use."""
        return None if self.kept else commit_of(self.path)

    def from_texts(self, texts: Texts) -> Loaded:
        """The same configuration, read from texts that say the same: where these stand now."""
        resolved = texts.root.resolved
        paths = tuple(resolved / each.path for each in texts.files)
        return replace(self, folder=resolved, files=paths, kept=texts.kept)


def load(path: Path, *, environment: Mapping[str, str], sandbox: bool = False) -> Loaded:
    """
    Read a configuration, with all files that it includes, signed where that is asked for.

    Raises ConfigError with every problem of every file; there, places are as
    the person who typed `path` would open them.
    """
    texts = gather(path)
    loaded = interpret(texts, environment=environment, sandbox=sandbox)
    verify(texts, loaded.settings.signers)
    return loaded


def verify(texts: Texts, signers: Signers | None) -> None:
    """Raise ConfigError unless the files are as one of these signed them; None asks for nobody."""
    if signers is None:
        return
    main, *parts = texts.files
    # What a link calls the main file, its commit need not.
    contents = {texts.path.resolve().name: main.data, **{each.path: each.data for each in parts}}
    place = texts.root.clickable(signers.location)
    found = troubles(texts.root.resolved, contents, signers.path)
    if found:
        raise ConfigError(Problem(place, each) for each in found)


def gather(path: Path) -> Texts:
    """
    Read the bytes of the main file and of those it includes.

    A tool that swaps checkouts may take the old one away while we read: then
    we begin again. Raises ConfigError when the main file cannot be read.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _gather(path)
        except FileNotFoundError:
            continue
    try:
        return _gather(path)
    except FileNotFoundError:
        raise _unreadable(path, "a file went away while it was read; try again") from None


def interpret(texts: Texts, *, environment: Mapping[str, str], sandbox: bool = False) -> Loaded:
    """Understand what was gathered. Raises ConfigError as `load` does."""
    problems = Problems()
    try:
        with uncollected():
            for problem in texts.problems:
                problems.add(problem.location, problem.message)
            declarations, settings = _interpret(texts, problems, environment, sandbox=sandbox)
    except ConfigError as error:
        clickable = texts.root.clickable
        raise ConfigError(
            Problem(clickable(each.location), each.message) for each in error.problems
        ) from None
    return Loaded(
        path=texts.path,
        folder=texts.root.resolved,
        declarations=declarations,
        settings=settings,
        digest=texts.digest,
        files=tuple(texts.root.resolved / each.path for each in texts.files),
        kept=texts.kept,
    )


def _interpret(
    texts: Texts, problems: Problems, environment: Mapping[str, str], *, sandbox: bool
) -> tuple[Declarations, Settings]:
    nodes = [parse(each.data, each.path, problems) for each in texts.files]
    main, *parts = (node for node in nodes if node is not None) if all(nodes) else (None,)
    if main is None:
        # What an unreadable file would have defined must not be told as missing from the others.
        problems.settle()
        raise AssertionError("a file without values and without a problem")
    reading = Reading(problems, texts.root)
    return schema.interpret(main, parts, reading, environment=environment, sandbox=sandbox)


def _gather(path: Path) -> Texts:
    main = _main(path)
    # The main file keeps the name it was asked for by; what a link calls it changes.
    files = [Text(path.name, _bytes(main))]
    root = Root(path.parent, main.parent)
    problems = Problems()
    wanted = patterns(files[0].data, path.name)
    together = len(files[0].data)
    for each in Included(root.resolved, main, problems).files(wanted):
        files.append(Text(each.relative_to(root.resolved).as_posix(), _bytes(each)))
        together += len(files[-1].data)
        if together > MOST_BYTES_TOGETHER:
            limit = f"{MOST_BYTES_TOGETHER // 1024 // 1024} MiB"
            problems.add(wanted[0][1], f"the included files are larger than {limit} together")
            break
    return Texts(path, root, tuple(files), tuple(problems.found))


def _main(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except FileNotFoundError:
        message = "there is no such file; write one with `reconciler init`, or name yours with -c"
        raise _unreadable(path, message) from None
    except (OSError, RuntimeError):
        raise _unreadable(path, "the path cannot be followed; check its links") from None


def _bytes(path: Path) -> bytes:
    """Read a file, up to one byte more than is allowed: enough to tell."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable(path, f"the file cannot be read: {error.strerror}") from None


def _unreadable(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(Location(path.as_posix(), 1, 1), message)])


@contextmanager
def uncollected() -> Iterator[None]:
    """
    Keep the garbage collector from walking a large, growing tree: it would double the time.

    For the whole of a command that reads files and ends: one walk is left, right after.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
