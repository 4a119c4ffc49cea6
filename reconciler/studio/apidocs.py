"""
What the service's own document (`/api/public/apidocs`) tells of what nobody documents. Pure.

It is Swagger 2 or OpenAPI 3, where a tenant serves it at all. Only three things
are looked for: the shape of a batch, the words of levels, the types of collections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.studio.options import PermissionsBody

DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Told:
    """What the document settles; None and empty where it says nothing of it."""

    body: PermissionsBody | None = None
    levels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


def read_apidocs(document: object) -> Told:
    """Read the document; anything may be missing from it, or be otherwise than expected."""
    if not isinstance(document, Mapping):
        return Told()
    reading = _Reading(document)
    return Told(
        reading.body(),
        reading.enums(("permission", "permission_type")),
        reading.enums(("type",)),
    )


class _Reading:
    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document

    def body(self) -> PermissionsBody | None:
        """The shape of a batch, by the schema of the body it is posted in."""
        for schema in self._bodies():
            if schema.get("type") == "array":
                return PermissionsBody.ARRAY
            properties = schema.get("properties")
            if isinstance(properties, Mapping) and "permissions" in properties:
                return PermissionsBody.WRAPPED
        return None

    def enums(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Every word that a field of one of these names may have, sorted."""
        words: set[str] = set()
        for name, schema in _fields(self._document, DEEPEST):
            listed = schema.get("enum")
            if name in names and isinstance(listed, list):
                words |= {each for each in listed if isinstance(each, str)}
        return tuple(sorted(words))

    def _bodies(self) -> Iterator[Mapping[str, object]]:
        for path, verbs in _object(self._document.get("paths")).items():
            if not _is_batch(path):
                continue
            post = _object(_object(verbs).get("post"))
            parameters = post.get("parameters")
            for each in parameters if isinstance(parameters, list) else []:
                if _object(each).get("in") == "body":
                    yield self._followed(_object(each).get("schema"))
            content = _object(_object(post.get("requestBody")).get("content"))
            for each in content.values():
                yield self._followed(_object(each).get("schema"))

    def _followed(self, schema: object) -> Mapping[str, object]:
        """The schema itself, where it is named by a `$ref` into the document."""
        for _ in range(DEEPEST):
            name = _object(schema).get("$ref")
            if not isinstance(name, str):
                break
            schema = self._document
            for part in name.removeprefix("#/").split("/"):
                schema = _object(schema).get(part)
        return _object(schema)


def _fields(value: object, depth: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every name in the document that has an object, with that object; parameters by `name`."""
    if depth == 0:
        return
    if isinstance(value, list):
        for each in value:
            if isinstance(each, Mapping) and isinstance(each.get("name"), str):
                yield each["name"], each
            yield from _fields(each, depth - 1)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(each, Mapping):
                yield str(name), each
            yield from _fields(each, depth - 1)


def _is_batch(path: object) -> bool:
    """Whether it ends as the batch's does, whatever its parameter is called."""
    parts = str(path).rstrip("/").split("/")[-3:]
    return [parts[0], *parts[2:]] == ["collections", "permissions"]


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
