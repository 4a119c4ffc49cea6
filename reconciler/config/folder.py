"""A folder of tenants: which of its files are one."""

from __future__ import annotations

from pathlib import Path

_ENDINGS = {".yaml", ".yml"}


def tenant_files(folder: Path) -> tuple[Path, ...]:
    """
    The main files in a folder, in the order of their names: one for each tenant.

    Hidden ones are none, and what stands in folders below is theirs to include.
    Raises OSError where the folder cannot be listed.
    """
    return tuple(sorted(each for each in folder.iterdir() if _is_main(each)))


def _is_main(path: Path) -> bool:
    return path.suffix in _ENDINGS and not path.name.startswith(".") and path.is_file()
