"""Which failed passes of a tenant count against the machine they failed on."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from reconciler.errors import StateError, Unauthorized
from tests.cli.seated import Seated, entry, seated


def test_passes_that_fail_in_a_row_are_counted_but_not_for_want_of_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_let_in = False

    def judge(_: httpx.Request) -> None:
        if not is_let_in:
            raise Unauthorized("not from here")

    monkeypatch.setattr(Seated, "sees", lambda _daemon, request: judge(request))
    with seated(tmp_path, entry(0)) as daemon:
        for failures in (1, 2):
            with pytest.raises(Unauthorized):
                daemon.run_pass()
            assert daemon.post.failures == failures
        with daemon.a_state_that_takes_no("INSERT ON passes"), pytest.raises(StateError):
            daemon.run_pass()
        assert daemon.post.failures == 2
        is_let_in = True
        daemon.run_pass()
        assert daemon.post.failures == 0
