"""
The whole file: values to Declarations and Settings, all problems of all files at once.

What a value depends on is read before it: the time zone before dates, the
directory and the terms of every file before any share, the share sets before
the collections that take them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from typing import TypeVar

from reconciler.config.calendar import Calendar
from reconciler.config.layout import MAIN, PART, Directory, MainKeys, PartKeys
from reconciler.config.library import refuse_doubles
from reconciler.config.memory import locate
from reconciler.config.nodes import Node
from reconciler.config.problems import Unusable
from reconciler.config.reading import Reading
from reconciler.config.records import Fields
from reconciler.config.settings import Settings, Signers
from reconciler.config.shapes import Named
from reconciler.config.signatures import pinned
from reconciler.config.suggest import shown
from reconciler.core.declared import ALWAYS, Declarations

T = TypeVar("T")


def interpret(
    main: Node,
    parts: Iterable[Node],
    reading: Reading,
    *,
    environment: MappingOf[str, str],
    sandbox: bool,
) -> tuple[Declarations, Settings]:
    """
    Read all files as one.

    `studio` may be missing for the sandbox only. Raises ConfigError with
    everything that is wrong in any of them.
    """
    try:
        top = MAIN.open(main, reading)
    except Unusable:
        reading.problems.settle()
        raise
    files = [top, *_opened(parts, reading)]
    top.read(MainKeys.version, reading)
    reading = replace(
        reading,
        calendar=Calendar(top.read(MainKeys.timezone, reading)),
        mode=top.read(MainKeys.mode, reading) or reading.mode,
    )
    declarations, reading = _declarations(files, reading)
    settings = _settings(top, reading, environment)
    if not sandbox and not top.has(MainKeys.studio):
        reading.problems.add(top.location, 'the file needs the key "studio" (or use --sandbox)')
    reading.problems.settle()
    return declarations, settings


def _opened(parts: Iterable[Node], reading: Reading) -> Iterable[Fields]:
    for part in parts:
        try:
            yield PART.open(part, reading)
        except Unusable:  # told; the other files are read all the same
            continue


def _declarations(files: Sequence[Fields], reading: Reading) -> tuple[Declarations, Reading]:
    """Read what may stand in any file; also what reading the settings may depend on."""
    directories = [file.read(PartKeys.directory, reading) for file in files]
    users = _users(directories, reading)
    groups = _merged((each.groups for each in directories), "group", str, reading)
    terms = _merged((file.read(PartKeys.terms, reading) for file in files), "term", str, reading)
    # A term or set that is no good was told; who names it is not told once more.
    known = {name: each.value or ALWAYS for name, each in terms.items()}
    calendar = replace(reading.calendar, terms=known)
    reading = replace(reading, calendar=calendar, logins=users.keys())
    tables = [file.read(PartKeys.share_sets, reading) for file in files]
    share_sets = _merged(tables, "share set", str, reading)
    reading = replace(reading, share_sets=share_sets.keys())
    collections = [each for file in files for each in file.read(PartKeys.collections, reading)]
    refuse_doubles(collections, reading.problems)
    declarations = Declarations(
        collections=tuple(collections),
        share_sets={name: each.value or () for name, each in share_sets.items()},
        users=_values(users),
        groups=_values(groups),
    )
    return declarations, reading


def _users(directories: Iterable[Directory], reading: Reading) -> dict[str, Named[int]]:
    return _merged((each.users for each in directories), "user", str.casefold, reading)


def _merged(
    tables: Iterable[MappingOf[str, Named[T]]],
    noun: str,
    fold: Callable[[str], str],
    reading: Reading,
) -> dict[str, Named[T]]:
    """Make one table of those of all files; a name in two of them is told."""
    merged: dict[str, Named[T]] = {}
    for table in tables:
        for name, named in table.items():
            first = merged.setdefault(fold(name), named)
            if first is not named:
                told = f"{noun} {shown(name)} is defined twice; first at {first.location.short}"
                reading.problems.add(named.location, told)
    return merged


def _values(table: MappingOf[str, Named[T]]) -> dict[str, T]:
    return {name: each.value for name, each in table.items() if each.value is not None}


def _settings(top: Fields, reading: Reading, environment: MappingOf[str, str]) -> Settings:
    written = top.read(MainKeys.state, reading)
    top.read(MainKeys.include, reading)
    return Settings(
        mode=reading.mode,
        studio=top.read(MainKeys.studio, reading),
        timezone=reading.calendar.zone,
        schedule=top.read(MainKeys.schedule, reading),
        limits=top.read(MainKeys.guards, reading),
        acknowledge=top.read(MainKeys.acknowledge, reading),
        daemon=top.read(MainKeys.daemon, reading),
        notify=top.read(MainKeys.notify, reading),
        signers=_signers(top, reading, environment),
        state_place=locate(written, reading.root, top.location.path, environment),
    )


def _signers(top: Fields, reading: Reading, environment: MappingOf[str, str]) -> Signers | None:
    written = top.read(MainKeys.require_signed_commits, reading)
    return pinned(environment, written.location if written else top.location) or written
