"""What tests/conftest.py promises to every other test."""

from __future__ import annotations

import os
import socket
import time

import pytest
from hypothesis import settings


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "studio.invalid"])
def test_no_test_reaches_the_network(address: str) -> None:
    with socket.socket() as peer, pytest.raises(pytest.fail.Exception, match="only loopback"):
        peer.connect((address, 443))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as peer:
            peer.sendall(b"ping")
        answered, _ = server.accept()
        with answered:
            assert answered.recv(4) == b"ping"


def test_the_shell_s_own_settings_do_not_reach_a_test() -> None:
    assert not [name for name in os.environ if name.startswith("RECONCILER_")]
    assert "NO_COLOR" not in os.environ


def test_local_time_is_neither_utc_nor_a_whole_hour_away() -> None:
    assert time.strftime("%z", time.localtime(1_800_000_000)) == "+0545"


def test_examples_do_not_depend_on_the_clock() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
