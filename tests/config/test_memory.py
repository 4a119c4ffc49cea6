"""Where the memory is: a file, a database, a variable, and who may say so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.config.files import load
from reconciler.errors import ConfigError
from tests.config.given import loaded, told, write

URL = "postgresql://reconciler:hunter2@db.example/reconciler"


def state(folder: Path, text: str = "", env: Mapping[str, str] | None = None) -> str:
    return loaded(folder, text, env).settings.state


def refusal(folder: Path, text: str, env: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        state(folder, text, env)
    return str(refused.value)


def test_a_file_is_relative_to_the_configuration(tmp_path: Path) -> None:
    assert state(tmp_path) == f"{tmp_path}/reconciler.db"
    assert state(tmp_path, "state: var/x.db") == f"{tmp_path}/var/x.db"
    assert state(tmp_path, "state: /var/lib/x.db") == "/var/lib/x.db"


def test_a_database_without_a_password_may_stand_there(tmp_path: Path) -> None:
    url = "postgresql://reconciler@db.example/reconciler?sslmode=require"

    assert state(tmp_path, f"state: {url}") == url


def test_a_database_with_one_comes_from_the_environment(tmp_path: Path) -> None:
    assert state(tmp_path, "state: {env: DATABASE}", {"DATABASE": URL}) == URL


@pytest.mark.parametrize(
    "written",
    [
        URL,
        "postgresql://db.example/x?password=hunter2",
        "postgres://root:hunter2@db.example/x",
        "sqlite:///hunter2.db",
        "postgresql://[hunter2",
        "{file: hunter2}",
        "[hunter2]",
        '"hunter2\\0"',
        "''",
    ],
)
def test_what_is_neither_is_refused_unrepeated(tmp_path: Path, written: str) -> None:
    (problem,) = told(tmp_path, f"state: {written}")

    assert problem.startswith("1:8: state ")
    assert "hunter2" not in problem


def test_the_variable_is_missed_by_who_opens_the_state_only(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "state: {env: DATABASE}").settings

    with pytest.raises(ConfigError, match=r"config\.yaml:3:8: the environment variable DATABASE"):
        _ = settings.state


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert state(tmp_path, "state: x.db", {"RECONCILER_STATE": URL}) == URL
    assert state(tmp_path, "state: x.db", {"RECONCILER_STATE": "y.db"}) == f"{tmp_path}/y.db"
    assert state(tmp_path, "state: x.db", {"RECONCILER_STATE": ""}) == f"{tmp_path}/x.db"


def test_an_override_that_is_no_place_is_refused_unrepeated(tmp_path: Path) -> None:
    message = refusal(tmp_path, "", {"RECONCILER_STATE": "mysql://root:hunter2@db/x"})

    assert "$RECONCILER_STATE is a path of a file, or begins with postgresql://" in message
    assert "hunter2" not in message


def test_below_a_link_the_path_must_be_absolute(tmp_path: Path) -> None:
    # As git-sync lays it out: current -> the checkout of one commit.
    (tmp_path / "first").mkdir()
    (tmp_path / "current").symlink_to("first")
    folder = tmp_path / "current"

    assert "reached through a link" in refusal(folder, "state: x.db")
    assert "reached through a link" in refusal(folder, "")
    assert state(folder, "state: /var/lib/x.db") == "/var/lib/x.db"
    assert state(folder, "", {"RECONCILER_STATE": "/var/lib/x.db"}) == "/var/lib/x.db"


def test_a_link_to_the_file_alone_moves_no_memory(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    write(tmp_path / "real", "")
    (tmp_path / "config.yaml").symlink_to("real/config.yaml")

    found = load(tmp_path / "config.yaml", environment={}, sandbox=True)

    assert found.settings.state == f"{tmp_path}/reconciler.db"
