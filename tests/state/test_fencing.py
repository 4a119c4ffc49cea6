"""A holder that stood still while its lease went to another cannot begin a write."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta

from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS
from reconciler.state.store import Store

TTL = 1.0

HOLD = """
import sys
from datetime import timedelta
from reconciler.errors import Busy
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.store import open_store

place, name, seconds = sys.argv[1:]
with open_store(place, tenant="school.test") as store:
    with LeaseKeeper(store, name, ttl=timedelta(seconds=float(seconds))) as lease:
        lease.require(0)
        print("held", lease.fence, flush=True)
        sys.stdin.readline()
        try:
            lease.require(0)
            print("writes")
        except Busy as refused:
            print("refused:", refused.message)
"""


def test_a_holder_that_was_stopped_and_resumed_is_refused(store: Store, place: str) -> None:
    command = [sys.executable, "-c", HOLD, place, PASS, str(TTL)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held 1\n"
        holder.send_signal(signal.SIGSTOP)
        try:
            with LeaseKeeper(store, PASS, patience=timedelta(minutes=2)) as lease:
                holder.send_signal(signal.SIGCONT)
                told, _ = holder.communicate("\n", timeout=60)
                assert told.startswith("refused: the lease `pass` is lost: taken over by ")
                assert lease.fence == 2
                lease.require(TTL)
        finally:
            holder.send_signal(signal.SIGCONT)
