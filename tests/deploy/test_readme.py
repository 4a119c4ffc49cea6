"""The overview of this folder: names what is there, and shows letters as they are sent."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from reconciler.daemon.letter import Letter, signature
from reconciler.daemon.notices import Message, Topic, Turn
from reconciler.daemon.notify import SIGNATURE
from tests.builders import NOW
from tests.deploy.recipes import DEPLOY, run

README = (DEPLOY / "README.md").read_text(encoding="utf-8")
LETTER = Letter(Message(Topic.HELD, Turn.RAISED, "held"), "school.example", NOW, "01J")


def test_what_the_table_names_is_there() -> None:
    rows = re.findall(r"(?m)^\| (`.*?) \|", README)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]

    assert named
    for name in named:
        path = f"reconciler-once{name}" if name.startswith(".") else name
        assert (DEPLOY / path).exists()


def test_everything_at_the_top_is_named() -> None:
    for path in DEPLOY.iterdir():
        assert path.name == "README.md" or path.name in README or path.suffix == ".timer"


def test_a_letter_is_shown_as_it_is_sent() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)

    assert json.loads(example).keys() == json.loads(LETTER.body()).keys()
    assert f"`{SIGNATURE}`" in README
    assert all(f"`{topic}`" in README for topic in Topic)
    assert all(f"`{turn}`" in README for turn in Turn)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_makes_the_same_signature(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_bytes(LETTER.body())

    told = run("openssl", "dgst", "-sha256", "-hmac", "sandbox", body)

    assert f"sha256={told.split()[-1]}" == signature(LETTER.body(), "sandbox")
