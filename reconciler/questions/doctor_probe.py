"""Doctor's probe: on which collection it may be tried, with whom, and what it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.core.declared import DeclaredCollection
from reconciler.core.model import OWNER, Permission, Principal, PrincipalType
from reconciler.core.observed import Absent, Kind, LiveCollection, LookupFailed, Unreadable
from reconciler.core.plan import Plan
from reconciler.errors import ReconcilerError
from reconciler.questions.doctor import Finding, Grade
from reconciler.studio.answers import Document
from reconciler.studio.client import Reader
from reconciler.studio.observe import Observer
from reconciler.studio.options import PermissionsBody
from reconciler.studio.probe import Probed
from reconciler.studio.routes import Route

ID = re.compile(r"(?:(user|group):)?([1-9][0-9]{0,17})")
SCRATCH = "name a scratch collection of your own that the file does not name"


def scratch(
    seen: LiveCollection | Absent | Unreadable, entries: Iterable[DeclaredCollection], plan: Plan
) -> LiveCollection:
    """The collection, if it may be tried on. Raises ReconcilerError, with nothing sent."""
    if not isinstance(seen, LiveCollection):
        raise ReconcilerError(f"nothing was tried: {seen.reason}", remedy=SCRATCH)
    named = any(each.id == seen.id or each.name == seen.name for each in entries)
    if named or any(each.id == seen.id for each in plan.collections):
        raise _unfit(seen, "the file names it")
    if seen.kind is not Kind.ORDINARY:
        raise _unfit(seen, "it is somebody's library, or a course's")
    if seen.archived:
        raise _unfit(seen, "it is archived")
    if seen.level not in {OWNER, Permission.EDIT, None}:
        raise _unfit(seen, f"this token has only the level {seen.level} there")
    return seen


def whose_share(written: str, observer: Observer, reader: Reader) -> Principal:
    """Read `user:12`, `group:12`, a bare number (a user) or an address. Raises ReconcilerError."""
    found = ID.fullmatch(written)
    if found is None:
        return _by_address(written, observer)
    who = Principal(PrincipalType(found[1] or "user"), int(found[2]))
    if who.type is PrincipalType.USER:
        answer = reader.get(Route.USER, id=who.id)
        if not isinstance(answer, Document):
            raise ReconcilerError(f"nothing was tried: {who} cannot be seen ({answer.reason})")
    return who


def fit(
    who: Principal, on: LiveCollection, me: int | None, protected: Iterable[Principal]
) -> Principal:
    """The principal, if its share may be tried. Raises ReconcilerError, with nothing sent."""
    user = who.type is PrincipalType.USER
    why = None
    if user and me is None:
        why = "it may be the token's own user, which the service does not show (studio.me)"
    elif user and who.id in {me, on.owner_id}:
        why = "it is the owner, or the token's own user"
    elif who in set(protected):
        why = "it is protected (guards.protect)"
    if why is not None:
        raise ReconcilerError(f"nothing was tried with {who}: {why}", remedy="take somebody else")
    return who


def told(found: Probed, configured: PermissionsBody) -> Iterator[Finding]:
    """What a probe learned, as findings."""
    for each in found.learned:
        yield Finding("probe", Grade.OK, each)
    if found.body is not None and found.body is not configured:
        text = f"studio.permissions_body is {configured}, and every batch in it is refused"
        remedy = f"write permissions_body: {found.body} under studio"
        yield Finding("probe", Grade.FAIL, text, remedy)
    if found.trouble is not None:
        yield Finding("probe", Grade.FAIL, f"it ended early: {found.trouble}")
    if found.left is None:
        yield Finding("probe", Grade.OK, "what was there is there again")
    else:
        remedy = "put it back by hand, in Studio"
        yield Finding("probe", Grade.FAIL, f"it could not put back: {found.left}", remedy)


def _by_address(written: str, observer: Observer) -> Principal:
    hits = observer.people([written])[written]
    if isinstance(hits, LookupFailed):
        raise ReconcilerError(f"{written} could not be looked up: {hits.reason}")
    if len(hits) != 1:
        raise ReconcilerError(
            f"{written} is {len(hits) or 'no'} people in Studio",
            remedy="give the id: --with user:12 or group:12",
        )
    return Principal(PrincipalType.USER, hits[0].id)


def _unfit(seen: LiveCollection, why: str) -> ReconcilerError:
    return ReconcilerError(f"nothing was tried on collection {seen.id}: {why}", remedy=SCRATCH)
