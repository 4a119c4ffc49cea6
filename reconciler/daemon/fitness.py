"""
Many tenants as plain data: `/healthz`, `/readyz` and `/api/v1/status` of them all.

Both checks are about the process. Whoever restarts it for one tenant's sake
disturbs all the others, so one tenant that is stuck, or not ready, is told and
does not make the whole fail.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.core.document import Document
from reconciler.daemon.status import readiness
from reconciler.daemon.supervisor import PATIENCE
from reconciler.daemon.tenants import Roster, Tenant


def health_of_many(tenants: Iterable[Tenant], *, by_name: bool) -> tuple[bool, Document]:
    """
    Whether the process is alive: no more than half of the loops that run here are stuck.

    More than that is no tenant's own trouble, and a new start is what helps.
    """
    here = [each for each in tenants if each.is_here]
    stuck = [each.name for each in here if each.is_stuck]
    alive = len(stuck) * 2 <= len(here)
    word = "ok" if alive else "stuck"
    return alive, {
        "status": "degraded" if alive and stuck else word,
        "tenants_here": len(here),
        "tenants_stuck": len(stuck),
        "patience_seconds": PATIENCE,
        **({"stuck": stuck} if by_name else {}),
    }


def readiness_of_many(tenants: Iterable[Tenant], *, by_name: bool) -> tuple[bool, Document]:
    """Whether passes succeed for any tenant that is seated here; none seated is ready."""
    here = [each for each in tenants if each.is_here]
    told = {each.name: readiness(each.view.dues, each.now) for each in here}
    unready = sum(not well for well, _ in told.values())
    ready = not here or unready < len(here)
    return ready, {
        "status": "ready" if ready else "not ready",
        "tenants_here": len(here),
        "tenants_not_ready": unready,
        **({"tenants": {name: each for name, (_, each) in told.items()}} if by_name else {}),
    }


def status_of_many(roster: Roster) -> Document:
    """Everything that is known of each tenant, and the files that are no good."""
    return {
        "tenants": [each.document() for each in roster.tenants.values()],
        "broken": [{"path": each.file, "problems": list(each.problems)} for each in roster.broken],
    }
