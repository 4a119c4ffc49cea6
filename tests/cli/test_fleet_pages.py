"""The pages of a daemon with many tenants, from its files on."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from reconciler.cli import seating
from tests.cli.fleets import serving, write
from tests.end_to_end.fake_studio import Answer, FakeStudio
from tests.patience import PATIENCE
from tests.ports import free_port

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def folder(folder: Path, studios: tuple[FakeStudio, ...], port: int) -> Path:
    """Their pages are at one address."""
    for number, studio in enumerate(studios):
        write(folder, number, studio, more=f"daemon: {{listen: '127.0.0.1:{port}'}}\n")
    return folder


@pytest.fixture
def names(studios: tuple[FakeStudio, ...]) -> list[str]:
    return [each.host for each in studios]


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
    return len(told["tenants"]) == 4 and all(each["last_pass"] for each in told["tenants"])


def test_all_tenants_are_shown_at_their_address(folder: Path, names: list[str], port: int) -> None:
    with serving(folder):
        told = waits(port, all_passed)
        assert sorted(each["tenant"] for each in told["tenants"]) == sorted(names)
        metrics = ask(port, "/metrics")
        for name in names:
            assert f"t/{name.replace(':', '%3A')}/" in ask(port, "/")
            assert f'tenant="{name}",verdict="done"' in metrics
            assert "In agreement" in ask(port, f"/t/{name}/")
        assert 'reconciler_tenants{seat="here"} 4.0' in metrics
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
        told = waits(port, lambda told: len(told["tenants"]) == 3)
        assert names[1] not in [each["tenant"] for each in told["tenants"]]


def elsewhere(told: Any) -> list[Any]:  # noqa: ANN401 - as above
    """The tenants that another daemon has the seat of."""
    return [each for each in told["tenants"] if each["seat"] and each["seat"]["standing_by"]]


def both_tell(told: Any, verdict: str) -> bool:  # noqa: ANN401 - as above
    """Whether each daemon has two, and the last pass of every one ended so."""
    here = [each for each in told["tenants"] if each["seat"] and not each["seat"]["standing_by"]]
    mine = [
        "failed" if each["last_error"] else each["last_pass"]["verdict"]
        for each in here
        if each["last_error"] or each["last_pass"]
    ]
    away = [each["on_record"]["verdict"] for each in elsewhere(told) if each["on_record"]]
    return mine == away == [verdict] * 2


def test_each_of_two_daemons_tells_the_last_passes_of_the_other_s_tenants(
    folder: Path,
    studios: tuple[FakeStudio, ...],
    tmp_path: Path,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seating, "FAILED", 1000)  # for a while none goes to the other
    # As on two machines: each has its own files and address, and the state is one.
    folders = {port: folder, free_port(): tmp_path / "others"}
    for at, each in folders.items():
        each.mkdir(exist_ok=True)
        pages = f"state: {tmp_path}/reconciler.db\ndaemon: {{listen: '127.0.0.1:{at}'}}\n"
        for number, studio in enumerate(studios):
            write(each, number, studio, more=pages)
    with ExitStack() as stack:
        fleets = [stack.enter_context(serving(each, each.name)) for each in folders.values()]
        for at in folders:
            waits(at, lambda told: both_tell(told, "done"))
            assert "All that sit here are in agreement" in ask(at, "/")
        for studio in studios:
            studio.spoil = lambda _call: Answer(401, {"error": "who are you"})
        for fleet in fleets:
            fleet.reload()
        for at in folders:
            told = waits(at, lambda told: both_tell(told, "failed"))
            assert {each["on_record"]["pending"] for each in elsewhere(told)} == {None}
            page = ask(at, "/")
            assert page.count("On another daemon: the last pass failed") == 2
            assert "4 tenants in trouble" in page
            away = elsewhere(told)[0]["tenant"].replace(":", "%3A")
            assert "Its last pass on record" in ask(at, f"/t/{away}/")


def test_the_second_of_two_on_one_machine_takes_the_address_over(folder: Path, port: int) -> None:
    with ExitStack() as first:
        first.enter_context(serving(folder, "one"))
        waits(port, all_passed)
        with serving(folder, "two"):
            first.close()
            waits(port, all_passed)
