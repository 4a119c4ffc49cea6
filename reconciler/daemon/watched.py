"""Which files make up a configuration right now, and where they are to be read."""

from __future__ import annotations

from pathlib import Path

from reconciler.config.include import Included, patterns
from reconciler.config.problems import Problems


def watched_files(path: Path) -> dict[str, Path]:
    """
    Name the main file and those its `include` matches at this moment.

    Keys are names relative to the main file's folder, the same in every tree a
    link may lead to; values are paths below what the links lead to now. A main
    file that is not there, or no file, is alone. Raises OSError when the folder
    goes away meanwhile.
    """
    try:
        main = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return {path.name: path}
    if not main.is_file():
        return {path.name: main}
    wanted = patterns(main.read_bytes(), path.name)
    found = Included(main.parent, main, Problems()).files(wanted)
    # The prefix keeps an included file apart that is called as the link to the main one is.
    inside = {f"./{each.relative_to(main.parent).as_posix()}": each for each in found}
    return {path.name: main, **inside}
