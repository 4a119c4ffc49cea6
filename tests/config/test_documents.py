"""The files that we give people: the starter and the example hold, and say all there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.config.files import Loaded, load
from reconciler.config.jsonschema import json_schema
from reconciler.config.problems import Problems
from reconciler.config.settings import Basic
from reconciler.config.source import parse
from reconciler.config.starter import starter
from reconciler.core.declared import collection_key
from reconciler.core.model import Mode
from tests.config.editor import as_editors_read, complaints
from tests.config.test_jsonschema import KEYS

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
TEXTS = {"example": EXAMPLE.read_text(encoding="utf-8"), "starter": starter()}


def load_text(folder: Path, text: str) -> Loaded:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment={})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_editor_underlines_nothing(text: str) -> None:
    node = parse(text.encode(), "x", Problems())

    assert node is not None
    assert complaints(as_editors_read(node), json_schema()) == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_first_line_tells_the_editor_its_schema(text: str) -> None:
    assert text.startswith("# yaml-language-server: $schema=")


def test_the_starter_looks_and_never_writes(tmp_path: Path) -> None:
    found = load_text(tmp_path, starter())

    assert found.settings.mode is Mode.OBSERVE
    assert found.declarations.collections == ()


def test_the_starter_holds_with_its_examples_too(tmp_path: Path) -> None:
    head, version, body = starter().partition("version: 1")
    body = body.replace("collections: []", "collections:").replace("groups: {}", "groups:")
    body = re.sub(r"(?m)^( *)#  ", r"\1  ", body)

    found = load_text(tmp_path, head + version + body)

    assert found.declarations.groups == {"Biology Faculty": 7}
    assert [len(each.shares) for each in found.declarations.collections] == [3]


def test_the_example_holds_as_it_stands() -> None:
    found = load(EXAMPLE, environment={})

    names = [collection_key(each).replace("\0", " of ") for each in found.declarations.collections]
    assert names == [
        "Biology 101",
        "Chemistry Lab Recordings of user=ada@school.edu",
        "Faculty Onboarding of user=grace@school.edu",
        "Field Work 2026 of user=lin@school.edu",
    ]


def test_the_example_shows_every_key() -> None:
    keys = {name for path in KEYS for name in path if name != "*"}

    assert {name for name in keys if not re.search(rf"\b{name}:", TEXTS["example"])} == set()


def test_the_example_s_other_ways_hold_too(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^( *)# ((client_|refresh_)\w+: .*)$", r"\1\2", TEXTS["example"])
    text = text.replace("    access_token:", "    # access_token:")
    text = text.replace("  every:", "  # every:").replace("  # cron:", "  cron:")
    text = text.replace("acknowledge: []\n#", "acknowledge:\n ")
    text = re.sub(r"(?m)^#(  auth:|    basic:)", r"\1", text).replace(
        "127.0.0.1", "page.school.edu"
    )

    found = load_text(tmp_path, text)

    assert found.settings.schedule.every is None
    assert [each.hold for each in found.settings.acknowledge] == ["7c1f0a9e"]
    assert isinstance(found.settings.daemon.auth, Basic)
