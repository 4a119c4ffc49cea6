# ruff: noqa: INP001 - a script on its own
"""
Ask the daemon in this container whether its loop is alive: exit 0 or 1.

Nothing that listens is no sickness: without `daemon.listen` there is no page,
and a command such as `plan` has none. A daemon that is gone ends its container
anyway; what this finds is one that hangs. HEALTH_PORT is the port of
`daemon.listen`, 8080 without it; it may listen on 127.0.0.1 or 0.0.0.0.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

SECONDS = 5.0


def is_well(url: str) -> bool:
    """Whether the answer is a 2xx, or nobody is there to answer."""
    # No proxy of the environment has a say in what stays inside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=SECONDS).close()
    except urllib.error.URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    port = os.environ.get("HEALTH_PORT", "8080")
    sys.exit(0 if is_well(f"http://127.0.0.1:{port}/healthz") else 1)
