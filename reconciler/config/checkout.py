"""Which commit a file was checked out from."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_SECONDS = 5.0
# Set inside hooks and by some tools: they would name another repository than the file's.
_MISLEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR")


def commit_of(path: Path) -> str | None:
    """
    Tell the commit that is checked out where the file is; None where there is none to tell.

    Git refuses a checkout of another user; the one we were pointed at is
    declared safe, for this one question.
    """
    git = shutil.which("git")
    checkout = _checkout(path.resolve())
    if git is None or checkout is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 — a fixed command; the folder is its own argument
            [git, "-C", str(checkout), "rev-parse", "--verify", "--quiet", "HEAD"],
            env=_environment(checkout),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None


def _checkout(path: Path) -> Path | None:
    return next((each for each in path.parents if (each / ".git").exists()), None)


def _environment(checkout: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    return {
        **kept,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(checkout),
        "GIT_OPTIONAL_LOCKS": "0",
    }
