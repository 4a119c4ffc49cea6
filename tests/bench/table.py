"""
The figures as the rows of a Markdown table: `python -m tests.bench.table FILE…`.

What `make bench` and `make bench-fleet` wrote, for docs/figures.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.figure import number

HEAD = """\
| | now | before | limit | floor of the same run | ratio |
| --- | --: | --: | --: | --: | --: |
"""


def main() -> int:
    """Print the table of these files' figures."""
    sys.stdout.write(HEAD)
    for path in sys.argv[1:]:
        for figure in json.loads(Path(path).read_text(encoding="utf-8")):
            sys.stdout.write(row(figure))
    return 0


def row(figure: Mapping[str, Any]) -> str:
    """One figure's row; what it does not have stays empty."""
    cells = [
        figure["what"].replace("|", "\\|"),
        f"{number(figure['value'])} {figure['unit']}".strip(),
        _cell(figure["before"]),
        _cell(figure["limit"], "≥ " if figure["at_least"] else "≤ "),
        _cell(figure["floor"]),
        _cell(figure["ratio"]),
    ]
    return f"| {' | '.join(cells)} |\n"


def _cell(value: float | None, word: str = "") -> str:
    return "" if value is None else word + number(value)


if __name__ == "__main__":
    sys.exit(main())
