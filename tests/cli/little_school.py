"""The simulated tenant of a folder: a shell that adds `--sandbox`, and people in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.sandbox.store import open_tenant
from reconciler.sandbox.tenant import Tenant
from reconciler.state.journal import Journal
from reconciler.state.store import Store, open_store
from tests.end_to_end.shell import QuickShell, Ran

BIOLOGY, CHEMISTRY, ONBOARDING, FILMS = 4711, 4712, 4720, 4750
GRACE, LIN, OMAR, MIA, SAM, GUEST = (("user", id) for id in (102, 103, 104, 105, 106, 907))
FACULTY = ("group", 7)

# Grace is new, Lin goes from view to edit, Sam goes; the group stays.
TERM_BEGINS = """
version: 1
mode: authoritative
collections:
  - name: Biology 101
    shares:
      - {group: 7}
      - {user: grace@school.edu}
      - {user: lin@school.edu, permission: edit}
"""


class School:
    """A folder with a file in it, and its own simulated tenant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shell = QuickShell(folder)
        self.write(TERM_BEGINS)

    def __call__(self, *arguments: str, stdin: str | None = None) -> Ran:
        return self._shell("--sandbox", *arguments, stdin=stdin)

    def write(self, text: str) -> None:
        self._shell.write(text)

    @property
    def tenant(self) -> Tenant:
        """The tenant as it stands between two commands."""
        return open_tenant(self.folder / "reconciler.sandbox.json")

    @contextmanager
    def state(self) -> Iterator[Store]:
        with open_store(str(self.folder / "reconciler.sandbox.db"), tenant="sandbox") as store:
            yield store

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        with self.state() as store:
            yield Journal(store)

    def apply(self) -> str:
        """Carry the file out; the id of the pass."""
        ran = self("apply", "--yes", "--format", "json")
        assert ran.status == 0, ran.err
        pass_id = ran.json["id"]
        assert isinstance(pass_id, str)
        return pass_id


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path)
