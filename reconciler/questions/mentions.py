"""Every line of the file that names one person: what to delete when somebody has left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.core.declared import DeclaredShare, Reference
from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.errors import Location
from reconciler.questions.comparison import Comparison
from reconciler.questions.lines import is_about
from reconciler.questions.subject import Asked


@dataclass(frozen=True, slots=True)
class Mention:
    """
    One line: where it stands, in which list, who is written there, and for how much.

    `permission` is None for a line that shares nothing: an owner, a protected name.
    """

    source: Location
    where: str
    written: str
    permission: Permission | None = None


def mentions(
    asked: Asked, compared: Comparison, protected: Iterable[tuple[Reference, Location]] = ()
) -> tuple[Mention, ...]:
    """All lines that mean this person, by address or by id, in the file's order."""
    found = (*_shares(asked, compared), *_others(asked, compared, protected))
    return tuple(sorted(found, key=lambda each: each.source))


def _shares(asked: Asked, compared: Comparison) -> Iterator[Mention]:
    declared = compared.declarations
    lists: list[tuple[str, Iterable[DeclaredShare]]] = [
        *((f"collection “{each.name}”", each.shares) for each in declared.collections),
        *((f"share set “{name}”", lines) for name, lines in declared.share_sets.items()),
    ]
    for where, lines in lists:
        for line in lines:
            if _means(line.who, asked, compared):
                yield Mention(line.source, where, str(line.who), line.permission)


def _others(
    asked: Asked, compared: Comparison, protected: Iterable[tuple[Reference, Location]]
) -> Iterator[Mention]:
    for each in compared.declarations.collections:
        if each.owner is not None and _means(each.owner, asked, compared):
            yield Mention(each.source, f"owner of “{each.name}”", str(each.owner))
    for reference, source in protected:
        if _means(reference, asked, compared):
            yield Mention(source, "guards.protect", str(reference))


def _means(written: Reference, asked: Asked, compared: Comparison) -> bool:
    """By what the name resolves to, or by the address: a list nobody takes is not looked up."""
    if is_about(written, asked, compared.who):
        return True
    if not isinstance(asked, Principal) or asked.type is not PrincipalType.USER:
        return False
    person = compared.who.seen.people.get(asked.id)
    if person is None or not person.email or compared.who.is_written(written):
        return False
    return written.key == Reference(PrincipalType.USER, name=person.email).key
