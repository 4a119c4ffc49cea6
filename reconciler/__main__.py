"""`python -m reconciler`, and the installed command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from reconciler.cli.main import run  # noqa: PLC0415 - `--help` should not pay for more

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
