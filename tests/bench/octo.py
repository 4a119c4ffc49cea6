"""
octoDNS, which inspired this program, planning as many records as we plan shares.

Its records come from YAML, its target is one in memory (`octo_target`), and as
many of them differ as of the shares of our own plan. Ours reads its tenant
over HTTP meanwhile; octoDNS reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.measure import Cost, floor
from tests.bench.reading import COLLECTIONS, SHARES, UNLIMITED
from tests.bench.stage import Stage, wanted

DIFFERENT_EVERY = 20
MANAGER = """\
manager:
  max_workers: 1
  plan_outputs: {{json: {{class: octodns.provider.plan.PlanJson}}}}
providers:
  files: {{class: octodns.provider.yaml.YamlProvider, directory: {zones}, enforce_order: false}}
  memory: {{class: tests.bench.octo_target.MemoryTarget, records: {records}}}
zones:
"""


def beside_octodns(stage: Stage) -> Iterator[Figure]:
    """Plan as many shares, and as many records."""
    count = COLLECTIONS // stage.scale
    with stage.work() as config:
        write_zones(config.parent, count, SHARES)
        other = floor("octodns_plan", str(config.parent / "octodns.yaml"))
    with stage.tenant(COLLECTIONS, SHARES) as server, stage.work() as config:
        file = wanted(server, count, SHARES, turned_every=DIFFERENT_EVERY, studio=UNLIMITED)
        total = file.write(config)
        ours: Cost = stage.program.cost(config.parent, "plan", "--format", "json").ended(0, 3)
    what = f"plan {total:,} shares, beside octoDNS and {total:,} records"
    yield Figure(what=f"{what}: CPU", value=ours.cpu, unit="s", floor=other.cpu)
    yield Figure(what=f"{what}: wall", value=ours.wall, unit="s", floor=other.wall)
    yield Figure(what=f"{what}: memory", value=ours.memory, unit="MB", floor=other.memory)


def write_zones(folder: Path, zones: int, records: int) -> None:
    """Write so many zones of so many address records, and what the manager needs."""
    (folder / "zones").mkdir()
    lines = [MANAGER.format(zones=folder / "zones", records=records)]
    for zone in range(zones):
        name = f"z{zone}.example."
        lines.append(f"  {name}: {{sources: [files], targets: [memory]}}\n")
        text = "".join(_record(number) for number in range(records))
        (folder / "zones" / f"{name}yaml").write_text(f"---\n{text}", encoding="utf-8")
    (folder / "octodns.yaml").write_text("".join(lines), encoding="utf-8")


def address(number: int) -> str:
    """The address of a record."""
    return f"192.0.2.{number % 250}"


def _record(number: int) -> str:
    different = number % DIFFERENT_EVERY == 0
    value = "198.51.100.1" if different else address(number)
    return f"r{number}: {{type: A, ttl: 300, value: {value}}}\n"
