"""The tenants of the proof: where they live, their files, and what each is to become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.sandbox.world import Collection, World
from tests.bench.big import ME, big_world

SHARES = 5
PEOPLE = {"users": 200, "groups": 20}

Levels: TypeAlias = dict[str, str]
"""The level of each principal (`user:5`) on one collection."""

HEAD = """\
version: 1
mode: authoritative
studio:
  url: {url}
  auth: {{access_token: {{env: STUDIO_ACCESS_TOKEN}}}}
  me: {me}
  timeout: 10s
  requests_per_second: {per_second}
schedule: {{every: 1m, jitter: 0s}}
# What is to be done here is written in the file: nothing of it is to be held.
guards:
  removals: {{per_collection: null, per_pass: null, per_day: null}}
  escalations: {{per_pass: null}}
  flapping: null
collections:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """So many tenants of so many collections; `tokens` are good at every one of them."""

    tenants: int
    collections: int
    tokens: Sequence[str]
    per_second: float

    @property
    def hosts(self) -> list[str]:
        """A loopback address for each tenant."""
        return [_host(number) for number in range(self.tenants)]

    @property
    def writes(self) -> int:
        """How many requests it takes to make all tenants what their files say."""
        return self.tenants * len(range(0, self.collections, 2))

    def specs(self) -> dict[str, Mapping[str, Any]]:
        """What the server is to serve."""
        return {_host(number): self._spec(number) for number in range(self.tenants)}

    def write_files(self, folder: Path, port: int) -> None:
        """Write each tenant's file."""
        for number, host in enumerate(self.hosts):
            url = f"http://{host}:{port}"
            head = HEAD.format(url=url, me=ME, per_second=self.per_second)
            lines = (line for id, each in self._world(number) for line in _entry(id, each))
            (folder / f"tenant-{number:03}.yaml").write_text(head + "".join(lines), "utf-8")

    def wanted(self, host: str) -> dict[int, Levels]:
        """What the file of a tenant says."""
        world = self._world(self.hosts.index(host))
        return {id: wanted_levels(id, collection) for id, collection in world}

    def _world(self, number: int) -> list[tuple[int, Collection]]:
        world: World = big_world(**self._spec(number))
        return list(world.collections.items())

    def _spec(self, number: int) -> dict[str, Any]:
        return {
            "collections": self.collections,
            "shares_per_collection": SHARES,
            "turn": number,
            "tokens": list(self.tokens),
            **PEOPLE,
        }


def wanted_levels(id: int, collection: Collection) -> Levels:
    """
    What the file says of a collection.

    Every second one is as it is; on the others one share has another level, one
    is gone, and somebody is new: one of each action.
    """
    levels = {f"{kind}:{who}": word for (kind, who), word in sorted(collection.shares.items())}
    if id % 2:
        return levels
    (raised, word), (gone, _), *_ = levels.items()
    levels[raised] = "view" if word == "edit" else "edit"
    del levels[gone]
    newcomer = next(who for n in range(2, 9) if (who := f"user:{n}") not in {*levels, gone})
    return levels | {newcomer: "view"}


def _entry(id: int, collection: Collection) -> Iterator[str]:
    yield f"  - name: {collection.name}\n    id: {id}\n    shares:\n"
    for principal, level in wanted_levels(id, collection).items():
        kind, _, who = principal.partition(":")
        yield f"      - {{{kind}: {who}, permission: {level}}}\n"


def _host(number: int) -> str:
    high, low = divmod(number, 250)
    return f"127.0.{1 + high}.{1 + low}"
