"""`python -m reconciler`, and the installed command."""

from __future__ import annotations

import gc
import sys

# What is made of files and answers is large, lives long and holds no cycles: the
# usual 700 would walk it over and again, for a tenth of all processor time.
NEW_OBJECTS_BEFORE_A_COLLECTION = 50_000


def main() -> None:
    """Run the command line and exit with its status."""
    gc.set_threshold(NEW_OBJECTS_BEFORE_A_COLLECTION, 20, 20)
    from reconciler.cli.main import run  # noqa: PLC0415 - `--help` should not pay for more

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
