"""`doctor`: every check that can run does, whatever the others found; a probe leaves no trace."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import pytest
import requests

from reconciler.sandbox.server import serve
from reconciler.sandbox.store import open_tenant
from reconciler.sandbox.tenant import Tenant
from tests.cli.little_school import BIOLOGY, FILMS, MIA, TERM_BEGINS, School, school
from tests.end_to_end.shell import QuickShell, Ran

__all__ = ["school"]
PATIENCE = 10
SECRETS = dict.fromkeys(("TOKEN", "CLIENT_ID", "CLIENT_SECRET"), "sandbox")
PLAIN = "{access_token: {env: TOKEN}}"
OAUTH = "{client_id: {env: CLIENT_ID}, client_secret: {env: CLIENT_SECRET}}"


@dataclass(frozen=True)
class Served:
    """A tenant on HTTP, and a shell in a folder whose file is about it."""

    tenant: Tenant
    url: str
    shell: QuickShell

    def write(self, auth: str) -> None:
        self.shell.write(
            f"version: 1\nmode: observe\nstudio: {{url: {self.url}, auth: {auth}, timeout: 5s}}\n"
            "collections: [{name: Biology 101}]\n"
        )

    def __call__(self, *arguments: str) -> Ran:
        return self.shell(*arguments, **SECRETS)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    tenant, stop, ports = open_tenant(None), threading.Event(), Queue[int]()
    thread = threading.Thread(target=lambda: serve(tenant, port=0, ready=ports.put, stop=stop))
    thread.start()
    yield Served(tenant, f"http://127.0.0.1:{ports.get(timeout=PATIENCE)}", QuickShell(tmp_path))
    stop.set()
    thread.join(timeout=PATIENCE)
    assert not thread.is_alive()


def statuses(ran: Ran) -> dict[str, set[str]]:
    """The grades of each check."""
    found: dict[str, set[str]] = {}
    for each in ran.json["checks"]:
        found.setdefault(each["check"], set()).add(each["status"])
    return found


def test_all_is_well_on_the_simulated_tenant(school: School) -> None:
    ran = school("doctor", "--format", "json")
    assert (ran.status, ran.json["well"]) == (0, True)
    assert set().union(*statuses(ran).values()) == {"ok"}
    assert school.tenant.audit == ()
    assert not list(school.folder.glob("*.db"))


def test_a_line_tells_its_grade_its_check_and_what_was_found(school: School) -> None:
    ran = school("doctor")
    assert re.search(r"^ok    me         user:101, Ada Admin", ran.out, re.MULTILINE)
    assert re.search(r"^ok    guards     nothing would be held", ran.out, re.MULTILINE)


def test_what_a_guard_would_hold_is_a_warning(school: School) -> None:
    school.write(TERM_BEGINS + "guards: {removals: {per_pass: {count: 0}}}\n")
    ran = school("doctor", "--format", "json")
    assert ran.status == 0
    assert statuses(ran)["guards"] == {"warn"}


def test_a_broken_file_is_a_finding_with_its_place(school: School) -> None:
    school.write("version: 1\nmode: sideways\ncollections: [{}]\n")
    ran = school("doctor", "--format", "json")
    assert (ran.status, ran.err) == (1, "")
    assert "config.yaml:2:7" in ran.json["checks"][0]["detail"]
    assert len(ran.json["checks"]) > 1


def test_without_a_file_it_tells_how_to_begin(school: School) -> None:
    ran = school("doctor", "-c", "none.yaml")
    assert ran.status == 1
    assert "reconciler init" in ran.out


def test_a_damaged_state_stops_no_other_check(school: School) -> None:
    (school.folder / "reconciler.sandbox.db").write_text("no database")
    ran = school("doctor", "--format", "json")
    assert ran.status == 1
    found = statuses(ran)
    assert found["state"] == {"fail"}
    assert found["rights"] == {"ok"}


def test_a_plain_token_over_http_is_warned_of(served: Served) -> None:
    served.write(PLAIN)
    ran = served("doctor", "--format", "json")
    assert ran.status == 0, ran.out
    found = statuses(ran)
    assert found["token"] == {"warn"}
    assert found["clock"] == found["dns"] == found["tls"] == found["me"] == {"ok"}
    [clock] = [each for each in ran.json["checks"] if each["check"] == "clock"]
    assert clock["detail"] == "our clock and theirs agree"


def test_a_refused_token_fails_once_and_the_rest_is_told(served: Served) -> None:
    served.write(PLAIN)
    ran = served.shell("doctor", "--format", "json", TOKEN="stale")
    assert ran.status == 1
    failed = [each for each in ran.json["checks"] if each["status"] == "fail"]
    assert [each["check"] for each in failed] == ["me"]
    assert "renew the access token" in failed[0]["remedy"]
    assert statuses(ran)["state"] == {"ok"}
    assert "stale" not in ran.out


def test_a_token_that_is_not_set_is_told_with_its_place(served: Served) -> None:
    served.write(PLAIN)
    ran = served.shell("doctor", "--format", "json")
    assert ran.status == 1
    assert statuses(ran)["reachable"] == {"ok"}
    assert "TOKEN is not set" in ran.out


def test_where_nobody_answers_the_state_is_still_looked_at(served: Served) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        Served(served.tenant, url, served.shell).write(PLAIN)
        ran = served("doctor", "--format", "json")
    assert ran.status == 1
    found = statuses(ran)
    assert found["reachable"] == {"fail"}
    assert found["state"] == {"ok"}
    assert "me" not in found


def test_a_login_is_what_an_oauth_client_needs(served: Served) -> None:
    served.write(OAUTH)
    before = served("doctor", "--format", "json")
    assert statuses(before)["token"] == {"fail"}
    assert "reconciler login" in before.out

    url = served("login").out.strip()
    page = requests.get(url, timeout=PATIENCE).text
    found = re.search(r"<code>(.+)</code>", page)
    assert found is not None
    assert served("login", "--code", found[1]).status == 0

    after = served("doctor", "--format", "json")
    assert (after.status, statuses(after)["token"]) == (0, {"ok"})
    assert "renews itself; the access token in use lives until" in after.out


def test_a_probe_settles_the_rest_and_leaves_no_trace(school: School) -> None:
    before = school.tenant.collections()
    ran = school("doctor", "--probe", str(FILMS), "--with", "mia@school.edu", "--format", "json")
    assert ran.status == 0, ran.out
    told = [each["detail"] for each in ran.json["checks"] if each["check"] == "probe"]
    assert "when a batch is refused, nothing of it is applied" in told
    assert told[-1] == "what was there is there again"
    assert school.tenant.collections() == before
    assert {each.principal for each in school.tenant.audit} == {MIA}


REFUSED = [
    pytest.param(str(BIOLOGY), "105", "the file names it", id="managed"),
    pytest.param("4800", "105", "a course's", id="course"),
    pytest.param("4001", "105", "somebody's library", id="my-library"),
    pytest.param("4790", "105", "archived", id="archived"),
    pytest.param("99999", "105", "answered 404", id="not-there"),
    pytest.param(str(FILMS), "104", "the owner", id="owner"),
    pytest.param(str(FILMS), "101", "own user", id="self"),
    pytest.param(str(FILMS), "nobody@school.edu", "no people", id="nobody"),
]


@pytest.mark.parametrize(("collection", "principal", "why"), REFUSED)
def test_a_probe_is_refused_before_anything_is_sent(
    school: School, collection: str, principal: str, why: str
) -> None:
    ran = school("doctor", "--probe", collection, "--with", principal)
    assert ran.status == 1
    assert why in ran.out
    assert school.tenant.audit == ()


USAGE = [
    ("--probe", "4750"),
    ("--with", "user:105"),
    ("--probe", "0", "--with", "user:105"),
    ("--probe", "films", "--with", "user:105"),
    ("--format", "yaml"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_what_cannot_be_asked_is_a_usage_error(school: School, arguments: tuple[str, ...]) -> None:
    assert school("doctor", *arguments).status == 64
