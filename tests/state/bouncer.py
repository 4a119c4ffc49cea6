"""A pgbouncer in front of the server: it hands two sessions out, to each transaction another."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.ports import free_port
from tests.state.server import NOBODY, PASSWORD, USER, Server

# Debian puts it where only root looks.
PROGRAM: Final = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

SETTINGS: Final = """\
[databases]
* = host=127.0.0.1 port={server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
logfile = {folder}/log
pool_mode = transaction
default_pool_size = 2
"""
START_SECONDS: Final = 30


@dataclass(frozen=True)
class Bouncer:
    """One that runs; it leads to every database of its server."""

    server: Server
    port: int

    def url(self, place: str) -> str:
        """The same database, through the pooler."""
        return place.replace(f":{self.server.port}/", f":{self.port}/")


@contextmanager
def pgbouncer(server: Server) -> Iterator[Bouncer]:
    """One for as long as the block lasts. It does not run as root."""
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory(prefix="reconciler-pgbouncer-") as name:
        folder, port = Path(name), free_port()
        settings = SETTINGS.format(server=server.port, port=port, folder=folder)
        (folder / "ini").write_text(settings, encoding="utf-8")
        (folder / "users").write_text(f'"{USER}" "{PASSWORD}"\n', encoding="utf-8")
        user = NOBODY if os.geteuid() == 0 else None
        if user is not None:
            os.chown(folder, user, user)
        command = [PROGRAM, "--quiet", str(folder / "ini")]
        with subprocess.Popen(command, user=user, group=user) as process:  # noqa: S603
            try:
                _wait_for(port, process)
                yield Bouncer(server, port)
            finally:
                process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"pgbouncer does not answer on port {port}")
