"""Many tenants in one daemon, and several daemons over the same tenants."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from reconciler.cli import places
from reconciler.cli.fleet import Fleet
from reconciler.errors import ConfigError
from tests.cli.fleets import drift, healed, serving, write
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.recorded import seats
from tests.patience import PATIENCE, until

TENANTS = 4

pytestmark = pytest.mark.usefixtures("hurried")


def shared(folder: Path, studios: tuple[FakeStudio, ...]) -> dict[str, int]:
    """How many of the tenants sit with each daemon."""
    return Counter(each.host for each in seats(folder / "reconciler.db", studios))


def test_every_file_of_the_folder_is_served(folder: Path, studios: tuple[FakeStudio, ...]) -> None:
    with serving(folder):
        until(lambda: healed(*studios))


def test_a_tenant_that_does_not_answer_keeps_no_other_waiting(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    let_go = threading.Event()

    def never(_call: Call) -> Answer | None:
        let_go.wait(PATIENCE)
        return None

    studios[0].spoil = never
    with serving(folder):
        until(lambda: healed(*studios[1:]))
        assert not healed(studios[0])
        let_go.set()
        until(lambda: healed(studios[0]))


def test_a_broken_file_is_its_tenants_own_until_it_is_mended(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    (folder / "0.yaml").write_text("version: 2\n", encoding="utf-8")
    with serving(folder):
        until(lambda: healed(*studios[1:]))
        assert not studios[0].calls
        write(folder, 0, studios[0])
        until(lambda: healed(studios[0]))


def test_files_come_and_go(folder: Path, studios: tuple[FakeStudio, ...]) -> None:
    (folder / "0.yaml").unlink()
    with serving(folder) as fleet:
        until(lambda: healed(*studios[1:]))
        write(folder, 0, studios[0])
        until(lambda: healed(studios[0]))
        (folder / "1.yaml").unlink()
        until(lambda: sum(shared(folder, studios).values()) == TENANTS - 1)
        assert healed(studios[1]), "what is no longer in a file stays as it is"
        before = len(studios[1].calls)
        drift(studios[2])
        fleet.reload()
        until(lambda: healed(studios[2]))
        assert len(studios[1].calls) == before


def test_a_folder_that_is_suddenly_empty_changes_nothing(
    folder: Path, studios: tuple[FakeStudio, ...], hurried: float
) -> None:
    with serving(folder):
        until(lambda: healed(*studios))
        for each in folder.glob("*.yaml"):
            each.unlink()
        time.sleep(hurried * (places.GONE + 2))
        assert sum(shared(folder, studios).values()) == TENANTS


def test_two_files_about_one_tenant_are_not_both_served(
    folder: Path, studios: tuple[FakeStudio, ...]
) -> None:
    write(folder, 9, studios[0], "- {name: Chemistry, shares: [{user: 102}]}\n")
    with serving(folder) as fleet:
        until(lambda: healed(*studios[1:]))
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
        until(lambda: shared(folder, studios) == {"one": TENANTS})
        with serving(folder, "two") as two:
            until(lambda: shared(folder, studios) == {"one": 2, "two": 2} and healed(*studios))
            drift(*studios)
            for each in (one, two):
                each.reload()
            until(lambda: healed(*studios))
        until(lambda: shared(folder, studios) == {"one": TENANTS})
    assert shared(folder, studios) == {}


def test_a_bug_in_looking_to_the_seats_ends_the_daemon_and_not_in_silence(folder: Path) -> None:
    class Rude:
        path = folder
        is_sitting = False
        failures = 0
        asks_the_record = False

        def invite(self, invitation: object) -> None:
            raise ZeroDivisionError(invitation)

        def let_go(self) -> None:
            raise ZeroDivisionError

        def sits_elsewhere(self, holder: object) -> None:
            raise ZeroDivisionError(holder)

        def recalls(self, latest: object) -> None:
            raise ZeroDivisionError(latest)

    fleet = Fleet([folder], observe=False)
    seats = fleet._house.seating(str(folder / "reconciler.db"))
    at_last = threading.Timer(PATIENCE, fleet.stop)
    at_last.start()
    with seats.guest("rude.test", Rude()), pytest.raises(ZeroDivisionError):
        fleet.run()
    at_last.cancel()
