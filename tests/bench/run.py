"""
`make bench`: what the program costs, as counts and as ratios to a floor measured in the same run.

The machines are shared, so an absolute figure says little by itself: beside
each stands what the same machine needed, in the same minute, for the least
that could do the work.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.sandbox.tenant import Tenant
from tests.bench.measure import COMMAND, Cost, best_of, cost_of
from tests.bench.world import served, write_config

PER_PAGE = 50
SCAN = (
    "import sys, collections, yaml;"
    "collections.deque(yaml.parse(open(sys.argv[1], 'rb'), yaml.CSafeLoader), maxlen=0)"
)
BARE = (
    "import sys, httpx\n"
    "client = httpx.Client(base_url=sys.argv[1], headers={'Authorization': 'Bearer sandbox'})\n"
    "for id in range(1000000, 1000000 + int(sys.argv[2])):\n"
    "    client.get(f'/api/public/v1/collections/{id}/permissions').json()\n"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `floor` and `ratio` are None where a count speaks for itself."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None


def main() -> int:
    """Measure, print, and write bench.json; 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", type=int, default=2000)
    parser.add_argument("--shares", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = list(_figures(Path(folder), options.collections, options.shares))
    for each in figures:
        sys.stdout.write(_line(each))
    rows = [{**asdict(each), "ratio": each.ratio} for each in figures]
    options.out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return int(any(each.limit is not None and each.value > each.limit for each in figures))


def _figures(folder: Path, collections: int, shares: int) -> Iterator[Figure]:
    yield _help(folder)
    with served(collections, shares) as (tenant, port):
        config = folder / "config.yaml"
        total = write_config(config, tenant, port)
        yield _validate(folder, total)
        yield from _agreement(folder, tenant, collections, total)
        floor = cost_of(
            [sys.executable, "-c", BARE, f"http://127.0.0.1:{port}", str(collections)], folder
        )
        yield Figure("bare httpx: CPU a request", floor.cpu / collections * 1000, "ms")
        write_config(config, tenant, port, missing_every=20)
        plan = _planned(folder)
        what = f"plan {total:,} shares of {collections:,} collections"
        yield Figure(f"{what}: CPU", plan.cpu, "s", 8.0, floor.cpu)
        yield Figure(f"{what}: memory", plan.memory, "MB", 400.0)


def _help(folder: Path) -> Figure:
    floor = best_of(5, [sys.executable, "-c", "pass"], folder)
    asked = best_of(5, [str(COMMAND), "--help"], folder)
    return Figure("--help: CPU", asked.cpu, "s", 0.35, floor.cpu)


def _validate(folder: Path, total: int) -> Figure:
    floor = best_of(2, [sys.executable, "-c", SCAN, "config.yaml"], folder)
    checked = best_of(2, [str(COMMAND), "validate"], folder)
    assert checked.status == 0, checked.output
    return Figure(f"validate {total:,} shares: CPU", checked.cpu, "s", 2.0, floor.cpu)


def _agreement(folder: Path, tenant: Tenant, collections: int, total: int) -> Iterator[Figure]:
    before = len(tenant.requests)
    agreed = _planned(folder)
    sent = len(tenant.requests) - before
    pages = collections // PER_PAGE + 1
    yield Figure("requests in agreement", sent, "requests", pages + collections + 2)
    yield Figure(f"plan {total:,} shares in agreement: CPU", agreed.cpu, "s", 8.0)


def _planned(folder: Path) -> Cost:
    return cost_of(
        [str(COMMAND), "plan", "--format", "json"], folder, {"STUDIO_ACCESS_TOKEN": "sandbox"}
    )


def _line(figure: Figure) -> str:
    limit = "" if figure.limit is None else f"  (limit {figure.limit:g})"
    ratio = (
        "" if figure.ratio is None else f"  {figure.ratio:.1f} × the floor of {figure.floor:.2f}"
    )
    return f"{figure.what:<58} {figure.value:>10.2f} {figure.unit}{ratio}{limit}\n"


if __name__ == "__main__":
    sys.exit(main())
