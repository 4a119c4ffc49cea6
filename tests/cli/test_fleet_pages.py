"""The pages of a daemon with many tenants, from its files on."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from reconciler.cli import fleet as fleets
from reconciler.cli import seating
from reconciler.cli.fleet import Fleet
from reconciler.state.holder import Holder
from tests.end_to_end.fake_studio import TOKEN, FakeStudio, fake_studio, school
from tests.end_to_end.shell import config

ROWS = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
PATIENCE = 30
LOOK = 0.2


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[FakeStudio, ...]]:
    with ExitStack() as stack:
        yield tuple(stack.enter_context(fake_studio()) for _ in range(2))


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def names(_served: tuple[FakeStudio, ...]) -> list[str]:
    return [school(each).url.removeprefix("http://") for each in _served]


@pytest.fixture
def folder(tmp_path: Path, names: list[str], port: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_ACCESS_TOKEN", TOKEN)
    monkeypatch.setattr(seating, "LOOK", LOOK)
    monkeypatch.setattr(seating, "FIRST_LOOK", LOOK)
    monkeypatch.setattr(fleets, "EVERY", LOOK)
    for number, name in enumerate(names):
        write(tmp_path, number, name, port)
    return tmp_path


def write(folder: Path, number: int, name: str, port: int) -> None:
    daemon = f"daemon: {{listen: '127.0.0.1:{port}'}}\n"
    text = config(f"http://{name}", ROWS, more=daemon)
    (folder / f"{number}.yaml").write_text(text, encoding="utf-8")


@contextmanager
def serving(folder: Path, host: str = "here") -> Iterator[None]:
    fleet = Fleet([folder], observe=False, me=Holder(host=host, pid=1))
    thread = threading.Thread(target=fleet.run)
    thread.start()
    try:
        yield
    finally:
        fleet.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def ask(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def waits(port: int, true: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - JSON is
    """Ask for the status until this is true of it."""
    deadline = time.monotonic() + PATIENCE
    told = None
    while time.monotonic() < deadline:
        try:
            told = json.loads(ask(port, "/api/v1/status"))
        except URLError:
            told = None
        if told is not None and true(told):
            return told
        time.sleep(0.02)
    pytest.fail(f"still: {told}")


def all_passed(told: Any) -> bool:  # noqa: ANN401 - as above
    return len(told["tenants"]) == 2 and all(each["last_pass"] for each in told["tenants"])


def test_all_tenants_are_shown_at_their_address(folder: Path, names: list[str], port: int) -> None:
    with serving(folder):
        told = waits(port, all_passed)
        assert sorted(each["tenant"] for each in told["tenants"]) == sorted(names)
        metrics = ask(port, "/metrics")
        for name in names:
            assert f"t/{name.replace(':', '%3A')}/" in ask(port, "/")
            assert f'tenant="{name}",verdict="done"' in metrics
            assert "In agreement" in ask(port, f"/t/{name}/")
        assert 'reconciler_tenants{seat="here"} 2.0' in metrics
        assert json.loads(ask(port, "/healthz"))["status"] == "ok"


def test_a_file_that_never_was_any_good_is_shown_until_it_is_gone(folder: Path, port: int) -> None:
    odd = folder / "odd.yaml"
    odd.write_text("version: 2\n", encoding="utf-8")
    with serving(folder):
        told = waits(port, lambda told: all_passed(told) and told["broken"])
        assert [each["path"] for each in told["broken"]] == [str(odd)]
        assert 'reconciler_config_valid{tenant="odd.yaml"} 0.0' in ask(port, "/metrics")

        odd.unlink()
        waits(port, lambda told: not told["broken"])


def test_a_file_that_goes_takes_its_tenant_off_the_pages(
    folder: Path, names: list[str], port: int
) -> None:
    with serving(folder):
        waits(port, all_passed)
        (folder / "1.yaml").unlink()
        told = waits(port, lambda told: len(told["tenants"]) == 1)
        assert told["tenants"][0]["tenant"] == names[0]


def test_the_second_of_two_on_one_machine_takes_the_address_over(folder: Path, port: int) -> None:
    with ExitStack() as first:
        first.enter_context(serving(folder, "one"))
        waits(port, all_passed)
        with serving(folder, "two"):
            first.close()
            waits(port, all_passed)
