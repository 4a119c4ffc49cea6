"""A pass without the state: what there is to do is known and shown, and nothing is written."""

from __future__ import annotations

import time
from dataclasses import replace

import structlog

from reconciler.cli.conduct import Conducted
from reconciler.cli.exits import Exit
from reconciler.cli.site import Site, new_pass_id, now, without_memory
from reconciler.cli.tasks import task_for
from reconciler.core.observed import NOTHING_REMEMBERED
from reconciler.errors import ReconcilerError, StateError
from reconciler.passes.rounds import Done, preview

log = structlog.get_logger()


def look_only(site: Site, away: StateError) -> Conducted | None:
    """
    Plan while the state is away. None where Studio cannot be read either.

    What earlier passes remember is unknown, as it is to `plan` without a state,
    and the plan says so.
    """
    at, began = now(), time.monotonic()
    try:
        sent_before = site.reader().requests
        first = preview(site.observer(), task_for(site, NOTHING_REMEMBERED, at), at)
    except ReconcilerError as error:
        log.warning("nothing can be planned either", error=error.message, remedy=error.remedy)
        return None
    finally:
        site.rest()
    plan = replace(first.plan, notices=(*first.plan.notices, without_memory(away)))
    return Conducted(
        header=site.header(new_pass_id(at), at),
        done=Done(plan),
        wrote=False,
        stopped=site.stop.is_set(),
        status=Exit.FAILED,
        seconds=time.monotonic() - began,
        requests=site.reader().requests - sent_before,
    )
