"""What an editor would say of a file by its JSON Schema: just the words that ours uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from reconciler.config.nodes import Mapping, Node, Scalar, Sequence

Schema = dict[str, object]

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
# They say nothing about whether a value fits.
SILENT = {"$schema", "title", "description", "default", "format"}
# They are about what is inside.
SILENT |= {"items", "properties", "additionalProperties"}


def as_editors_read(node: Node) -> object:
    """Give the values of YAML 1.2, which is what editors validate."""
    match node:
        case Sequence():
            return [as_editors_read(item) for item in node.items]
        case Mapping():
            return {name: as_editors_read(value) for name, value in node.entries.items()}
    return _scalar(node)


def _scalar(node: Scalar) -> object:
    if node.is_null:
        return None
    if node.plain and node.text in {"true", "false"}:
        return node.text == "true"
    if node.plain and re.fullmatch(r"[-+]?[0-9]+", node.text):
        return int(node.text)
    if node.plain and re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?", node.text):
        return float(node.text)
    return node.text


def complaints(value: object, schema: Schema, path: str = "") -> list[str]:
    """Tell where a value does not fit, and by which word of the schema."""
    here = [f"{path or '/'}: {word}" for word in schema if not _fits(value, word, schema[word])]
    inside = (
        complaints(each, inner, f"{path}/{name}") for each, inner, name in _inside(value, schema)
    )
    return here + [complaint for each in inside for complaint in each]


def _fits(value: object, word: str, said: object) -> bool:
    if word in SILENT:
        return True
    if word in {"anyOf", "oneOf", "not"}:
        return _combines(value, word, said)
    if word in {"minimum", "maximum", "minLength", "minProperties", "maxProperties"}:
        return _measures(value, word, cast("float", said))
    return _is_in(value, word, said)


def _is_in(value: object, word: str, said: object) -> bool:
    if word == "enum":
        return value in cast("list[object]", said)
    if word == "pattern":
        return not isinstance(value, str) or bool(re.search(str(said), value))
    names = cast("list[str]", said if isinstance(said, list) else [said])
    if word == "required":
        return not isinstance(value, dict) or set(names) <= value.keys()
    assert word == "type", f"a word this test does not know: {word}"
    kinds = tuple(kind for name in names for kind in TYPES[name])
    return isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


def _measures(value: object, word: str, said: float) -> bool:
    if isinstance(value, str | dict):
        counted = "minLength" if isinstance(value, str) else word.replace("imum", "Properties")
        return counted != word or (len(value) <= said if word[:3] == "max" else len(value) >= said)
    if isinstance(value, int | float) and word in {"minimum", "maximum"}:
        return value >= said if word == "minimum" else value <= said
    return True


def _combines(value: object, word: str, said: object) -> bool:
    choices = [said] if isinstance(said, dict) else cast("list[Schema]", said)
    fitting = sum(not complaints(value, each) for each in choices)
    return {"anyOf": fitting >= 1, "oneOf": fitting == 1, "not": fitting == 0}[word]


def _inside(value: object, schema: Schema) -> Iterator[tuple[object, Schema, str]]:
    if isinstance(value, list) and "items" in schema:
        yield from ((item, cast("Schema", schema["items"]), "*") for item in value)
    if isinstance(value, dict):
        known = cast("dict[str, Schema]", schema.get("properties", {}))
        other = schema.get("additionalProperties", {})
        for name, each in value.items():
            inner = known.get(name, other)
            yield each, {"enum": []} if inner is False else cast("Schema", inner), name
