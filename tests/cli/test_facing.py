"""The daemon's pages, from the installed command on."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.shell import QuickShell, Shell
from tests.patience import PATIENCE
from tests.ports import free_port

FILE = """
version: 1
mode: authoritative
schedule: {{every: 1h}}
daemon: {daemon}
collections:
  - name: Biology 101
    shares:
      - {{group: 7}}
      - {{user: grace@school.edu}}
  - name: Faculty Onboarding
    shares: []
"""
ANY_PORT = "{listen: 127.0.0.1:0}"


class Daemon:
    """A running daemon on the sandbox, and what it says."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process
        self.url = ""

    def write(self, daemon: str = ANY_PORT, text: str = FILE) -> None:
        (self.folder / "config.yaml").write_text(text.format(daemon=daemon), encoding="utf-8")

    def says(self, event: str) -> dict[str, Any]:
        """Wait for a line of the log."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            told = json.loads(line)
            self.url = told.get("url", self.url)
            if told["event"] == event:
                return dict(told)
        pytest.fail(f"it ended without saying {event!r}")

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def ask(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:  # noqa: S310
            return str(answer.read().decode())

    def waits(self, path: str, key: str, *, beyond: object) -> Any:  # noqa: ANN401 - JSON is
        """Ask until this is no longer so, or until patience ends."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if (found := json.loads(self.ask(path))[key]) != beyond:
                return found
            time.sleep(0.02)
        pytest.fail(f"{path} still says {key}: {beyond}")


@contextmanager
def running(folder: Path, daemon: str = ANY_PORT) -> Iterator[Daemon]:
    text = FILE.format(daemon=daemon)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    with Shell(folder).left_running("--sandbox", "--log-format", "json", "run") as process:
        yield Daemon(folder, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_the_pages_tell_what_the_first_pass_came_to(tmp_path: Path) -> None:
    with running(tmp_path) as daemon:
        daemon.says("the status page is on")
        daemon.says("pass")
        last = daemon.waits("/api/v1/status", "last_pass", beyond=None)
        plan = json.loads(daemon.ask("/api/v1/plan"))
        history = json.loads(daemon.ask("/api/v1/passes"))["passes"]
        metrics = daemon.ask("/metrics")

        assert last["verdict"] == "held"
        assert last["pass_id"] == plan["id"] == history[0]["pass_id"]
        assert last["summary"] == plan["summary"]
        assert 'reconciler_passes_total{verdict="held"} 1.0' in metrics
        assert 'route="POST /collections/{id}/permissions",status="200"' in metrics
        assert "Something is held for a person" in daemon.ask("/")
        assert "grace" not in metrics
        assert json.loads(daemon.ask("/readyz"))["status"] == "ready"


def test_a_file_that_breaks_shows_until_it_is_mended(tmp_path: Path) -> None:
    with running(tmp_path) as daemon:
        daemon.says("the status page is on")
        good = json.loads(daemon.ask("/api/v1/status"))["config"]

        daemon.write(text=FILE + "colections: []\n")
        daemon.reload()
        broken = daemon.waits("/api/v1/status", "config", beyond=good)
        assert not broken["valid"]
        assert "did you mean" in broken["problems"][0]
        assert "reconciler_config_valid 0.0" in daemon.ask("/metrics")

        daemon.write()
        daemon.reload()
        assert daemon.waits("/api/v1/status", "config", beyond=broken) == good


def test_the_pages_follow_the_file(tmp_path: Path) -> None:
    with running(tmp_path) as daemon:
        first = daemon.says("the status page is on")["url"]
        daemon.says("pass")

        # Written anew, so that another port is picked.
        daemon.write("{listen: 'localhost:0'}")
        daemon.reload()
        second = daemon.says("the status page is on")["url"]
        assert json.loads(daemon.ask("/healthz"))["status"] == "ok"
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{first}/healthz", timeout=PATIENCE)  # noqa: S310

        daemon.write("{}")
        daemon.reload()
        daemon.says("the files have changed")
        daemon.says("pass")
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{second}/healthz", timeout=PATIENCE)  # noqa: S310


def test_one_that_stands_by_says_so_and_is_ready(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        first.says("the seat is taken")
        with running(tmp_path) as second:
            second.says("standing by: another daemon has the seat")
            seat = second.waits("/api/v1/status", "seat", beyond=_own_seat(second))

            assert seat["holder"].endswith(f":{first.process.pid}")
            assert json.loads(second.ask("/readyz"))["status"] == "ready"
            assert "Standing by" in second.ask("/")


def test_a_standby_on_the_same_address_takes_over_seat_and_pages(tmp_path: Path) -> None:
    listen = f"{{listen: 127.0.0.1:{free_port()}}}"
    with running(tmp_path, listen) as sitting:
        sitting.says("the seat is taken")
        with running(tmp_path, listen) as standby:
            standby.says("standing by: another daemon has the seat")
            sitting.process.send_signal(signal.SIGTERM)
            sitting.process.wait(PATIENCE)

            standby.says("the status page is on")
            standby.says("pass")
            assert json.loads(standby.ask("/healthz"))["status"] == "ok"


def _own_seat(daemon: Daemon) -> dict[str, object]:
    seat = json.loads(daemon.ask("/api/v1/status"))["seat"]
    holder = f"{seat['holder'].rpartition(':')[0]}:{daemon.process.pid}"
    return {**seat, "holder": holder, "standing_by": False}


def test_a_port_that_is_taken_while_it_runs_costs_the_page_and_no_pass(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, running(tmp_path) as daemon:
        daemon.says("pass")
        daemon.write(f"{{listen: 127.0.0.1:{taken.getsockname()[1]}}}")
        daemon.reload()

        assert "ss -ltnp" in daemon.says("the pages are off")["remedy"]
        assert daemon.says("pass")["reasons"] == ["reload"]


REFUSALS = [
    pytest.param("{{listen: 127.0.0.1:{port}}}", 1, "cannot be listened on", id="taken-port"),
    pytest.param("{{listen: 0.0.0.0:0}}", 78, "4:18: listen is an address", id="open-to-all"),
    pytest.param(
        "{{listen: 0.0.0.0:0, auth: {{bearer: {{env: STATUS_TOKEN}}}}}}",
        78,
        "the environment variable STATUS_TOKEN is not set",
        id="no-secret",
    ),
]


@pytest.mark.parametrize(("daemon", "status", "expected"), REFUSALS)
def test_it_does_not_start_where_its_pages_cannot_be_as_they_should(
    tmp_path: Path, daemon: str, status: int, expected: str
) -> None:
    shell = QuickShell(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        shell.write(FILE.format(daemon=daemon.format(port=taken.getsockname()[1])).lstrip())

        ran = shell("--sandbox", "run")

    assert ran.status == status, ran.err
    assert expected in ran.err


def test_a_daemon_without_pages_pays_for_none() -> None:
    asked = "import sys, reconciler.cli.service; print(*sorted(sys.modules))"
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )

    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert not loaded & {"starlette", "uvicorn", "prometheus_client"}
