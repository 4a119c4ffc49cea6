"""The try with compose: understood by the schema, locked up, and true to the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.config.files import load
from reconciler.config.settings import Basic
from reconciler.sandbox.seed import default_world
from tests.deploy.recipes import DEPLOY, documents, fits

COMPOSE = DEPLOY / "compose.yaml"
CONFIG = DEPLOY / "compose" / "config.yaml"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = documents(COMPOSE)[0]["services"]
    return services


def test_the_schema_finds_nothing() -> None:
    assert fits("compose-spec", COMPOSE) == ""


def test_both_are_locked_up(services: dict[str, Any]) -> None:
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_daemon_reaches_the_sandbox_on_loopback(services: dict[str, Any]) -> None:
    studio = load(CONFIG, environment={}).settings.studio

    assert studio is not None
    assert services["daemon"]["network_mode"] == "service:sandbox"
    assert studio.url == f"http://127.0.0.1:{services['sandbox']['command'][-1]}"


def test_only_this_machine_sees_the_page_and_only_with_the_password(
    services: dict[str, Any],
) -> None:
    settings = load(CONFIG, environment={}).settings
    environment = services["daemon"]["environment"]

    assert settings.daemon.listen == ("0.0.0.0", 8080)  # noqa: S104 - inside a container
    assert services["sandbox"]["ports"] == ["127.0.0.1:8080:8080"]
    assert isinstance(settings.daemon.auth, Basic)
    assert settings.daemon.auth.password.read(environment).reveal() == "sandbox"


def test_what_is_mounted_and_built_is_there(services: dict[str, Any]) -> None:
    assert (COMPOSE.parent / "compose").is_dir()
    build = services["sandbox"]["build"]
    context = (COMPOSE.parent / build["context"]).resolve()
    assert Path(context, build["dockerfile"]) == DEPLOY / "Dockerfile"


def test_the_file_names_what_the_sandbox_has() -> None:
    declared = load(CONFIG, environment={}).declarations.collections
    live = default_world().collections

    assert [(each.id, each.name) for each in declared] == [
        (each.id, live[each.id].name) for each in declared if each.id is not None
    ]
