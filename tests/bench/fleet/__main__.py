"""
The proof of the fleet: daemons as processes that count as machines, many tenants, two of them lost.

`make bench-fleet` starts a PostgreSQL, a server of simulated tenants, and one
daemon alone; then, all fresh, four, of which two are killed in mid-pass. What
is judged is what the tenants have in their audits.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure, document, line
from tests.bench.fleet.alone import ALONE, converge
from tests.bench.fleet.loss import FOUR, HELP, add_one, agree, drift_and_heal, judge, lose_two
from tests.bench.fleet.machine import can_be_machines
from tests.bench.fleet.scene import say, scene
from tests.bench.fleet.town import Town
from tests.state.server import Server as Postgres
from tests.state.server import postgres

ACTS = ("throughput", "loss")


def main() -> int:
    """Play both acts, print and write the figures; 1 where a limit is passed."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # leaving nothing behind
    if not can_be_machines():
        say("daemons cannot have hosts' names of their own here (unshare --uts, as root)")
        return 1
    figures = []
    with postgres() as database, tempfile.TemporaryDirectory() as scratch:
        for figure in _acts(options, database, options.folder or Path(scratch)):
            figures.append(figure)
            sys.stdout.write(line(figure))
            sys.stdout.flush()
    text = json.dumps(document(figures, {}), indent=2, ensure_ascii=False)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    return int(not all(figure.is_kept for figure in figures))


def _acts(options: argparse.Namespace, database: Postgres, folder: Path) -> Iterator[Figure]:
    if "throughput" in options.acts:
        yield from _throughput(options, database, folder)
    if "loss" in options.acts:
        yield from _loss(options, database, folder)


def _throughput(options: argparse.Namespace, database: Postgres, folder: Path) -> Iterator[Figure]:
    """One daemon from scratch to agreement, then four."""
    speeds = {}
    for names in (ALONE, FOUR):
        act = folder / f"{len(names)}-to-agreement"
        with scene(_town(options, 10), database, act, names, options.latency) as here:
            speeds[names] = converge(here, names)
        yield from speeds[names].figures()
    yield Figure(
        what=f"four daemons against one, on {os.cpu_count()} processors",
        value=speeds[ALONE].seconds / speeds[FOUR].seconds,
        unit="×",
    )


def _loss(options: argparse.Namespace, database: Postgres, folder: Path) -> Iterator[Figure]:
    """
    Four daemons, two of them killed in mid-pass, and one that is added.

    At a pace that leaves two processors some room: the four have them all
    together, and a machine each in earnest.
    """
    town = _town(options, 2)
    with scene(town, database, folder / "loss", (*FOUR, HELP), options.latency) as here:
        began = here.begin(FOUR)
        loss = lose_two(here)
        yield from loss.figures()
        yield Figure(what="until all agree, two of four lost", value=agree(here) - began, unit="s")
        yield from drift_and_heal(here, loss)
        yield from add_one(here)
        here.stop()
        yield from judge(here).figures()
        yield Figure(
            what="tenants that are not what their files say",
            value=len(here.differing()),
            unit="tenants",
            limit=0,
        )


def _town(options: argparse.Namespace, per_second: float) -> Town:
    return Town(
        tenants=options.tenants,
        collections=options.collections,
        tokens=(*FOUR, HELP),
        per_second=options.per_second or per_second,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-fleet", description=main.__doc__)
    parser.add_argument("--tenants", type=int, default=200)
    parser.add_argument("--collections", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.1, metavar="SECONDS")
    parser.add_argument("--per-second", type=float, help="each tenant's pace (10, and 2)")
    parser.add_argument("--acts", nargs="+", choices=ACTS, default=ACTS, metavar="ACT")
    parser.add_argument("--folder", type=Path, help="where files and logs are to stay")
    parser.add_argument("--out", type=Path, default=Path("bench-fleet.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
