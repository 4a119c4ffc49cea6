"""One tenant's thread in a daemon that has many, told things at awkward moments."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reconciler.cli import seating
from reconciler.cli import tenancy as tenancies
from reconciler.cli.facing import Facing
from reconciler.cli.house import House
from reconciler.cli.servers import Servers
from reconciler.cli.shelf import Beating
from reconciler.cli.site import Site
from reconciler.cli.stores import Stores
from reconciler.cli.tenancy import Tenancy
from reconciler.config.files import load
from reconciler.daemon.bell import Bell
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.errors import ConfigError
from reconciler.state.holder import Holder
from reconciler.state.store import Store
from tests.cli.fleets import ROWS
from tests.end_to_end.fake_studio import TOKEN, FakeStudio
from tests.end_to_end.shell import config
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def file(tmp_path: Path, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_ACCESS_TOKEN", TOKEN)
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

    stores = Eventful(studio.host, stop)
    with house_with(stores) as house:
        told.append(Tenancy(file, house))
        told[0].start()
        told[0]._thread.join(PATIENCE)
        ended = not told[0]._thread.is_alive()
        told[0].stop()
    assert ended
    assert not studio.calls


class LastBeat(Heartbeat):
    """A sign of life right after which somebody says stop."""

    def __init__(self, stop: Callable[[], None]) -> None:
        super().__init__()
        self._stop = stop

    def beat(self) -> None:
        self._stop()


def test_a_stop_is_not_slept_through_by_who_waits_for_the_seat(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenancies, "LONGEST_WAIT", 3 * PATIENCE)
    monkeypatch.setattr(seating, "FIRST_LOOK", 3 * PATIENCE)
    with house_with(Stores()) as house:
        tenancy = Tenancy(file, house)
        tenancy._post.heartbeat = LastBeat(tenancy.stop)
        tenancy.start()
        tenancy._thread.join(PATIENCE)
        ended = not tenancy._thread.is_alive()
        tenancy.stop()
    assert ended


def test_that_a_tenant_is_to_go_is_told_once_however_long_its_pass_takes(file: Path) -> None:
    tenancy = Tenancy(file, house_with(Stores()))
    with capture_logs() as told:
        for _ in range(3):
            tenancy.let_go()
    assert [each["event"] for each in told] == ["another daemon is to have this tenant"]


def test_who_is_shown_only_once_others_agree_has_its_requests_counted_before(
    tmp_path: Path, studio: FakeStudio, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUS_TOKEN", "a-5ecret-that-lets-people-in")
    listen = f"'127.0.0.1:{port}'"
    auth = "auth: {bearer: {env: STATUS_TOKEN}}"
    servers = Servers(many=True, report=lambda _bug: None)
    sites = []
    for name, daemon in (("a", f"listen: {listen}, {auth}"), ("b", f"listen: {listen}")):
        path = tmp_path / f"{name}.yaml"
        path.write_text(config(studio.url, ROWS, more=f"daemon: {{{daemon}}}\n"), encoding="utf-8")
        sites.append(Site(load(path, environment=os.environ), False, Beating(Heartbeat())))
    facings = [Facing(Heartbeat(), Bell(), observe=True, servers=servers) for _ in sites]
    facings[0].open(sites[0], ())
    with pytest.raises(ConfigError):
        facings[1].open(sites[1], ())
    servers.close()
    assert all(each.requests is not None for each in sites)
