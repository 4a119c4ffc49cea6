"""A daemon that is told to stop while its database is slow does nothing more that can be left."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from reconciler.errors import Stopped
from reconciler.state.history import History
from reconciler.state.lease import PASS, holder_of
from reconciler.state.records import Verdict
from tests.cli.seated import entry, seated

BEFORE_READING = 7
"""Transactions of a pass before its first request: the lease, the record, the memory."""

TO_END = 2
"""Transactions that have to be: the pass on record as ended, and the lease given back."""


@pytest.mark.parametrize("when", range(1, BEFORE_READING + 1))
def test_once_it_is_to_stop_a_pass_neither_prepares_itself_nor_reads(
    tmp_path: Path, when: int
) -> None:
    with seated(tmp_path, entry(0)) as daemon:
        begun = 0

        def stop_in_one(_: Connection) -> None:
            nonlocal begun
            begun += 1
            if begun == when:
                daemon.site.stop.set()

        daemon.run_pass()
        event.listen(daemon.store._database._engine, "begin", stop_in_one)
        with pytest.raises(Stopped, match=r"^stopped before "):
            daemon.run_pass()
        event.remove(daemon.store._database._engine, "begin", stop_in_one)
        assert not daemon.read()
        assert begun <= when + TO_END
        assert holder_of(daemon.store, PASS) is None
        verdicts = [each.verdict for each in History(daemon.store).passes(9)]
        assert verdicts in ([Verdict.DONE], [Verdict.STOPPED, Verdict.DONE])
