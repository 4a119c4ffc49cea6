"""An export as the text of a configuration file: grouped by owner, told in comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from reconciler.core.model import PrincipalType
from reconciler.core.observed import Person
from reconciler.questions.carried import Carried
from reconciler.questions.export import Entry, Export, Line, Unexported
from reconciler.questions.quoting import comment, quoted
from reconciler.questions.survey import titled
from reconciler.report.wording import counted

NAMELESS = "(without a name)"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the head of the file tells: which tenant, and what is not in the file and why."""

    studio: str
    missing: tuple[str, ...] = ()


def render(exported: Export, carried: Carried, about: About) -> str:
    """Write the file: valid as it stands, and in agreement with what was read."""
    return "\n".join(
        [
            *_head(exported, about),
            "version: 1",
            "",
            "# authoritative makes Studio equal to this file: a share that has no line here goes.",
            "# In the mode observe nothing is ever changed.",
            "mode: authoritative",
            "",
            *carried.studio,
            *carried.state,
            "",
            *_directory(exported),
            *_collections(exported),
            "",
        ]
    )


def _head(exported: Export, about: About) -> Iterator[str]:
    yield "# yaml-language-server: $schema=./reconciler.schema.json"
    yield "#"
    yield comment(f"Exported from {about.studio}, as far as this token sees: {_extent(exported)}.")
    yield "# As long as nobody changes anything, `reconciler plan` has nothing to do on it."
    yield from map(comment, about.missing)
    yield ""


def _extent(exported: Export) -> str:
    shares = sum(len(each.lines) for each in exported.entries)
    return f"{counted(len(exported.entries), 'collection')}, {counted(shares, 'share')}"


def _directory(exported: Export) -> Iterator[str]:
    tables = {"users": exported.users, "groups": exported.groups}
    if not any(tables.values()):
        return
    yield "# Names that Studio's API cannot look up."
    yield "directory:"
    for title, table in tables.items():
        if table:
            yield f"  {title}:"
            yield from (f"    {quoted(name)}: {id}" for name, id in _sorted(table))
    yield ""


def _sorted(table: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(table.items(), key=lambda each: (each[0].casefold(), each))


def _collections(exported: Export) -> Iterator[str]:
    yield "# A collection that is not named here is never touched."
    yield "collections:" if exported.entries else "collections: []"
    all_: tuple[Entry | Unexported, ...] = (*exported.entries, *exported.unread)
    told = sorted(all_, key=lambda each: _order(each, exported))
    for owner_id, group in groupby(told, key=lambda each: each.live.owner_id):
        yield ""
        yield f"  {comment(f'----- {_owner(owner_id, exported.owners)} -----')}"
        for each in group:
            yield ""
            yield from _entry(each) if isinstance(each, Entry) else _unread(each)


def _order(each: Entry | Unexported, exported: Export) -> tuple[bool, str, int, str, int]:
    """By owner, those without one last; then by name."""
    owner_id, live = each.live.owner_id, each.live
    owner = _owner(owner_id, exported.owners).casefold()
    return owner_id is None, owner, owner_id or 0, (live.name or "").casefold(), live.id


def _owner(id: int | None, people: Mapping[int, Person]) -> str:
    if id is None:
        return "owner not told"
    person = people.get(id) or Person(id)
    return ", ".join(filter(None, (person.name, person.email, f"user {id}")))


def _entry(entry: Entry) -> Iterator[str]:
    live = entry.live
    nameless = "" if live.name is not None else f"  {comment('it has no name in Studio')}"
    yield f"  - name: {quoted(live.name if live.name is not None else NAMELESS)}{nameless}"
    yield f"    id: {live.id}"
    if entry.lines:
        yield "    shares:"
        yield from (f"      - {_line(line)}" for line in entry.lines)
    else:
        # Nobody but the owner, and meant: whoever is let in by hand goes again.
        yield "    allow_empty: true"
        yield "    shares: []"
    yield from (f"      {comment(f'not in the file: {each}')}" for each in entry.remarks)


def _line(line: Line) -> str:
    who = line.who
    named = str(who.id) if who.id is not None else quoted(who.name or "")
    kind = "user" if who.type is PrincipalType.USER else "group"
    remark = f"  {comment(line.remark)}" if line.remark else ""
    return f"{{{kind}: {named}, permission: {line.permission}}}{remark}"


def _unread(each: Unexported) -> Iterator[str]:
    yield f"  {comment(f'{titled(each.live, each.live.id)} could not be read: {each.reason}')}"
