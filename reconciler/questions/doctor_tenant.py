"""Doctor's look at the tenant: who we are, what we see and may do, how it answers, what is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reconciler.core.model import OWNER, Foreign, Permission, Principal, PrincipalType, Status
from reconciler.core.observed import Kind, Listing, ObservedState, Shares, Unreadable
from reconciler.core.plan import CollectionPlan, Plan
from reconciler.questions.doctor import Finding, Grade
from reconciler.studio import wire
from reconciler.studio.answers import Document
from reconciler.studio.apidocs import read_apidocs
from reconciler.studio.client import Reader
from reconciler.studio.observe import Observer
from reconciler.studio.options import PermissionsBody
from reconciler.studio.routes import Route

NAMED = 5
KINDS = {Kind.ORDINARY: "ordinary", Kind.USER: "My Library", Kind.COURSE_WIDE: "of courses"}


def who_we_are(reader: Reader, me: int | None, written: int | None) -> Iterator[Finding]:
    """Whose the token is, by the My Library in the listing or by `studio.me`."""
    if written is not None and me is not None and written != me:
        text = f"studio.me is {written}, and the service shows user:{me}"
        yield Finding("me", Grade.FAIL, text, "correct studio.me, or leave it out")
        return
    id = me if me is not None else written
    if id is None:
        yield Finding(
            "me",
            Grade.WARN,
            "the service does not show whose the token is; what may be its own share is held",
            "write the token's own user as studio.me",
        )
        return
    answer = reader.get(Route.USER, id=id)
    if not isinstance(answer, Document):
        yield Finding("me", Grade.OK, f"user:{id} ({answer.reason})")
        return
    yield Finding("me", Grade.OK, f"user:{id}{_described(answer.value)}")


def what_we_see(listing: Listing) -> Iterator[Finding]:
    """How many collections the token sees, by type."""
    seen = listing.collections.values()
    counts = Counter(KINDS[each.kind] for each in seen if not each.archived)
    parts = [f"{number} {kind}" for kind, number in sorted(counts.items())]
    if archived := sum(each.archived for each in seen):
        parts.append(f"{archived} archived")
    text = f"{len(listing.collections)} collections: {', '.join(parts) or 'none'}"
    if listing.gap is not None:
        text = f"{text}; the listing is not whole: {listing.gap}"
        yield Finding("visible", Grade.WARN, text, "until it is, nothing is created")
    elif not listing.collections:
        remedy = "use a token of a service account with the Studio admin role"
        yield Finding("visible", Grade.WARN, "no collections", remedy)
    else:
        yield Finding("visible", Grade.OK, text)


def what_we_may(plan: Plan) -> Iterator[Finding]:
    """Which collections of the file this token may not manage, read or find."""
    entries = plan.collections
    blocked = [each for each in entries if each.live and each.live.level is Permission.VIEW]
    unsure = [each for each in entries if each.live and _is_unsure(each)]
    if blocked:
        text = f"may only view {_names(blocked)}: changes there will be refused"
        remedy = "give the token's user edit there, or use an account with the Studio admin role"
        yield Finding("rights", Grade.FAIL, text, remedy)
    if unsure:
        text = f"the service does not say what this token may do with {_names(unsure)}"
        yield Finding("rights", Grade.WARN, text, "settle it with doctor --probe")
    for each in entries:
        if each.status is Status.UNREADABLE:
            yield Finding("rights", Grade.FAIL, f"{each.name}: {each.reason}")
        elif each.status is not Status.OK:
            yield Finding("rights", Grade.WARN, f"{each.name}: {each.status}: {each.reason}")
    if not blocked and not unsure and all(each.status is Status.OK for each in entries):
        yield Finding("rights", Grade.OK, f"may manage all {len(entries)} collections of the file")


def what_is_settled(
    reader: Reader, observer: Observer, observed: ObservedState, body: PermissionsBody
) -> Iterator[Finding]:
    """What nobody documents and can be settled by looking."""
    yield from _apidocs(reader, body)
    yield from _lists(observed)
    if observed.me is not None:
        library, _ = observer.library(observed.me)
        if isinstance(library, Unreadable):
            text = f"the collections of a user cannot be listed ({library.reason})"
            remedy = "pin by id what you create for others, or acknowledge blind_create"
            yield Finding("answers", Grade.WARN, text, remedy)
        else:
            yield Finding("answers", Grade.OK, "the collections of a user can be listed")


def what_is_held(plan: Plan, verdict: str) -> Iterator[Finding]:
    """What the guards would do today, and what a plan would warn of."""
    for hold in plan.holds:
        way = f"let it through with --acknowledge {hold.id}" if hold.can_be_acknowledged else None
        yield Finding("guards", Grade.WARN, f"{hold.guard} holds: {hold.detail}", way)
    if not plan.holds:
        yield Finding("guards", Grade.OK, "nothing would be held today")
    yield Finding("plan", Grade.OK, verdict)
    for notice in plan.notices:
        place = f"{notice.source.short}: " if notice.source else ""
        yield Finding("plan", Grade.WARN, f"{place}{notice.message}")


def _described(document: object) -> str:
    """Who somebody is, as far as the service tells: name, address, roles."""
    row = document.get("user") if isinstance(document, dict) else None
    try:
        person = wire.person(row)
    except wire.NotUnderstood:
        return ""
    roles = row.get("role_names") if isinstance(row, dict) else None
    words = [each for each in (person.name, person.email) if each]
    if isinstance(roles, list) and all(isinstance(each, str) for each in roles):
        words.append(f"roles: {', '.join(roles) or 'none'}")
    return f", {', '.join(words)}" if words else ""


def _is_unsure(entry: CollectionPlan) -> bool:
    """Whether the level told is none, or a word that is not known."""
    level = entry.live.level if entry.live is not None else None
    return level is None or (isinstance(level, Foreign) and level != OWNER)


def _apidocs(reader: Reader, body: PermissionsBody) -> Iterator[Finding]:
    answer = reader.get(Route.APIDOCS)
    if not isinstance(answer, Document):
        text = f"the service's own document cannot be read ({answer.reason})"
        yield Finding("answers", Grade.OK, f"{text}; doctor --probe settles more")
        return
    told = read_apidocs(answer.value)
    if told.body is None:
        yield Finding("answers", Grade.OK, "its own document does not tell the shape of a batch")
    elif told.body is body:
        yield Finding("answers", Grade.OK, f"its own document says that a batch is {_shape(body)}")
    else:
        text = f"its own document says that a batch is {_shape(told.body)}, and we send another"
        remedy = f"settle it with doctor --probe, or set studio.permissions_body: {told.body}"
        yield Finding("answers", Grade.WARN, text, remedy)
    for what, words, known in (
        ("levels", told.levels, {*Permission, "owner"}),
        ("types of collections", told.types, {*Kind}),
    ):
        if strange := [each for each in words if each not in known]:
            text = f"its own document has {what} besides those we know: {', '.join(strange)}"
            yield Finding("answers", Grade.OK, f"{text}; they are left alone")


def _lists(observed: ObservedState) -> Iterator[Finding]:
    """Whether permission lists show the owner, and words that we do not write."""
    read = {id: each for id, each in observed.shares.items() if isinstance(each, Shares)}
    owners = {
        id: live.owner_id
        for id in read
        if (live := observed.collection(id)) is not None and live.owner_id is not None
    }
    shown = [
        Principal(PrincipalType.USER, owner) in read[id].levels for id, owner in owners.items()
    ]
    if shown:
        often = "show" if all(shown) else "do not show" if not any(shown) else "sometimes show"
        yield Finding("answers", Grade.OK, f"permission lists {often} the owner")
    words = {
        level.word
        for each in read.values()
        for level in each.levels.values()
        if isinstance(level, Foreign) and level != OWNER
    }
    if words:
        text = f"shares at levels that we do not write are left alone: {', '.join(sorted(words))}"
        yield Finding("answers", Grade.WARN, text)


def _names(entries: Sequence[CollectionPlan]) -> str:
    return _listed([f"“{each.name}”" for each in entries])


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _shape(body: PermissionsBody) -> str:
    return "an array" if body is PermissionsBody.ARRAY else 'wrapped in {"permissions": […]}'
