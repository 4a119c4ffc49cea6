"""Groups unfolded into their members, to say whose access a plan changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconciler.core.reach import Reach, groups_that_matter, reach
from reconciler.errors import ReconcilerError

if TYPE_CHECKING:
    from reconciler.cli.site import Site
    from reconciler.core.observed import Person, Unreadable
    from reconciler.core.plan import Plan
    from reconciler.passes.draft import Draft
    from reconciler.studio.observe import Observer


def whom_it_reaches(site: Site, studio: Observer, made: Draft, plan: Plan) -> Reach | None:
    """
    Read the members of the groups that matter; None where the plan changes nothing.

    A plan is worth showing without this: whatever goes wrong, the group is told
    as not read, and nothing fails.
    """
    if not any(plan.changes()):
        return None
    groups = groups_that_matter(plan)
    members = {
        id: None if not isinstance(people, tuple) else tuple(person.id for person in people)
        for id, people in zip(groups, _members(site, studio, groups), strict=True)
    }
    return reach(plan, members, made.view.observed.me, made.who.label)


def _members(
    site: Site, studio: Observer, groups: Sequence[int]
) -> Sequence[tuple[Person, ...] | Unreadable | None]:
    from reconciler.studio.parallel import in_parallel  # noqa: PLC0415 - httpx is its neighbour

    try:
        return in_parallel(
            studio.members,
            groups,
            threads=site.options().concurrency,
            done=lambda count: site.progress("groups", count, len(groups)),
        )
    except ReconcilerError:
        return [None] * len(groups)
