"""The configuration that passes go by, as the daemon shows it."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.cli.site import Site
from reconciler.daemon.board import InForce
from reconciler.errors import Problem


def in_force(site: Site, problems: Sequence[Problem], *, observe: bool) -> InForce:
    """What is in force for a tenant, and what is wrong with the files on disk."""
    loaded = site.loaded
    return InForce(
        studio=site.url,
        mode=loaded.settings.mode,
        zone=loaded.settings.timezone,
        path=loaded.path.name,
        digest=loaded.digest,
        commit=loaded.commit,
        observe=observe,
        paused_until=loaded.settings.schedule.pause_until if site.is_paused() else None,
        problems=tuple(map(str, problems)),
    )
