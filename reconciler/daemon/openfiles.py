"""
How many files a process may have open: as many as its machine lets it ask for.

The usual limit of 1024 is there for programs that use select(2), which none of
ours does. Three hundred tenants that start together have more sockets than that,
and systemd and newer container runtimes leave the asking to the program.
"""

from __future__ import annotations

import contextlib
import resource

ENOUGH = 65_536
"""Far more than a thousand tenants with all their requests under way."""


def ask_for_many() -> None:
    """Raise this process's own limit as far as that needs nobody's leave; else leave it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    # A sandbox may forbid the call: few tenants then do as well as before.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
