"""Daemons of many tenants in this process, over files that each want one share more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.cli.fleet import Fleet
from reconciler.state.holder import Holder
from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import config
from tests.patience import PATIENCE

ROWS = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
CHEMISTRY = 4712
LIN = ("user", 103)


def write(
    folder: Path, number: int, studio: FakeStudio, rows: str = ROWS, *, more: str = ""
) -> None:
    """The file of a tenant in the folder."""
    (folder / f"{number}.yaml").write_text(config(studio.url, rows, more=more), encoding="utf-8")


def healed(*studios: FakeStudio) -> bool:
    """Whether everybody has the share that the files want and that was not there."""
    return all(LIN in each.shares(CHEMISTRY) for each in studios)


def drift(*studios: FakeStudio) -> None:
    """Take it away again."""
    for each in studios:
        del each.shares(CHEMISTRY)[LIN]


@contextmanager
def serving(folder: Path, host: str = "here") -> Iterator[Fleet]:
    """A daemon in this process that takes itself for one on the machine of this name."""
    fleet = Fleet([folder], observe=False, me=Holder(host=host, pid=1))
    thread = threading.Thread(target=fleet.run)
    thread.start()
    try:
        yield fleet
    finally:
        fleet.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
