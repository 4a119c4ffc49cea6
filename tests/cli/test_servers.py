"""Which servers there are, as files come, go, and change where they want to be shown."""

from __future__ import annotations

import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from structlog.testing import capture_logs

from reconciler.cli.servers import Servers, Shown
from reconciler.config.secrets import SecretSource
from reconciler.config.settings import Basic, Bearer, DaemonSettings, PageAuth
from reconciler.errors import ConfigError, Location, Problem, ReconcilerError
from tests.daemon.snapshots import after, agreeing
from tests.daemon.tenants_of_all_kinds import kept
from tests.ports import free_port

SECONDS = 20
SECRET = "let-me-in"


def shown(tenant: str, port: int, auth: PageAuth | None = None, file: str | None = None) -> Shown:
    settings = DaemonSettings(("127.0.0.1", port), auth)
    return Shown(kept(tenant, after(agreeing())).tenant, settings, Path(file or f"{tenant}.yaml"))


def bearer(file: str, env: str = "STATUS_TOKEN") -> Bearer:
    return Bearer(SecretSource(Location(file, 4, 12), env=env))


@contextmanager
def servers(*, many: bool = True) -> Iterator[Servers]:
    bugs: list[BaseException] = []
    made = Servers(many=many, report=bugs.append)
    try:
        yield made
    finally:
        made.close()
    assert not bugs


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUS_TOKEN", SECRET)
    monkeypatch.setenv("OTHER_TOKEN", SECRET)


def ask(port: int, path: str = "/api/v1/status") -> Any:  # noqa: ANN401 - JSON is
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {SECRET}"}
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
        return json.load(answer)


def tenants(port: int) -> list[str]:
    return [each["tenant"] for each in ask(port)["tenants"]]


def is_off(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) != 0


def test_all_tenants_of_one_address_are_on_one_server(port: int) -> None:
    with servers() as made:
        made.show("s", shown("south.edu", port))
        made.show("n", shown("north.edu", port))
        assert tenants(port) == ["north.edu", "south.edu"]
        assert [each.name for each in threading.enumerate()].count("pages") == 1

        made.hide("s")
        assert tenants(port) == ["north.edu"]
        made.hide("n")
        assert is_off(port)


def test_a_tenant_that_names_another_address_moves_there(port: int) -> None:
    other = free_port()
    with servers() as made:
        made.show("n", shown("north.edu", port))
        made.show("s", shown("south.edu", port))
        made.show("n", shown("north.edu", other))

        assert (tenants(port), tenants(other)) == (["south.edu"], ["north.edu"])


def test_one_of_many_is_shown_as_many_are_and_one_alone_is_not(port: int) -> None:
    with servers() as made:
        made.show("n", shown("north.edu", port))
        assert tenants(port) == ["north.edu"]
    with servers(many=False) as made:
        made.show("n", shown("north.edu", port))
        assert "tenants" not in ask(port)
        assert "tenant" not in ask(port)


def test_a_tenant_of_another_name_takes_the_place_of_the_one_before(port: int) -> None:
    with servers() as made:
        made.show("n", shown("north.edu", port))
        made.show("n", shown("new-north.edu", port))

        assert tenants(port) == ["new-north.edu"]


def test_two_callers_with_one_tenant_show_it_once(port: int) -> None:
    with servers() as made:
        made.show("a", shown("north.edu", port))
        made.show("b", shown("north.edu", port))

        assert tenants(port) == ["north.edu"]


# --- files that are no good ---------------------------------------------------------------


def test_a_broken_file_is_told_until_it_is_mended(port: int) -> None:
    path = Path("tenants/odd.yaml")
    problem = Problem(Location(str(path), 3, 5), "unknown key")
    with servers() as made:
        made.broken(path, [problem])
        made.show("n", shown("north.edu", port))
        assert ask(port)["broken"] == [{"path": str(path), "problems": [str(problem)]}]

        made.mended(path)
        assert ask(port)["broken"] == []


# --- an address that cannot be listened on ------------------------------------------------


def test_a_taken_address_costs_no_other_tenant_its_pages(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, servers() as made:
        busy = taken.getsockname()[1]
        made.show("n", shown("north.edu", port))
        with capture_logs() as logs:
            made.show("s", shown("south.edu", busy))
            made.show("w", shown("west.edu", busy))

        assert [each["event"] for each in logs] == ["the pages are off"]
        assert tenants(port) == ["north.edu"]

        taken.close()
        made.tend()
        assert tenants(busy) == ["south.edu", "west.edu"]


def test_a_taken_address_of_a_single_tenant_is_an_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        servers(many=False) as made,
        pytest.raises(ReconcilerError, match="cannot be listened on"),
    ):
        made.show("n", shown("north.edu", taken.getsockname()[1]))


# --- who is let in ------------------------------------------------------------------------

DIFFERENT = [
    pytest.param(None, id="anybody"),
    pytest.param(bearer("b.yaml", "OTHER_TOKEN"), id="another-secret"),
    pytest.param(
        Basic("studio", SecretSource(Location("b.yaml", 4, 12), env="STATUS_TOKEN")),
        id="another-scheme",
    ),
]


@pytest.mark.parametrize("auth", DIFFERENT)
@pytest.mark.usefixtures("secret")
def test_who_lets_in_somebody_else_at_the_same_address_is_told_both_places(
    port: int, auth: PageAuth | None
) -> None:
    with servers() as made:
        made.show("a", shown("north.edu", port, bearer("a.yaml")))
        with pytest.raises(ConfigError) as told:
            made.show("b", shown("south.edu", port, auth, "b.yaml"))

        assert "b.yaml:" in str(told.value)
        assert "a.yaml:4:12" in str(told.value)
        assert tenants(port) == ["north.edu"]


@pytest.mark.usefixtures("secret")
def test_the_same_secret_written_elsewhere_is_the_same(port: int) -> None:
    with servers() as made:
        made.show("a", shown("north.edu", port, bearer("a.yaml")))
        made.show("b", shown("south.edu", port, bearer("b.yaml")))

        assert tenants(port) == ["north.edu", "south.edu"]


@pytest.mark.usefixtures("secret")
def test_when_all_files_change_who_is_let_in_all_are_shown_in_the_end(port: int) -> None:
    names = [f"{each}.edu" for each in range(4)]
    with servers() as made:
        for name in names:
            made.show(name, shown(name, port))
        for name in names[:-1]:
            with pytest.raises(ConfigError):
                made.show(name, shown(name, port, bearer(f"{name}.yaml")))
            assert name not in tenants(port)
        made.show(names[-1], shown(names[-1], port, bearer(f"{names[-1]}.yaml")))

        assert tenants(port) == names
        with pytest.raises(HTTPError, match="401"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=SECONDS)


# --- threads ------------------------------------------------------------------------------


def test_three_hundred_tenants_come_at_once(port: int) -> None:
    many = [shown(f"{number:03}.edu", port) for number in range(300)]
    with servers() as made:
        threads = [threading.Thread(target=made.show, args=(each, each)) for each in many]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        assert tenants(port) == [each.tenant.name for each in many]
