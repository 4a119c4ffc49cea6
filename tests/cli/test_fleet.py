"""Many tenants in one daemon, and several daemons over the same tenants."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from reconciler.cli import fleet as fleets
from reconciler.cli import places, seating
from reconciler.cli.fleet import Fleet
from reconciler.errors import ConfigError
from reconciler.state.holder import Holder
from reconciler.state.lease import SEAT, holder_of
from reconciler.state.store import open_store_readonly
from tests.end_to_end.fake_studio import TOKEN, Answer, Call, FakeStudio, fake_studio, school
from tests.end_to_end.shell import config

ROWS = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
CHEMISTRY = 4712
PATIENCE = 30
TENANTS = 4
LOOK = 0.2


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[FakeStudio, ...]]:
    with ExitStack() as stack:
        yield tuple(stack.enter_context(fake_studio()) for _ in range(TENANTS))


@pytest.fixture
def studios(_served: tuple[FakeStudio, ...]) -> tuple[FakeStudio, ...]:
    return tuple(school(each) for each in _served)


@pytest.fixture
def folder(
    tmp_path: Path, studios: tuple[FakeStudio, ...], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A file for each tenant, and daemons that look ten times as often as they do."""
    monkeypatch.setenv("STUDIO_ACCESS_TOKEN", TOKEN)
    monkeypatch.setattr(seating, "LOOK", LOOK)
    monkeypatch.setattr(seating, "FIRST_LOOK", LOOK)
    monkeypatch.setattr(fleets, "EVERY", LOOK)
    for number, studio in enumerate(studios):
        write(tmp_path, number, studio)
    return tmp_path


def write(folder: Path, number: int, studio: FakeStudio, rows: str = ROWS) -> None:
    (folder / f"{number}.yaml").write_text(config(studio.url, rows), encoding="utf-8")


@contextmanager
def serving(folder: Path, host: str = "here") -> Iterator[Fleet]:
    """A daemon in this process that takes itself for one on the machine of this name."""
    fleet = Fleet([folder], observe=False, me=Holder(host=host, pid=1))
    thread = threading.Thread(target=fleet.run)
    thread.start()
    try:
        yield fleet
    finally:
        fleet.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def healed(studio: FakeStudio) -> bool:
    return ("user", 103) in studio.shares(CHEMISTRY)


def seats(folder: Path, studios: tuple[FakeStudio, ...]) -> dict[str, int]:
    """How many of the tenants sit with each daemon."""
    found: dict[str, int] = {}
    for studio in studios:
        store = open_store_readonly(
            str(folder / "reconciler.db"), tenant=studio.url.removeprefix("http://")
        )
        if store is None:
            continue
        with store:
            held = holder_of(store, SEAT)
        if held is not None:
            found[held.holder.host] = found.get(held.holder.host, 0) + 1
    return found


def test_every_file_of_the_folder_is_served(folder: Path, studios: tuple[FakeStudio, ...]) -> None:
    with serving(folder):
        until(lambda: all(map(healed, studios)))


def test_a_tenant_that_does_not_answer_keeps_no_other_waiting(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    let_go = threading.Event()

    def never(_call: Call) -> Answer | None:
        let_go.wait(PATIENCE)
        return None

    studios[0].spoil = never
    with serving(folder):
        until(lambda: all(map(healed, studios[1:])))
        assert not healed(studios[0])
        let_go.set()
        until(lambda: healed(studios[0]))


def test_a_broken_file_is_its_tenants_own_until_it_is_mended(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    (folder / "0.yaml").write_text("version: 2\n", encoding="utf-8")
    with serving(folder):
        until(lambda: all(map(healed, studios[1:])))
        assert not studios[0].calls
        write(folder, 0, studios[0])
        until(lambda: healed(studios[0]))


def test_files_come_and_go(folder: Path, studios: tuple[FakeStudio, ...]) -> None:
    (folder / "0.yaml").unlink()
    with serving(folder) as fleet:
        until(lambda: all(map(healed, studios[1:])))
        write(folder, 0, studios[0])
        until(lambda: healed(studios[0]))
        (folder / "1.yaml").unlink()
        until(lambda: sum(seats(folder, studios).values()) == TENANTS - 1)
        assert healed(studios[1]), "what is no longer in a file stays as it is"
        before = len(studios[1].calls)
        fleet.reload()
        studios[2].collections[CHEMISTRY].shares.pop(("user", 103))
        until(lambda: healed(studios[2]))
        assert len(studios[1].calls) == before


def test_a_folder_that_is_suddenly_empty_changes_nothing(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    with serving(folder):
        until(lambda: all(map(healed, studios)))
        for each in folder.glob("*.yaml"):
            each.unlink()
        time.sleep(LOOK * (places.GONE + 2))
        assert sum(seats(folder, studios).values()) == TENANTS


def test_two_files_about_one_tenant_are_not_both_served(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    write(folder, 9, studios[0], rows="- {name: Chemistry, shares: [{user: 102}]}\n")
    with serving(folder) as fleet:
        until(lambda: all(map(healed, studios[1:])))
        until(lambda: any(each.tenancy.problems for each in fleet._files.values()))
        (problem,) = [p for each in fleet._files.values() for p in each.tenancy.problems]
        assert "is served by" in problem.message


def test_where_no_file_is_good_there_is_no_daemon(folder: Path) -> None:
    for each in folder.glob("*.yaml"):
        each.write_text("version: 2\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Fleet([folder], observe=False).run()
    assert {str(each.location).partition(":")[0] for each in caught.value.problems} == {
        str(folder / f"{number}.yaml") for number in range(TENANTS)
    }


def test_two_daemons_share_the_tenants_and_one_alone_has_them_all(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    with serving(folder, "one") as one:
        until(lambda: seats(folder, studios) == {"one": TENANTS})
        with serving(folder, "two") as two:
            until(lambda: seats(folder, studios) == {"one": 2, "two": 2})
            for studio in studios:
                studio.collections[CHEMISTRY].shares.pop(("user", 103))
            for each in (one, two):
                each.reload()
            until(lambda: all(map(healed, studios)))
        until(lambda: seats(folder, studios) == {"one": TENANTS})
    assert seats(folder, studios) == {}


def test_a_bug_in_looking_to_the_seats_ends_the_daemon_and_not_in_silence(folder: Path) -> None:
    class Rude:
        path = folder
        is_sitting = False
        failures = 0

        def invite(self, invitation: object) -> None:
            raise ZeroDivisionError(invitation)

        def let_go(self) -> None:
            raise ZeroDivisionError

        def sits_elsewhere(self, holder: object) -> None:
            raise ZeroDivisionError(holder)

    fleet = Fleet([folder], observe=False)
    seats = fleet._house.seating(str(folder / "reconciler.db"))
    at_last = threading.Timer(PATIENCE, fleet.stop)
    at_last.start()
    with seats.guest("rude.test", Rude()), pytest.raises(ZeroDivisionError):
        fleet.run()
    at_last.cancel()
