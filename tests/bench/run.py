"""
`make bench`: what the program costs, as counts and as ratios to a floor measured in the same run.

The machines are shared, so an absolute figure says little by itself: beside
each stands what the same machine needed, in the same minutes, for the least
that could do the work.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.commands import starting, validating
from tests.bench.figure import Figure, document, line
from tests.bench.growing import growing
from tests.bench.measure import Program
from tests.bench.octo import beside_octodns
from tests.bench.pace import hurrying, restraining
from tests.bench.reading import agreeing, asking, planning
from tests.bench.stage import Measurement, Stage, say
from tests.bench.writing import batching, one_by_one

MEASUREMENTS: dict[str, Measurement] = {
    "help": starting,
    "validate": validating,
    "plan": planning,
    "requests": agreeing,
    "request": asking,
    "writes": batching,
    "latency": hurrying,
    "limit": restraining,
    "naive": one_by_one,
    "octodns": beside_octodns,
    "million": growing,
}


def main() -> int:
    """Measure, print, and write the figures; 1 where a limit is passed."""
    options = _options()
    names = options.only or list(MEASUREMENTS)
    figures: list[Figure] = []
    were: dict[str, Figure] = {}
    for name in names:
        if options.before:
            were |= {each.what: each for each in _measured(name, options, options.before)}
        for figure in _measured(name, options, None):
            figures.append(figure)
            sys.stdout.write(line(figure, were.get(figure.what)))
            sys.stdout.flush()
    text = json.dumps(document(figures, were), indent=2, ensure_ascii=False)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    return int(not all(figure.is_kept for figure in figures))


def _measured(name: str, options: argparse.Namespace, tree: Path | None) -> Iterator[Figure]:
    say(f"{name}{f', of {tree}' if tree else ''}")
    scale, repeats = (10, 1) if options.quick else (1, 3)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(program=Program(tree), folder=Path(folder), scale=scale, repeats=repeats)
        yield from MEASUREMENTS[name](stage)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=main.__doc__)
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="worlds of a tenth, measured once")
    parser.add_argument("--before", type=Path, metavar="TREE", help="another version's source")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
