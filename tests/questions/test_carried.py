"""What an exported file takes over means the same there, however it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.config.files import load
from reconciler.config.settings import AccessToken, OAuth, StudioSettings
from reconciler.questions.carried import carry

BLOCK = """\
studio:
  url: https://school.test      # ours
  auth:
    client_id: {env: "CLIENT_ID"}
    client_secret:
      file: 'secrets/a "b" #c'
    refresh_token: &first {env: FIRST}
  requests_per_second: 0.5
  timeout: 2m
  permissions_body: "wrapped"
  me: 101
state: 'my state.db'
"""
FLOW = """\
? studio
: {url: "https://school.test", auth: {access_token: {"file": /run/token}}, batch_size: 7}
state: {env: STATE}
"""
LEAST = "studio: {url: 'https://school.test', auth: {access_token: {env: TOKEN}}}\n"
HEAD = "version: 1\nmode: observe\n"
ENVIRONMENT = {"STATE": "/var/lib/reconciler.db"}


def meaning(path: Path) -> tuple[object, ...]:
    """What a file says of the tenant, its credentials and the state."""
    settings = load(path, environment=ENVIRONMENT).settings
    assert settings.studio is not None
    return (*_tenant(settings.studio), settings.state)


def _tenant(studio: StudioSettings) -> tuple[object, ...]:
    auth = studio.auth
    sources = (
        (auth.token,)
        if isinstance(auth, AccessToken)
        else (auth.client_id, auth.client_secret, auth.refresh_token)
    )
    secrets = [(each.env, each.file) if each else None for each in sources]
    rest = (studio.url, studio.requests_per_second, studio.timeout, studio.batch_size, studio.me)
    return isinstance(auth, OAuth), secrets, rest, studio.permissions_body


@pytest.mark.parametrize("text", [BLOCK, FLOW, LEAST], ids=["block", "flow", "least"])
@pytest.mark.parametrize("place", ["tenant.yaml", "elsewhere/tenant.yaml"])
def test_it_means_the_same_in_any_folder(tmp_path: Path, text: str, place: str) -> None:
    source, target = tmp_path / "config.yaml", tmp_path / place
    source.write_text(HEAD + text)
    target.parent.mkdir(exist_ok=True)

    carried = carry(source, target, {})
    target.write_text("\n".join([HEAD, *carried.studio, *carried.state, ""]))

    assert meaning(target) == meaning(source)


def test_beside_its_source_nothing_is_made_absolute(tmp_path: Path) -> None:
    source = tmp_path / "config.yaml"
    source.write_text(HEAD + BLOCK)

    for target in (tmp_path / "tenant.yaml", None):
        carried = carry(source, target, {})
        assert '    client_secret: {file: "secrets/a \\"b\\" #c"}' in carried.studio
        assert carried.state == ("state: my state.db",)


def test_a_state_from_outside_is_not_written_down(tmp_path: Path) -> None:
    source = tmp_path / "config.yaml"
    source.write_text(HEAD + LEAST)

    carried = carry(source, tmp_path / "out" / "tenant.yaml", {"RECONCILER_STATE": "/secret.db"})

    assert carried.state == ()


def test_without_a_tenant_there_is_a_place_for_one(tmp_path: Path) -> None:
    source = tmp_path / "config.yaml"
    source.write_text(HEAD)

    assert all(line.startswith("# ") for line in carry(source, None, {}).studio)
