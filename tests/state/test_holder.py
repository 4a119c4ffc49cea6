from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reconciler.state.holder import Holder

HERE = Holder.this_process()

pytestmark = pytest.mark.skipif(HERE.started is None, reason="this system has no /proc")

SAY_WHO = (
    "from reconciler.state.holder import Holder as H; h = H.this_process();"
    "print(h.pid, h.started, flush=True); input()"
)


@pytest.fixture
def child() -> Iterator[tuple[subprocess.Popen[str], Holder]]:
    command = [sys.executable, "-c", SAY_WHO]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid, started = process.stdout.readline().split()
        yield process, replace(HERE, pid=int(pid), started=started)
        process.kill()


def test_a_holder_is_called_by_host_and_process() -> None:
    assert str(Holder(host="reconciler-1", pid=7)) == "reconciler-1:7"


def test_this_process_is_the_same_holder_each_time_it_asks() -> None:
    assert Holder.this_process() == HERE
    assert HERE.pid == os.getpid()


def test_who_lives_is_not_seen_gone(child: tuple[subprocess.Popen[str], Holder]) -> None:
    assert not HERE.sees_gone(HERE)
    assert not HERE.sees_gone(child[1])


def test_who_was_killed_is_gone_before_and_after_it_is_buried(
    child: tuple[subprocess.Popen[str], Holder],
) -> None:
    process, holder = child
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert HERE.sees_gone(holder)
    process.wait()
    assert HERE.sees_gone(holder)


def test_a_process_id_used_again_is_another_process() -> None:
    assert HERE.sees_gone(replace(HERE, started="1"))


NOBODY = replace(HERE, pid=2**22 + 1)  # above the kernel's largest process id


def test_a_process_that_is_not_there_is_gone() -> None:
    assert HERE.sees_gone(NOBODY)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(NOBODY, host="elsewhere"), id="another host"),
        pytest.param(replace(NOBODY, boot="another"), id="another boot, perhaps machine"),
        pytest.param(replace(NOBODY, namespace="pid:[1]"), id="another container"),
        pytest.param(replace(NOBODY, boot=None), id="boot not told"),
        pytest.param(replace(NOBODY, namespace=None), id="container not told"),
        pytest.param(replace(NOBODY, started=None), id="start not told"),
    ],
)
def test_of_others_than_those_of_this_machine_nothing_is_proven(other: Holder) -> None:
    assert not HERE.sees_gone(other)
