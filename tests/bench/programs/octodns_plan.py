"""octoDNS's own planning, as `octodns-sync` without `--doit` does it."""

from __future__ import annotations

import sys

from octodns.manager import Manager  # type: ignore[import-untyped]

Manager(sys.argv[1]).sync(dry_run=True, plan_output_fh=sys.stdout)
