"""What the file says about the program itself: each key, its default, and its bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.config.files import load
from reconciler.config.settings import (
    AccessToken,
    Basic,
    Bearer,
    DaemonSettings,
    OAuth,
    Schedule,
    StudioSettings,
)
from reconciler.core.model import Mode
from tests.config.given import TOKEN, loaded, told, write


def studio(folder: Path, text: str) -> StudioSettings:
    found = loaded(folder, f"studio:\n{text}").settings.studio
    assert found is not None
    return found


def test_the_defaults_are_the_contract_s(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f"studio:\n  url: https://school.example\n{TOKEN}").settings

    assert settings.studio is not None
    assert settings.studio.requests_per_second == 10
    assert settings.studio.concurrency == 8
    assert settings.studio.timeout == 30
    assert settings.studio.batch_size == 50
    assert settings.studio.permissions_body == "array"
    assert settings.studio.me is None
    assert settings.schedule == Schedule(
        every=timedelta(minutes=15), cron=None, jitter=timedelta(seconds=30), pause_until=None
    )
    assert settings.timezone.key == "UTC"
    assert settings.daemon == DaemonSettings(None)
    assert settings.acknowledge == ()
    assert settings.state == str(tmp_path / "reconciler.db")


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mode_is_one_of_three(tmp_path: Path, mode: Mode) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"version: 1\nmode: {mode}\ncollections: [{{name: x}}]\n", encoding="utf-8")

    found = load(path, environment={}, sandbox=True)

    assert found.settings.mode is mode
    assert found.declarations.collections[0].mode is mode


def test_studio_may_be_missing_for_the_sandbox_only(tmp_path: Path) -> None:
    assert loaded(tmp_path).settings.studio is None


URLS = [
    pytest.param("https://school.instructuremedia.com", None, id="https"),
    pytest.param("https://School.EU.example/", "https://school.eu.example", id="slash-and-case"),
    pytest.param("https://school.example:8443", None, id="port"),
    pytest.param("http://127.0.0.1:4000", None, id="loopback"),
    pytest.param("http://127.9.9.9", None, id="loopback-block"),
    pytest.param("http://localhost:4000/", "http://localhost:4000", id="localhost"),
    pytest.param("http://[::1]:4000", None, id="loopback-6"),
]


@pytest.mark.parametrize(("written", "read"), URLS)
def test_a_url_is_a_host(tmp_path: Path, written: str, read: str | None) -> None:
    assert studio(tmp_path, f'  url: "{written}"\n{TOKEN}').url == (read or written)


BAD_URLS = [
    "http://school.example",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://10.0.0.1",
    "ftp://school.example",
    "school.example",
    "https://",
    "https://ada:hunter2@school.example",
    "https://hunter2@school.example",
    "https://school.example/hunter2",
    "https://school.example?hunter2",
    "https://school.example/?",
    "https://school.example#hunter2",
    "https://school.example:hunter2",
    "https://school.example:99999",
    "https://[hunter2]",
    "https://sch ool.example",
    "https://school_.example\\n",
    "javascript:hunter2",
]


@pytest.mark.parametrize("written", BAD_URLS)
def test_more_or_less_than_a_host_is_refused_unrepeated(tmp_path: Path, written: str) -> None:
    (problem,) = told(tmp_path, f'studio:\n  url: "{written}"\n{TOKEN}')

    assert problem.startswith("2:8: url ")
    assert "hunter2" not in problem


def test_a_token_is_one_way_to_log_in_and_oauth_the_other(tmp_path: Path) -> None:
    token = studio(tmp_path, f"  url: https://school.example\n{TOKEN}").auth
    oauth = studio(
        tmp_path,
        "  url: https://school.example\n"
        "  auth: {client_id: {env: ID}, client_secret: {file: secret}, refresh_token: {env: R}}\n",
    ).auth
    first = studio(
        tmp_path,
        "  url: https://school.example\n"
        "  auth: {client_id: {env: ID}, client_secret: {env: SECRET}}\n",
    ).auth

    assert isinstance(token, AccessToken)
    assert isinstance(oauth, OAuth)
    assert oauth.client_secret.file == tmp_path / "secret"
    assert isinstance(first, OAuth)
    assert first.refresh_token is None


DURATIONS = [
    pytest.param("10s", timedelta(seconds=10), id="least"),
    pytest.param("90s", timedelta(seconds=90), id="seconds"),
    pytest.param("15m", timedelta(minutes=15), id="minutes"),
    pytest.param("1h", timedelta(hours=1), id="hours"),
    pytest.param("2d", timedelta(days=2), id="days"),
]


@pytest.mark.parametrize(("written", "read"), DURATIONS)
def test_a_duration_is_a_number_with_its_unit(
    tmp_path: Path, written: str, read: timedelta
) -> None:
    assert loaded(tmp_path, f"schedule: {{every: {written}}}").settings.schedule.every == read


@pytest.mark.parametrize(
    "written", ["9s", "0m", "30", "1.5h", "-1m", "1w", "15 m", "15M", "m", "1h30m", "٣m", "400d"]
)
def test_other_durations_are_refused(tmp_path: Path, written: str) -> None:
    (problem,) = told(tmp_path, f"schedule: {{every: {written}}}")

    assert problem.startswith("1:19: every must be ")


def test_cron_takes_the_place_of_every(tmp_path: Path) -> None:
    schedule = loaded(tmp_path, 'schedule: {cron: "0 4 * * 1", jitter: 0s}').settings.schedule

    assert schedule == Schedule(every=None, cron="0 4 * * mon", jitter=timedelta(0))


PAUSES = [
    pytest.param("2026-12-01T08:00", 14, id="in-the-file-s-zone"),
    pytest.param("2026-12-01 08:00:00", 14, id="with-a-blank"),
    pytest.param("2026-12-01T08:00Z", 8, id="in-utc"),
    pytest.param("2026-12-01T08:00+01:00", 7, id="with-an-offset"),
]


@pytest.mark.parametrize(("written", "hour"), PAUSES)
def test_a_pause_ends_at_an_instant(tmp_path: Path, written: str, hour: int) -> None:
    text = f'schedule: {{pause_until: "{written}"}}\ntimezone: America/Chicago'

    pause = loaded(tmp_path, text).settings.schedule.pause_until

    assert pause == datetime(2026, 12, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "../../etc/passwd", "America", "/etc/passwd", "a\\0b", "", "zone.tab"]
)
def test_a_zone_that_is_none_is_refused(tmp_path: Path, zone: str) -> None:
    (problem,) = told(tmp_path, f'timezone: "{zone}"')

    assert problem.startswith("1:11: unknown timezone ")


LISTENS = [
    pytest.param("127.0.0.1:8080", ("127.0.0.1", 8080), id="address"),
    pytest.param("localhost:0", ("localhost", 0), id="any-port"),
    pytest.param("'[::1]:8080'", ("::1", 8080), id="version-6"),
]


@pytest.mark.parametrize(("written", "read"), LISTENS)
def test_the_page_listens_at_host_and_port(
    tmp_path: Path, written: str, read: tuple[str, int]
) -> None:
    assert loaded(tmp_path, f"daemon: {{listen: {written}}}").settings.daemon.listen == read


@pytest.mark.parametrize(
    "written", ["8080", "':8080'", "host", "'host:'", "host:70000", "'::1:80'"]
)
def test_half_an_address_is_refused(tmp_path: Path, written: str) -> None:
    assert len(told(tmp_path, f"daemon: {{listen: {written}}}")) == 1


WITHOUT_AUTH = [
    pytest.param("0.0.0.0:8080", id="every-address"),
    pytest.param("'[::]:8080'", id="every-address-of-version-6"),
    pytest.param("192.0.2.7:8080", id="an-address"),
    pytest.param("status.school.edu:8080", id="a-name"),
]


@pytest.mark.parametrize("written", WITHOUT_AUTH)
def test_a_page_that_others_can_reach_needs_auth(tmp_path: Path, written: str) -> None:
    (problem,) = told(tmp_path, f"daemon: {{listen: {written}}}")

    assert problem.startswith("1:18: listen is an address that other machines can reach")


AUTHS = [
    pytest.param("bearer: {env: STATUS_TOKEN}", Bearer, id="bearer"),
    pytest.param("basic: {user: studio, password: {file: secret}}", Basic, id="basic"),
]


@pytest.mark.parametrize(("written", "kind"), AUTHS)
def test_with_auth_the_page_may_listen_anywhere(
    tmp_path: Path, written: str, kind: type[object]
) -> None:
    text = f"daemon: {{listen: '192.0.2.7:8080', auth: {{{written}}}}}"

    assert isinstance(loaded(tmp_path, text).settings.daemon.auth, kind)


NO_AUTHS = [
    pytest.param("{}", "1:16: auth needs bearer or basic", id="neither"),
    pytest.param("letmein", "1:16: auth must be a mapping", id="no-mapping"),
    pytest.param(
        "{bearer: {env: A}, basic: {user: a, password: {env: B}}}",
        "1:16: auth needs bearer or basic, one of them",
        id="both",
    ),
    pytest.param("{bearer: letmein}", "1:25: bearer is a secret", id="secret-in-the-file"),
    pytest.param("{basic: {user: a}}", "1:24: basic needs the key", id="no-password"),
    pytest.param(
        "{basic: {user: 'a:b', password: {env: B}}}", "1:31: user must not", id="colon-in-the-name"
    ),
]


@pytest.mark.parametrize(("written", "expected"), NO_AUTHS)
def test_half_an_auth_is_refused(tmp_path: Path, written: str, expected: str) -> None:
    (problem,) = told(tmp_path, f"daemon: {{auth: {written}}}")

    assert problem.startswith(expected)
    assert "letmein" not in problem


@pytest.mark.parametrize(
    "number", ["1_000", "010", "1e3", "0x10", "+5", "5.0", "'5'", "0", "-5", "５"]
)
def test_a_whole_number_is_its_digits_and_nothing_else(tmp_path: Path, number: str) -> None:
    text = f"studio:\n  url: https://school.example\n  concurrency: {number}\n{TOKEN}"

    (problem,) = told(tmp_path, text)

    assert problem.startswith("3:16: concurrency must be ")


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "True", "FALSE", "1", "'true'", "~"])
def test_only_true_and_false_are_booleans(tmp_path: Path, word: str) -> None:
    assert len(told(tmp_path, f"collections: [{{name: x, create: {word}}}]")) == 1


def test_settings_never_show_where_the_memory_is(tmp_path: Path) -> None:
    environment = {"RECONCILER_STATE": "postgresql://reconciler:hunter2@db.example/reconciler"}

    settings = load(write(tmp_path, ""), environment=environment, sandbox=True).settings

    assert settings.state == environment["RECONCILER_STATE"]
    assert "hunter2" not in repr(settings)
