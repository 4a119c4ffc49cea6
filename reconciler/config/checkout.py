"""The git checkout that a file is in: what it is of, and what git says about it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 5.0
# Set inside hooks and by some tools: they would name another repository than the file's.
_MISLEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR")


@dataclass(frozen=True, slots=True)
class Checkout:
    """The folder of a checkout, links followed, and the git to ask about it."""

    git: str
    folder: Path

    def ask(self, *arguments: str, given: bytes = b"") -> bytes | None:
        """
        Git's answer to one question; None where it says no, or says nothing in time.

        Git refuses a checkout of another user; the one we were pointed at is
        declared safe, for this one question. Objects are taken as they are,
        whatever the checkout says is to stand in for them.
        """
        try:
            answer = subprocess.run(  # noqa: S603 - git itself; the folder is its own argument
                [self.git, "-C", str(self.folder), *arguments],
                env=self._environment(),
                input=given,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return answer.stdout

    def head(self) -> str | None:
        """The commit that is checked out; None where there is none yet."""
        answer = self.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return answer.decode().strip() or None if answer else None

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
        return {
            **kept,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": str(self.folder),
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }


def checkout_of(folder: Path) -> Checkout | None:
    """The checkout that a folder is in; None outside of one, or where there is no git."""
    git = shutil.which("git")
    ways = (folder, *folder.parents)
    top = next((each for each in ways if (each / ".git").exists()), None)
    return None if git is None or top is None else Checkout(git, top)


def commit_of(path: Path) -> str | None:
    """Tell the commit that is checked out where the file is; None where there is none to tell."""
    checkout = checkout_of(path.resolve().parent)
    return None if checkout is None else checkout.head()
