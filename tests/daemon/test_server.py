"""The server, asked over a real connection."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.config.secrets import SecretSource
from reconciler.config.settings import Basic, Bearer
from reconciler.daemon.gate import credential, names_no_site, shows
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.server import serving
from reconciler.errors import Location, ReconcilerError
from reconciler.state.journal import Journal
from reconciler.state.store import open_store
from tests.daemon.served import Served, served
from tests.daemon.snapshots import NOW, STARTING, after, agreeing, eventful

PATHS = (
    "/",
    "/collections",
    "/collections/4711",
    "/passes",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/status",
    "/api/v1/plan",
    "/api/v1/passes",
)
OPEN = ("/healthz", "/readyz")
WHERE = Location("config.yaml", 3, 5)
BEARER = Bearer(SecretSource(WHERE, env="STATUS_TOKEN"))
BASIC = Basic("studio", SecretSource(WHERE, env="STATUS_TOKEN"))
SECRET = {"STATUS_TOKEN": "let-me-in"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    state = tmp_path_factory.mktemp("state") / "reconciler.db"
    with served(after(agreeing()), state=state) as site:
        yield site


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


# --- what is served -----------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_every_path_answers_and_lets_nobody_keep_or_frame_it(site: Served, path: str) -> None:
    answer = site.ask(path)

    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["server"] is None


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_without_a_body(site: Served, path: str) -> None:
    answer = site.ask(path, "HEAD")

    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere"])
def test_whatever_could_change_something_is_refused(site: Served, method: str, path: str) -> None:
    answer = site.ask(path, method)

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/collections/9", "/passes/01JD", "/api/v1", "/metrics/", "/%2e%2e/x"]
)
def test_what_is_not_there_is_not_found_and_leads_nowhere_else(site: Served, path: str) -> None:
    answer = site.ask(path)

    assert answer.status == 404
    assert answer.headers["location"] is None
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=²"])
def test_a_number_out_of_bounds_is_told(site: Served, query: str) -> None:
    answer = site.ask(f"/api/v1/passes?{query}".replace("²", "%C2%B2"))

    assert answer.status == 400
    assert answer.json == {"error": "limit must be a number from 1 to 200"}


def test_a_snapshot_that_is_replaced_is_shown_at_once(tmp_path: Path) -> None:
    with served(STARTING, state=tmp_path / "none.db") as site:
        assert site.ask("/api/v1/plan").status == 404

        site.board.post(after(agreeing()))

        assert site.ask("/api/v1/plan").json == {"format": "reconciler.plan/1"}
        assert "In agreement with the file" in site.ask("/").text


def test_passes_on_record_are_told_as_history_tells_them(tmp_path: Path) -> None:
    state = tmp_path / "reconciler.db"
    with open_store(str(state), tenant="school") as store:
        Journal(store).begin("01JDPASS", kind="run", started_at=NOW, holder="h:1",
                             config_digest="d", commit=None)  # fmt: skip
        Journal(store).finish("01JDPASS", verdict="held", summary={"held": 2}, finished_at=NOW)

    with served(STARTING, state=state) as site:
        assert site.ask("/api/v1/passes").json == {
            "passes": [
                {
                    "pass_id": "01JDPASS",
                    "started_at": "2026-11-23T12:00:00Z",
                    "verdict": "held",
                    "summary": {"held": 2},
                }
            ]
        }
        assert "Pass 01JDPASS" in site.ask("/passes/01JDPASS").text


def test_a_state_that_cannot_be_read_costs_the_record_and_not_the_page(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database at all, but long enough to be read" * 99)

    with served(STARTING, state=tmp_path / "broken.db") as site:
        assert site.ask("/api/v1/passes").status == 503
        page = site.ask("/")
        assert page.status == 200
        assert "The record cannot be read" in page.text


def test_a_stuck_loop_is_not_healthy(tmp_path: Path) -> None:
    clock = iter([0.0, *[1000.0] * 9])
    stuck = Heartbeat(lambda: next(clock))

    with served(STARTING, state=tmp_path / "none.db", heartbeat=stuck) as site:
        answer = site.ask("/healthz")
        assert answer.status == 503
        assert answer.json["heartbeat_age_seconds"] == 1000


def test_four_due_times_in_vain_are_not_ready(tmp_path: Path) -> None:
    with served(STARTING, state=tmp_path / "none.db") as site:
        for _ in range(4):
            assert site.ask("/readyz").status == 200
            site.dues.came()

        assert site.ask("/readyz").status == 503


# --- who may ask --------------------------------------------------------------------------

HOSTS = [
    pytest.param("127.0.0.1:8080", True, id="address"),
    pytest.param("[::1]:8080", True, id="address-of-version-6"),
    pytest.param("LOCALHOST", True, id="localhost"),
    pytest.param("evil.example", False, id="somebody-s-name"),
    pytest.param("localhost.evil.example", False, id="looks-like-localhost"),
    pytest.param("127.0.0.1.evil.example", False, id="looks-like-an-address"),
    pytest.param("", False, id="none"),
]


@pytest.mark.parametrize(("host", "allowed"), HOSTS)
def test_a_host_that_a_site_could_be_called_is_refused(host: str, allowed: bool) -> None:
    assert names_no_site(host) is allowed


def test_a_page_elsewhere_cannot_read_along_by_a_name_of_its_own(site: Served) -> None:
    answer = site.ask("/api/v1/status", headers={"Host": "evil.example"})

    assert answer.status == 421
    assert "school" not in answer.text
    assert site.ask("/healthz", headers={"Host": "probe.example"}).status == 200


@pytest.mark.parametrize("auth", [BEARER, BASIC], ids=["bearer", "basic"])
def test_nobody_is_let_in_without_the_secret_but_to_health(
    tmp_path: Path, auth: Bearer | Basic
) -> None:
    with served(eventful(), state=tmp_path / "none.db", auth=auth, environment=SECRET) as site:
        answers = {path: site.ask(path) for path in PATHS}

    assert {path for path, answer in answers.items() if answer.status == 200} == set(OPEN)
    assert {answer.status for answer in answers.values()} == {200, 401}
    assert not [path for path, answer in answers.items() if "Biology" in answer.text]


@pytest.mark.parametrize(
    ("auth", "given", "allowed"),
    [
        pytest.param(BEARER, "Bearer let-me-in", True, id="token"),
        pytest.param(BEARER, "bearer let-me-in", True, id="scheme-in-small-letters"),
        pytest.param(BEARER, "Bearer let-me-i", False, id="part-of-the-token"),
        pytest.param(BEARER, basic("", "let-me-in"), False, id="other-scheme"),
        pytest.param(BASIC, basic("studio", "let-me-in"), True, id="password"),
        pytest.param(BASIC, basic("admin", "let-me-in"), False, id="other-user"),
        pytest.param(BASIC, basic("studio", ""), False, id="no-password"),
        pytest.param(BASIC, "Basic %%%", False, id="no-base64"),
        pytest.param(BASIC, "", False, id="nothing"),
    ],
)
def test_only_the_whole_secret_in_its_own_scheme_will_do(
    auth: Bearer | Basic, given: str, allowed: bool
) -> None:
    assert shows(given, credential(auth, SECRET)) is allowed


def test_who_gives_the_secret_may_ask_by_any_name(tmp_path: Path) -> None:
    with served(STARTING, state=tmp_path / "none.db", auth=BASIC, environment=SECRET) as site:
        headers = {"Authorization": basic("studio", "let-me-in"), "Host": "status.school.edu"}

        assert site.ask("/api/v1/status", headers=headers).status == 200
        assert "Basic realm=" in site.ask("/").headers["www-authenticate"]


def test_a_secret_that_went_away_lets_nobody_in(tmp_path: Path) -> None:
    with served(STARTING, state=tmp_path / "none.db", auth=BEARER) as site:
        answer = site.ask("/", headers={"Authorization": "Bearer "})

    assert answer.status == 503
    assert "STATUS_TOKEN" not in answer.text


def test_a_secret_that_is_replaced_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old\n")
    auth = Bearer(SecretSource(WHERE, file=file))
    with served(STARTING, state=tmp_path / "none.db", auth=auth) as site:
        file.write_text("new\n")

        assert site.ask("/", headers={"Authorization": "Bearer old"}).status == 401
        assert site.ask("/", headers={"Authorization": "Bearer new"}).status == 200


def test_a_secret_of_any_script_compares() -> None:
    assert shows("Bearer pässwörd", "Bearer pässwörd")
    assert not shows("Bearer pässwörd", "Bearer passwort")


# --- the port -----------------------------------------------------------------------------


async def _no_app(*_: object) -> None:
    """Serve nothing."""


def test_a_port_that_somebody_has_is_told_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = taken.getsockname()
        with (
            pytest.raises(ReconcilerError, match=f"daemon.listen: 127.0.0.1:{listen[1]} cannot"),
            serving(_no_app, listen, lambda _: None),
        ):
            pytest.fail("it listens")


def test_nothing_listens_and_no_thread_is_left_when_it_is_over(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with served(STARTING, state=tmp_path / "none.db") as site:
        assert site.ask("/healthz").status == 200
        port = int(site.url.rpartition(":")[2])

    assert not [each for each in set(threading.enumerate()) - before if each.name == "pages"]
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_many_may_ask_at_once(tmp_path: Path) -> None:
    with served(eventful(), state=tmp_path / "none.db") as site:
        statuses: list[int] = []
        askers = [
            threading.Thread(target=lambda: statuses.append(site.ask("/").status))
            for _ in range(12)
        ]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join(timedelta(seconds=20).total_seconds())

    assert statuses == [200] * 12
