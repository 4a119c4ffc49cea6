"""The files that fit a big world: in agreement with it, or off by a known number of shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.sandbox.world import Collection, World
from tests.bench.big import ME

HEAD = """\
version: 1
mode: authoritative
studio:
  url: {url}
  auth: {{access_token: {{env: STUDIO_ACCESS_TOKEN}}}}
  me: {me}
"""
PER_FILE = 2000
"""Collections of one included file: 50 shares on each keep it well below 16 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    A file for a world at a URL.

    With `turned_every`, each so-manieth share has the other level: an update.
    `studio` holds further keys of that section.
    """

    world: World
    url: str
    turned_every: int = 0
    studio: Mapping[str, object] = field(default_factory=dict)

    def write(self, path: Path) -> int:
        """Write it, in several files where one would be too large; returns how many shares."""
        collections = list(self.world.collections.values())
        parts = [collections[at : at + PER_FILE] for at in range(0, len(collections), PER_FILE)]
        if len(parts) == 1:
            path.write_text(self._head() + self._body(parts[0]), encoding="utf-8")
        else:
            folder = path.with_name("parts")
            folder.mkdir(exist_ok=True)
            path.write_text(self._head() + "include: [parts/*.yaml]\n", encoding="utf-8")
            for number, part in enumerate(parts):
                (folder / f"{number:03}.yaml").write_text(self._body(part), encoding="utf-8")
        return sum(len(each.shares) for each in collections)

    def _head(self) -> str:
        head = HEAD.format(url=self.url, me=ME)
        return head + "".join(f"  {key}: {value}\n" for key, value in self.studio.items())

    def _body(self, collections: list[Collection]) -> str:
        return "".join(
            ["collections:\n", *(line for each in collections for line in self._of(each))]
        )

    def _of(self, collection: Collection) -> Iterator[str]:
        yield f"  - name: {collection.name}\n    id: {collection.id}\n    shares:\n"
        for number, ((kind, who), level) in enumerate(sorted(collection.shares.items()), start=1):
            turned = self.turned_every and number % self.turned_every == 0
            wanted = ("view" if level == "edit" else "edit") if turned else level
            yield f"      - {{{kind}: {who}, permission: {wanted}}}\n"
