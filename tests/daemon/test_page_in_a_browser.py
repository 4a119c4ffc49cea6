"""The status page in a real browser: it fits a telephone, and its policy lets it be."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest

from reconciler.daemon.page import status_page
from reconciler.daemon.page_passes import Passes
from reconciler.daemon.page_tenants import overview
from tests.daemon.served import served
from tests.daemon.snapshots import NOW, eventful
from tests.daemon.tenants_of_all_kinds import BROKEN, consortium, kept, roster

CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)
LONG = "Grundlagen-der-Vergleichenden-Morphologie-und-Systematik-2026"
# Put in for the measuring: the page has no script, and its policy would not let one run.
MEASURE = """<script>parent.document.title = "wide by " +
Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)
</script></body>"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def visited(url: str, profile: Path, width: int) -> tuple[str, str]:
    """The page as the browser has it in the end, and what it had to say meanwhile."""
    seen = subprocess.run(  # noqa: S603 - the browser
        [
            CHROMIUM or "",
            *SWITCHES,
            f"--user-data-dir={profile}",
            f"--window-size={width},900",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return seen.stdout, seen.stderr


def test_the_page_is_shown_whole_and_breaks_no_rule_of_its_own(tmp_path: Path) -> None:
    with served(eventful(), state=tmp_path / "none.db") as site:
        page, said = visited(f"{site.url}/", tmp_path / "profile", 1280)

    assert "The files on disk are not valid" in page
    assert "</footer>" in page
    assert "Content Security Policy" not in said


PAGES = [
    pytest.param(status_page(eventful(LONG), Passes(), NOW), id="status"),
    pytest.param(
        overview(
            roster(kept(f"{LONG}.edu", eventful()), *consortium(20), broken=(BROKEN,)), "", NOW
        ),
        id="overview",
    ),
]


@pytest.mark.parametrize("width", [320, 400, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_sticks_out_of_the_window(tmp_path: Path, page: str, width: int) -> None:
    page = page.replace("</body>", MEASURE)
    # In a frame, because the browser's own window is never as narrow as a telephone.
    frame = f'<iframe width="{width}" height="900" srcdoc="{escape(page)}"></iframe>'
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><title>-</title>{frame}", encoding="utf-8")

    seen, _ = visited(file.as_uri(), tmp_path / "profile", 1400)

    assert re.findall("<title>(.*?)</title>", seen)[0] == "wide by 0"
