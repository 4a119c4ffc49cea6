"""Secrets: found when needed, told apart from their places, never shown."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.config.secrets import Secret, SecretSource
from reconciler.config.settings import AccessToken
from reconciler.errors import ConfigError
from tests.config.given import loaded, told


def token(folder: Path, written: str) -> SecretSource:
    text = f"studio:\n  url: https://school.example\n  auth: {{access_token: {written}}}\n"
    studio = loaded(folder, text).settings.studio
    assert studio is not None
    assert isinstance(studio.auth, AccessToken)
    return studio.auth.token


def refusal(source: SecretSource, environment: Mapping[str, str]) -> str:
    with pytest.raises(ConfigError) as refused:
        source.read(environment)
    return str(refused.value)


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    source = token(tmp_path, "{env: STUDIO_ACCESS_TOKEN}")

    assert source.read({"STUDIO_ACCESS_TOKEN": "hunter2"}).reveal() == "hunter2"


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    source = token(tmp_path, "{file: secrets/token}")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text("hunter2\n", encoding="utf-8")

    assert source.read({}).reveal() == "hunter2"


def test_a_secret_may_be_far_away(tmp_path: Path) -> None:
    assert token(tmp_path, "{file: /run/secrets/token}").file == Path("/run/secrets/token")


def test_a_missing_variable_is_told_at_its_place_with_the_remedy(tmp_path: Path) -> None:
    message = refusal(token(tmp_path, "{env: STUDIO_ACCESS_TOKEN}"), {})

    assert message == (
        f"{tmp_path}/config.yaml:5:24: the environment variable STUDIO_ACCESS_TOKEN is not set;"
        " set it, or write {file: PATH}"
    )


def test_a_variable_s_name_that_may_be_the_secret_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in refusal(token(tmp_path, "{env: hunter2}"), {})


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_secret_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content, encoding="utf-8")

    assert "is empty" in refusal(token(tmp_path, "{file: token}"), {})
    assert "is empty" in refusal(token(tmp_path, "{env: T}"), {"T": content})


def test_a_file_that_is_more_than_a_secret_is_refused_unrepeated(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\nhunter2\n", encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff")

    message = refusal(token(tmp_path, "{file: token}"), {})

    assert "more than one line" in message
    assert "hunter2" not in message
    assert "not UTF-8" in refusal(token(tmp_path, "{file: bytes}"), {})
    assert "cannot be read" in refusal(token(tmp_path, "{file: missing}"), {})


WRITTEN = [
    "hunter2",
    "'hunter2'",
    "[hunter2]",
    "{hunter2}",
    "{value: hunter2}",
    "{env: A, hunter2: B}",
    "{env: [hunter2]}",
    "{env: 'hunter2 '}",
    "{env: $hunter2}",
    "{env: }",
    "{file: ''}",
    '{file: "hunter2\\0"}',
    "${hunter2}",
    "!hunter2 x",
    "*hunter2",
    "{}",
    "",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_no_place_is_refused_unrepeated(tmp_path: Path, written: str) -> None:
    text = f"studio:\n  url: https://school.example\n  auth:\n    access_token: {written}\n"

    problems = told(tmp_path, text)

    assert problems
    assert "hunter2" not in "".join(problems)


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    assert secret == Secret("hunter2")
    assert len({secret, Secret("hunter2"), Secret("other")}) == 2
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(secret)


def test_settings_do_not_repeat_what_stands_in_a_secret_s_place(tmp_path: Path) -> None:
    assert "hunter2" not in repr(token(tmp_path, "{env: hunter2}"))
