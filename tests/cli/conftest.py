"""A folder with a file for each of many tenants, and a port for their pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli import fleet as fleets
from reconciler.cli import recall, seating
from tests.cli.fleets import write
from tests.end_to_end.fake_studio import TOKEN, FakeStudio
from tests.ports import free_port

LOOK = 0.2
"""Seconds between the looks of daemons: a tenth to a twentieth of what they are."""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> float:
    """Daemons of many tenants that look after seats, files and the record so often."""
    monkeypatch.setattr(seating, "LOOK", LOOK)
    monkeypatch.setattr(seating, "FIRST_LOOK", LOOK)
    monkeypatch.setattr(recall, "EVERY", LOOK)
    monkeypatch.setattr(fleets, "EVERY", LOOK)
    return LOOK


@pytest.fixture
def folder(
    tmp_path: Path, studios: tuple[FakeStudio, ...], monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("STUDIO_ACCESS_TOKEN", TOKEN)
    made = tmp_path / "tenants"
    made.mkdir()
    for number, studio in enumerate(studios):
        write(made, number, studio)
    return made


@pytest.fixture
def port() -> int:
    return free_port()
