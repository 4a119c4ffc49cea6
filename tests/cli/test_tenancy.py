"""One tenant's thread in a daemon that has many, told things at awkward moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.cli import seating
from reconciler.cli.house import House
from reconciler.cli.stores import Stores
from reconciler.cli.tenancy import Tenancy
from reconciler.state.holder import Holder
from reconciler.state.store import Store
from tests.end_to_end.fake_studio import TOKEN, FakeStudio, fake_studio, school
from tests.end_to_end.shell import config

ROWS = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
PATIENCE = 10


@pytest.fixture
def studio() -> Iterator[FakeStudio]:
    with fake_studio() as studio:
        yield school(studio)


@pytest.fixture
def file(tmp_path: Path, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_ACCESS_TOKEN", TOKEN)
    monkeypatch.setattr(seating, "LOOK", 0.1)
    monkeypatch.setattr(seating, "FIRST_LOOK", 0.1)
    path = tmp_path / "school.yaml"
    path.write_text(config(studio.url, ROWS), encoding="utf-8")
    return path


class Eventful(Stores):
    """Stores that have something happen whenever one tenant's part is opened."""

    def __init__(self, tenant: str, happens: Callable[[], None]) -> None:
        super().__init__()
        self._tenant = tenant
        self._happens = happens

    def open(self, place: str, tenant: str) -> Store:
        if tenant == self._tenant:
            self._happens()
        return super().open(place, tenant)


def house_with(stores: Stores) -> House:
    house = House(observe=False, me=Holder(host="here", pid=1), report=lambda _bug: None)
    house.stores = stores
    return house


def test_a_stop_is_not_forgotten_by_who_is_about_to_sit_down(
    file: Path, studio: FakeStudio
) -> None:
    told: list[Tenancy] = []

    def stop() -> None:
        told[0].stop()

    stores = Eventful(studio.url.removeprefix("http://"), stop)
    with house_with(stores) as house:
        told.append(Tenancy(file, house))
        told[0].start()
        told[0]._thread.join(PATIENCE)
        ended = not told[0]._thread.is_alive()
        told[0].stop()
    assert ended
    assert not studio.calls
