"""The shell scripts: sound, and plain about what a machine lacks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIND_PYTHON = ROOT / ".ci" / "find-python"

OLD = (
    '#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\n[ "$1" != -V ] || echo "Python 3.9.2"\n'
)
BARE = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'
SHIM = "#!/bin/sh\nexit 127\n"
GOOD = "#!/bin/sh\nexit 0\n"


def tool(name: str) -> str:
    """A command that the lock put beside this Python."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder to be the whole PATH, with what the script itself calls."""
    for name in ("basename", "sh"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    return tmp_path


def put(shelf: Path, name: str, script: str) -> None:
    (shelf / name).write_text(script)
    (shelf / name).chmod(0o755)


def find_python(shelf: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [FIND_PYTHON], env={"PATH": str(shelf), **more}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("script", [".ci/run", ".ci/find-python"])
def test_shellcheck_finds_nothing(script: str) -> None:
    found = subprocess.run(  # noqa: S603
        [tool("shellcheck"), ROOT / script], capture_output=True, text=True, check=False
    )

    assert found.stdout == ""
    assert found.returncode == 0


def test_the_newest_that_really_runs_is_taken(shelf: Path) -> None:
    put(shelf, "python3.13", SHIM)
    put(shelf, "python3.12", BARE)
    put(shelf, "python3.11", GOOD)
    put(shelf, "python3", GOOD)

    assert find_python(shelf).stdout == "python3.11\n"


def test_a_python_named_by_the_person_goes_first(shelf: Path) -> None:
    put(shelf, "python3.13", GOOD)
    put(shelf, "mine", GOOD)

    assert find_python(shelf, PYTHON=str(shelf / "mine")).stdout == f"{shelf}/mine\n"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(None, "there is no python3 here", id="none"),
        pytest.param(OLD, "python3 is Python 3.9.2", id="too-old"),
        pytest.param(BARE, "apt-get install python3-venv", id="without-ensurepip"),
    ],
)
def test_what_is_missing_is_told_with_its_remedy(
    shelf: Path, script: str | None, told: str
) -> None:
    if script is not None:
        put(shelf, "python3", script)

    found = find_python(shelf)

    assert found.returncode == 1
    assert found.stdout == ""
    assert told in found.stderr
