"""
SIGKILL at every request of a real apply, before it took effect and after.

Whatever the moment, the next apply leaves the tenant as the file says, nothing is there twice,
and history tells of the pass that was killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Literal

import pytest

from reconciler.sandbox.messages import Ending, Request, Response
from reconciler.sandbox.seed import default_world
from reconciler.sandbox.server import serve
from reconciler.sandbox.state import State
from reconciler.sandbox.tenant import Tenant
from tests.end_to_end.shell import COMMAND, QuickShell
from tests.patience import PATIENCE

# A dead pass's creations are waited for so long; one thread, so that requests come in order.
CONFIG = """\
version: 1
mode: authoritative
studio:
  url: {url}
  auth: {{access_token: {{env: STUDIO_ACCESS_TOKEN}}}}
  requests_per_second: 1000
  timeout: 1s
  concurrency: 1
collections:
  - name: Biology 101
    shares:
      - {{group: 7, permission: edit}}
      - {{user: 106, permission: edit}}
      - {{user: 103}}
      - {{user: 105}}
  - name: Field Work
    shares:
      - {{user: 102, permission: edit}}
  - name: Greenhouse
    owner: 102
    shares:
      - {{user: 103}}
"""
SHARES = {
    "Biology 101": {
        ("group", 7): "edit",
        ("user", 106): "edit",
        ("user", 103): "view",
        ("user", 105): "view",
    },
    "Field Work": {("user", 102): "edit"},
    "Greenhouse": {("user", 103): "view"},
}
REQUESTS, READS = 8, 3
# Carried out or not, a read is the same to the tenant, and so is the next one.
DEATHS = [
    (1, "before"),
    *((at, "before") for at in range(READS + 1, REQUESTS + 1)),
    *((at, "after") for at in range(READS + 1, REQUESTS + 1)),
]
When = Literal["before", "after"]


class Killing(Tenant):
    """A tenant that kills its client at one request, before or after it is carried out."""

    def __init__(self, state: State, *, at: int, when: When) -> None:
        super().__init__(state)
        self.clients = Queue[subprocess.Popen[bytes]]()
        self._left = at
        self._when = when

    def handle(self, request: Request) -> Response:
        self._left -= 1
        if self._left != 0:
            return super().handle(request)
        if self._when == "after":
            super().handle(request)
        client = self.clients.get(timeout=PATIENCE)
        client.kill()
        client.wait(PATIENCE)
        return Response(0, ending=Ending.RESET)


@contextmanager
def served(tenant: Tenant) -> Iterator[str]:
    ready, stop, ports = threading.Event(), threading.Event(), list[int]()

    def tell(port: int) -> None:
        ports.append(port)
        ready.set()

    thread = threading.Thread(
        target=serve, args=(tenant,), kwargs={"port": 0, "ready": tell, "stop": stop}
    )
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        stop.set()
        thread.join()


def killed_apply(shell: QuickShell, tenant: Killing) -> int:
    """Run the installed command until it is killed; how it ended."""
    command = [str(COMMAND), "apply", "--yes"]
    env = {"PATH": os.defpath, **shell.environment}
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=shell.folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as client:
        tenant.clients.put(client)
        return client.wait(PATIENCE)


@pytest.mark.parametrize(("at", "when"), DEATHS)
def test_a_pass_killed_at_any_request_is_made_good_by_the_next(
    tmp_path: Path, at: int, when: When
) -> None:
    tenant = Killing(State(world=default_world()), at=at, when=when)
    shell = QuickShell(tmp_path, {"STUDIO_ACCESS_TOKEN": "sandbox"})
    with served(tenant) as url:
        shell.write(CONFIG.format(url=url))
        assert killed_apply(shell, tenant) == -signal.SIGKILL

        ran = shell("apply", "--yes")
        again = shell("apply", "--yes", "--format", "json")
        history = shell("history", "--format", "json")

    assert (ran.status, again.status) == (0, 0), ran.err
    assert not any(each["changes"] for each in again.json["collections"])
    for name, shares in SHARES.items():
        named = [each for each in tenant.collections().values() if each.name == name]
        assert [dict(each.shares) for each in named] == [shares]
    assert [each["verdict"] for each in history.json["passes"]] == ["done", "done", "interrupted"]


def test_these_are_all_the_requests_of_that_apply(tmp_path: Path) -> None:
    tenant = Killing(State(world=default_world()), at=0, when="before")
    shell = QuickShell(tmp_path, {"STUDIO_ACCESS_TOKEN": "sandbox"})
    with served(tenant) as url:
        shell.write(CONFIG.format(url=url))
        assert shell("apply", "--yes").status == 0

    methods = [each.method for each in tenant.requests]
    assert methods == ["GET"] * READS + ["POST"] * (REQUESTS - READS)
