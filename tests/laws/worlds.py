"""
Worlds: a tenant, and the file that somebody wrote for it.

They are small, so that names, people and collections meet; what nobody documents about the
service is turned both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

from reconciler.sandbox.switches import Switches

Plain: TypeAlias = dict[str, Any]

HOST = "school.test"
STUDIO: Plain = {
    "url": f"https://{HOST}",
    "auth": {"access_token": {"env": "STUDIO_TOKEN"}},
    "requests_per_second": 1000,
    "concurrency": 1,
}
"""How a file reaches the tenant: as fast as it likes, one request at a time."""

ME = 101
PEOPLE = (101, 102, 103, 104, 105)
STRANGER = 404  # an id that nobody has
GROUPS = {7: "Faculty", 12: "Media"}
NAMES = ("Algebra", "Biology", "Chemistry", "Drama", "Ethics")
IDS = (4701, 4702, 4703, 4704, 4705, 4706)
LIBRARY = 4001
EMAILS = {
    101: "ada@school.edu",
    102: "Grace@School.edu",
    103: "lin@school.edu",
    104: "omar@school.edu",
    105: "mia@school.edu",
}
ADDRESSES = (*(email.lower() for email in EMAILS.values()), "nobody@school.edu")


levels = st.sampled_from(["view", "edit"])
words = st.sampled_from(["view", "edit", "view", "edit", "comment"])
principals = st.one_of(
    st.tuples(st.just("user"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("group"), st.sampled_from(list(GROUPS))),
)


# --- the tenant ------------------------------------------------------------------------


@st.composite
def collections(draw: st.DrawFn, id: int) -> Plain:
    owner = draw(st.sampled_from([101, 101, 102, 103]))
    kind = draw(st.sampled_from(["ordinary"] * 12 + ["user", "course_wide"]))
    shares = draw(st.dictionaries(principals, words, min_size=1, max_size=5))
    shares.pop(("user", owner), None)
    return {
        "id": id,
        "name": draw(st.sampled_from([NAMES[id % 5]] * 4 + [*NAMES, None])),
        "owner": owner if kind != "user" else 103,
        "type": kind,
        "course_id": 900 + id if kind == "course_wide" else None,
        "archived_at": draw(st.sampled_from([None] * 12 + ["2026-06-30T12:00:00Z"])),
        "shares": [
            {who[0]: who[1], "permission": word}
            for who, word in shares.items()
            if who != ("user", 103) or kind != "user"
        ],
    }


@st.composite
def tenants(draw: st.DrawFn, most: int = 5) -> Plain:
    ids = IDS[: draw(st.integers(min(2, most - 2), most))]
    twins = draw(st.sampled_from([False, False, False, True]))
    emails = {**EMAILS, 105: EMAILS[104]} if twins else dict(EMAILS)
    for id in draw(st.sets(st.sampled_from(PEOPLE), max_size=1)):
        emails.pop(id)
    same = draw(st.sampled_from([False, False, False, True]))
    library = {"id": LIBRARY, "name": "My Library", "owner": ME, "type": "user"}
    return {
        "me": ME,
        "users": [
            {
                "id": id,
                "name": f"Person {id}",
                "email": emails.get(id),
                "admin": id == ME and draw(st.sampled_from([True] * 7 + [False])),
            }
            for id in PEOPLE
        ],
        "groups": [
            {"id": id, "name": "Faculty" if same else name, "members": {102: "member"}}
            for id, name in GROUPS.items()
        ],
        "collections": [library, *(draw(collections(id)) for id in ids)],
    }


def mostly(likely: object, *others: object) -> st.SearchStrategy[Any]:
    return st.sampled_from([likely] * (9 * len(others)) + list(others))


switches = st.builds(
    Switches,
    refused_batch=st.sampled_from(["atomic", "prefix", "partial"]),
    permissions_body=st.sampled_from(["array", "wrapped", "both"]),
    max_batch=mostly(None, 1, 2),
    unknown_principal=st.sampled_from([404, 400, 422]),
    duplicate_names=mostly(True, False),
    create_status=st.sampled_from([201, 200]),
    meta=mostly("present", "absent", "wrong"),
    pages=mostly("still", "inserted", "removed"),
    admin_reaches_all=mostly(True, False),
    created_for_others_listed=st.booleans(),
    library_listed=mostly(True, False),
    archived_listed=st.booleans(),
    archived_told=mostly(True, False),
    ordinary_type=st.sampled_from(["collection", None, "shared"]),
    owner_listed=st.booleans(),
    self_listed=st.booleans(),
    foreign_word=mostly(None, "comment"),
    emails=mostly("address", "missing", "login"),
    user_search=mostly("exact", "exact_case", "prefix", "missing"),
    unsearchable=mostly((), (104,)),
    user_collections=mostly("there", "missing", "forbidden"),
    extra_fields=st.booleans(),
    refresh_rotates=mostly(True, False),
    expires_in=st.sampled_from([60, 7200]),
)


# --- the file --------------------------------------------------------------------------

users = st.sampled_from((*PEOPLE * 3, *ADDRESSES[:5] * 3, "nobody@school.edu", STRANGER))
groups = st.sampled_from((*list(GROUPS) * 3, *list(GROUPS.values()) * 2, "Nobody"))
windows = mostly(
    {},
    {"until": "2026-11-22"},
    {"until": "2026-11-23"},
    {"until": "2026-11-24"},
    {"from": "2026-11-24"},
)
whom = st.one_of(
    users.map(lambda who: {"user": who}),
    groups.map(lambda who: {"group": who}),
)
lines = st.builds(
    lambda who, level, window: {**who, "permission": level, **window}, whom, levels, windows
)
lists = st.lists(
    lines,
    min_size=1,
    max_size=4,
    unique_by=lambda line: str(line.get("user", f"group {line.get('group')}")),
)


@st.composite
def entries(draw: st.DrawFn) -> Plain:
    entry: Plain = {
        "name": draw(st.sampled_from(NAMES)),
        "shares": draw(lists) if draw(mostly(True, False)) else [],
    }
    if draw(st.sampled_from([False, False, True])):
        entry["id"] = draw(st.sampled_from([*IDS, 4999]))
    elif draw(st.booleans()):
        entry["owner"] = draw(st.sampled_from([101, 102, *ADDRESSES[:3]]))
    if draw(mostly(True, False)) is False:
        entry["create"] = False
    if draw(st.booleans()):
        entry["allow_empty"] = True
    if draw(mostly(False, True)):
        entry["mode"] = draw(st.sampled_from(["observe", "additive", "authoritative"]))
    if draw(mostly(False, True)):
        entry["share_sets"] = ["staff"]
    return entry


OFF: Plain = {
    "removals": {"per_collection": None, "per_pass": None, "per_day": None},
    "escalations": {"per_pass": None},
    "expiries": {"per_pass": None},
    "visibility": None,
    "flapping": None,
}
TIGHT: Plain = {
    "removals": {
        "per_collection": {"count": 1, "percent": 50},
        "per_pass": {"count": 2},
        "per_day": {"count": 3, "percent": 25},
    },
    "escalations": {"per_pass": {"count": 1}},
    "expiries": {"per_pass": {"count": 1}},
    "grants": {"per_pass": {"count": 3}},
    "flapping": {"count": 2},
    "protect": {"users": [103, "nobody@school.edu"], "groups": ["Media"]},
}


# The same of what goes, and nothing in its way.
TIGHTER = (
    {**OFF, "removals": {**OFF["removals"], "per_pass": {"count": 2}}},
    {**OFF, "removals": {**OFF["removals"], "per_day": {"count": 3}}},
    {**OFF, "removals": {**OFF["removals"], "per_collection": {"count": 1, "percent": 34}}},
    {**TIGHT, "protect": {}, "grants": {"per_pass": None}},
    {**OFF, "flapping": {"count": 1}},
)


@st.composite
def files(draw: st.DrawFn, guards: Sequence[Plain] = (OFF, TIGHT, {})) -> Plain:
    mode = draw(mostly("authoritative", "additive", "observe"))
    file: Plain = {
        "version": 1,
        "mode": mode,
        "studio": {**STUDIO, "batch_size": draw(st.sampled_from([50, 50, 1, 2]))},
        "guards": draw(st.sampled_from(guards)),
        "share_sets": {"staff": draw(lists)},
        "collections": draw(
            st.lists(
                entries(),
                min_size=2,
                max_size=5,
                unique_by=(_called, lambda entry: entry.get("id", id(entry))),
            )
        ),
    }
    if draw(mostly(False, True)):
        file["directory"] = {"users": {"nobody@school.edu": 104}, "groups": {"Faculty": 7}}
    if draw(mostly(False, True)):
        file["studio"]["me"] = ME
    return file


def _called(entry: Plain) -> str:
    return f"{entry['name']} {entry.get('owner')} {entry.get('id')}"
