"""`--sandbox` and `sandbox`: the simulated tenant in a file, and served."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.end_to_end.shell import QuickShell, Shell, config
from tests.patience import PATIENCE

SHARES = "/api/public/v1/collections/4711/permissions"
BEARER = {"Authorization": "Bearer sandbox"}
ROWS = "- {name: Biology 101, shares: [{group: 7, permission: edit}, {user: 103}]}\n"


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a sandbox; where it answers."""
    with Shell(folder).left_running("sandbox", "--port", "0", *arguments) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        words, _, url = line.strip().partition(" on ")
        assert words == "listening"
        yield url, process
        process.terminate()
        process.wait(PATIENCE)


def test_the_first_line_says_where_and_a_signal_ends_it_well(tmp_path: Path) -> None:
    with served(tmp_path) as (url, process):
        assert requests.get(url + SHARES, headers=BEARER, timeout=PATIENCE).status_code == 200
        assert requests.get(url + SHARES, timeout=PATIENCE).status_code == 401
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_the_sandbox_over_http_takes_what_a_file_says(shell: QuickShell) -> None:
    shell.environment = {"STUDIO_ACCESS_TOKEN": "sandbox"}
    with served(shell.folder) as (url, _):
        shell.write(config(url, ROWS))
        assert shell("plan", "--detailed-exitcode").status == 2
        assert shell("apply", "--yes").status == 0
        assert shell("plan", "--detailed-exitcode").status == 0
        shown = requests.get(url + SHARES, headers=BEARER, timeout=PATIENCE).json()
    assert {each["id"]: each["permission"] for each in shown["groups"]} == {7: "edit"}


def test_a_first_refresh_token_is_enough_and_pairs_are_kept(shell: QuickShell) -> None:
    shell.environment = dict.fromkeys(("CLIENT", "SECRET", "REFRESH"), "sandbox")
    oauth = (
        "{client_id: {env: CLIENT}, client_secret: {env: SECRET}, refresh_token: {env: REFRESH}}"
    )
    with served(shell.folder) as (url, _):
        text = config(url, ROWS).replace("{access_token: {env: STUDIO_ACCESS_TOKEN}}", oauth)
        shell.write(text)
        assert shell("plan").status == 0
        assert shell("apply", "--yes").status == 0
        assert shell("plan", "--detailed-exitcode").status == 0


def test_what_is_kept_in_a_file_is_there_again(tmp_path: Path) -> None:
    body = [{"action": "create", "share_type": "user", "id": 102}]
    with served(tmp_path, "--data", "tenant.json") as (url, _):
        sent = requests.post(url + SHARES, json=body, headers=BEARER, timeout=PATIENCE)
        assert sent.status_code == 200
    with served(tmp_path, "--data", "tenant.json") as (url, _):
        shown = requests.get(url + SHARES, headers=BEARER, timeout=PATIENCE).json()
    assert 102 in {each["id"] for each in shown["users"]}


def test_seed_and_faults_come_from_files(shell: QuickShell) -> None:
    shell.write(
        """\
        me: 1
        users: [{id: 1, name: Me, email: me@school.edu, admin: true}]
        collections: [{id: 5, name: Mine, owner: 1}]
        """,
        "seed.yaml",
    )
    shell.write("faults: [{fault: status, status: 503, times: 1}]\n", "faults.yaml")
    with served(shell.folder, "--seed", "seed.yaml", "--faults", "faults.yaml") as (url, _):
        listing = url + "/api/public/v1/collections"
        assert requests.get(listing, headers=BEARER, timeout=PATIENCE).status_code == 503
        shown = requests.get(listing, headers=BEARER, timeout=PATIENCE).json()
    assert [each["id"] for each in shown["collections"]] == [5]


@pytest.mark.parametrize("option", ["--seed", "--faults"])
def test_a_faulty_file_is_told_with_its_place(shell: QuickShell, option: str) -> None:
    shell.write("mee: 1\n", "faulty.yaml")
    ran = shell("sandbox", "--port", "0", option, "faulty.yaml")
    assert (ran.status, ran.out) == (78, "")
    assert ran.err.startswith("faulty.yaml:1:")


def test_a_port_that_is_taken_is_told(shell: QuickShell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = shell("sandbox", "--port", port)
    assert (ran.status, ran.out) == (1, "")
    assert port in ran.err


def test_a_file_that_is_no_sandbox_is_left_as_it_is(shell: QuickShell) -> None:
    path = shell.write('{"mine": 1}', "data.json")
    ran = shell("sandbox", "--port", "0", "--data", "data.json")
    assert ran.status == 1
    assert "data.json" in ran.err
    assert json.loads(path.read_text()) == {"mine": 1}
