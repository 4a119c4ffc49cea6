"""
Scenes: a tenant, its file, and what happens from then on.

Every step may go wrong in every way the sandbox knows: at any request, before or after it took
effect, with people at work meanwhile, and with the process dying at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st

from reconciler.sandbox.faults import Fault
from reconciler.sandbox.switches import Switches
from tests.laws.worlds import (
    IDS,
    NAMES,
    PEOPLE,
    TIGHTER,
    Plain,
    files,
    mostly,
    principals,
    switches,
    tenants,
    words,
)


@dataclass(frozen=True, slots=True)
class Act:
    """Something done by hand in the browser: a method of the tenant, with its arguments."""

    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: its faults, who meddles right before which request, at which breath it dies."""

    faults: tuple[Fault, ...] = ()
    meddling: Mapping[int, Act] = field(default_factory=dict)
    dies_at: int | None = None

    @property
    def is_quiet(self) -> bool:
        return not (self.faults or self.meddling or self.dies_at is not None)


@dataclass(frozen=True, slots=True)
class Edit:
    """The file is another one from now on."""

    file: Plain


@dataclass(frozen=True, slots=True)
class Wait:
    """Time goes by."""

    time: timedelta


Step: TypeAlias = Pass | Act | Edit | Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that a run of the whole depends on."""

    tenant: Plain
    switches: Switches
    file: Plain
    oauth: bool
    steps: Sequence[Step]


def _act(name: str, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.tuples(st.sampled_from(IDS), *args).map(lambda given: Act(name, given))


acts = st.one_of(
    _act("share", principals, words),
    _act("unshare", principals),
    _act("rename", st.sampled_from(NAMES)),
    _act("transfer", st.sampled_from(PEOPLE)),
    _act("archive"),
    _act("delete"),
)

kinds: Mapping[str, Callable[..., st.SearchStrategy[Plain]]] = {
    # A definite no of a service that did it all the same would be a lie; 5xx and 408 are none.
    "status": lambda: st.one_of(
        st.fixed_dictionaries(
            {
                "status": st.sampled_from([400, 401, 403, 404, 422, 429, 429, 429]),
                "body": st.sampled_from(["json", "rate_limit", "html", "empty"]),
                "retry_after": st.sampled_from([None, 2, 600, "date"]),
            }
        ),
        st.fixed_dictionaries(
            {
                "status": st.sampled_from([408, 500, 502, 503]),
                "body": st.sampled_from(["json", "html", "empty"]),
                "retry_after": st.sampled_from([None, 2, "date"]),
                "when": st.sampled_from(["before", "after"]),
            }
        ),
    ),
    "redirect": lambda: st.fixed_dictionaries({"when": st.sampled_from(["before", "after"])}),
    "garbage": lambda: st.fixed_dictionaries({"when": st.sampled_from(["before", "after"])}),
    "reset": lambda: st.fixed_dictionaries({"when": st.sampled_from(["before", "after"])}),
    "timeout": lambda: st.fixed_dictionaries({"when": st.sampled_from(["before", "after"])}),
    "truncated": lambda: st.just({}),
    "refused": lambda: st.just({}),
    "slow": lambda: st.fixed_dictionaries({"seconds": st.sampled_from([1, 31])}),
    "late": lambda: st.fixed_dictionaries({"seconds": st.sampled_from([0, 2, 29])}),
}
ROUTES = (
    ("*", 6),
    ("GET *", 6),
    ("GET /collections/*/permissions", 3),
    ("GET /users/*", 2),
    ("POST *", 3),
    ("POST /collections", 1),
    ("POST /collections/*/permissions", 2),
    ("POST /collections/*/permissions", 2),
)


@st.composite
def faults(draw: st.DrawFn, routes: Sequence[tuple[str, int]] = ROUTES) -> Fault:
    kind = draw(st.sampled_from([*kinds, "late", "reset", "timeout"]))
    fields = draw(kinds[kind]())
    route, most = draw(st.sampled_from(routes))
    return Fault(
        fault=kind,  # type: ignore[arg-type]
        route=route,
        skip=draw(st.integers(0, most)),
        times=draw(st.sampled_from([1, 1, 1, 2, 6])),
        **fields,
    )


def passes(
    *routes: tuple[str, int], acts: st.SearchStrategy[Act] = acts
) -> st.SearchStrategy[Pass]:
    return st.builds(
        Pass,
        faults=st.lists(faults(routes or ROUTES), min_size=1, max_size=3).map(tuple),
        meddling=st.dictionaries(st.integers(2, 12), acts, max_size=2),
        dies_at=st.one_of(st.none(), st.integers(6, 70), st.integers(20, 50)),
    )


waits = st.sampled_from([1, 40, 3600, 6 * 3600, 30 * 3600]).map(
    lambda seconds: Wait(timedelta(seconds=seconds))
)


def stories(
    first: st.SearchStrategy[Pass], *others: st.SearchStrategy[Any]
) -> st.SearchStrategy[Sequence[Step]]:
    """A pass to begin with, then anything."""
    return st.builds(lambda one, rest: [one, *rest], first, st.lists(st.one_of(others), max_size=5))


scenes = st.builds(
    Scene,
    tenant=tenants(),
    switches=switches,
    file=files(),
    oauth=mostly(False, True),
    steps=stories(passes(), passes(), passes(), acts, waits, files().map(Edit)),
)


# --- closer looks: at what comes to be, and at what goes ------------------------------------

births = passes(("POST /collections", 1), ("POST /collections", 0), ("GET *", 4))
creations = st.builds(
    Scene,
    tenant=tenants(most=2),
    switches=switches,
    file=files(),
    oauth=st.just(False),
    steps=stories(births, births, births, waits),
)


@st.composite
def removals(draw: st.DrawFn) -> Scene:
    """Much is to go, under limits; people put it back, and time goes by."""
    tenant = draw(tenants())
    ids = [each["id"] for each in tenant["collections"] if each.get("type") == "ordinary"]
    back = st.builds(
        lambda *given: Act("share", given),
        st.sampled_from(ids or IDS),
        principals,
        st.sampled_from(["view", "edit"]),
    )
    going = passes(("POST *", 2), ("POST *", 0), ("GET *", 6), acts=back)
    edits = st.builds(lambda file: Edit(_pinned(file, ids)), files(guards=TIGHTER))
    return Scene(
        tenant=tenant,
        switches=draw(switches),
        file=_pinned(draw(files(guards=TIGHTER)), ids),
        oauth=False,
        steps=draw(stories(going, going, back, back, waits, edits)),
    )


def _pinned(file: Plain, ids: Sequence[int]) -> Plain:
    """The file with an entry for each of these, and one line in each: the rest is to go."""
    entries = [
        {
            **entry,
            "id": id,
            "shares": entry["shares"][:1] or [{"user": 102, "permission": "view"}],
            "share_sets": [],
            "mode": "authoritative",
        }
        for id, entry in zip(ids, file["collections"] * 3, strict=False)
    ]
    named = [{**each, "name": f"{each['name']} {n}"} for n, each in enumerate(entries)]
    return {**file, "collections": named or file["collections"]}
