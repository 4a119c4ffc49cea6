"""The JSON Schema is made of the keys that are read: neither says what the other does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from reconciler.config.files import Text, Texts, interpret
from reconciler.config.jsonschema import json_schema
from reconciler.config.layout import MAIN, PART
from reconciler.config.problems import Problems
from reconciler.config.reading import Root
from reconciler.config.source import parse
from reconciler.errors import ConfigError
from tests.config.editor import Schema, as_editors_read, complaints
from tests.config.given import HEAD

VALUES = ["", "~", "x", "''", "1", "-1", "true", "[]", "[[]]", "{}", "{x: y}", "[x, 1, {}]", "1e9"]


def keys_of(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, each in cast("dict[str, Schema]", schema.get("properties", {})).items():
        yield (*path, name)
        yield from keys_of(each, (*path, name))
    for inner in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from keys_of(inner, (*path, "*"))
    for choice in cast("list[Schema]", schema.get("anyOf", [])):
        yield from keys_of(choice, path)


def properties_of(schema: object) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield from cast("dict[str, Schema]", schema.get("properties", {})).values()
    if isinstance(schema, dict | list):
        for each in schema.values() if isinstance(schema, dict) else schema:
            yield from properties_of(each)


KEYS = sorted(set(keys_of(json_schema())))


def refused(text: str) -> list[str]:
    texts = Texts(Path("x"), Root(Path(), Path()), (Text("x", text.encode()),))
    try:
        interpret(texts, environment={}, sandbox=True)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def underlined(text: str) -> list[str]:
    node = parse(text.encode(), "x", Problems())
    assert node is not None
    return complaints(as_editors_read(node), json_schema())


def file_with(path: tuple[str, ...], value: str) -> str:
    """Write a value where a path of keys leads; `*` is an item of a list, or a name."""
    text = value
    for name in reversed(path[1:]):
        text = f"[{text}]" if name == "*" else f"{{{name}: {text}}}"
    if path[:2] == ("studio", "auth") or path[0] in {"version", "mode"}:
        return f"{HEAD if path[0] == 'studio' else ''}{path[0]}: {text}\n"
    if path[0] == "studio" and len(path) > 1 and path[1] != "url":
        text = text[:-1] + ", url: https://x.example, auth: {access_token: {env: TOKEN}}}"
    return f"{HEAD}{path[0]}: {text}\n"


@pytest.mark.parametrize("path", KEYS, ids="/".join)
def test_an_editor_underlines_nothing_that_is_read(path: tuple[str, ...]) -> None:
    for value in VALUES:
        text = file_with(path, value)
        if not refused(text):
            assert underlined(text) == []


@pytest.mark.parametrize("path", KEYS, ids="/".join)
def test_a_key_that_the_schema_has_is_known_to_the_reader(path: tuple[str, ...]) -> None:
    assert "unknown key" not in "".join(refused(file_with(path, "x")))


@pytest.mark.parametrize("path", KEYS, ids="/".join)
def test_a_slip_in_a_key_is_told_by_both(path: tuple[str, ...]) -> None:
    text = file_with((*path[:-1], f"{path[-1]}_"), "x")

    assert refused(text)
    assert underlined(text)


def test_every_key_has_a_description() -> None:
    assert [each for each in properties_of(json_schema()) if not each.get("description")] == []


def test_the_top_has_the_keys_of_the_contract() -> None:
    assert cast("Schema", json_schema()["properties"]).keys() == MAIN.known.keys()
    assert json_schema()["required"] == ["version", "mode"]
    assert set(PART.known) == {"directory", "terms", "share_sets", "collections"}


def test_the_schema_is_plain_json_of_its_dialect() -> None:
    schema = json_schema()

    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


ODD = [
    pytest.param("collections: [{name: 2026}, {name: true}, {name: on}]", id="names"),
    pytest.param("guards: {visibility: null, grants: {per_pass: {percent: 0.5}}}", id="limits"),
    pytest.param("acknowledge: [{hold: 12345678, until: 2026-12-01, reason: 1}]", id="hold"),
    pytest.param("state: {env: DATABASE}", id="state"),
    pytest.param("terms: {2026: {from: 2026-08-24}}", id="terms"),
    pytest.param("share_sets: {a: [{group: yes}, {group: '7'}, {user: 7}]}", id="shares"),
]


@pytest.mark.parametrize("text", ODD)
def test_an_odd_file_that_holds_is_not_underlined(text: str) -> None:
    assert refused(HEAD + text) == underlined(HEAD + text) == []
