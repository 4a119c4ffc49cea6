"""What is told of every broken file in `tests/cases/broken`, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.config.files import load
from reconciler.errors import ConfigError

BROKEN = Path(__file__).parents[1] / "cases" / "broken"
CASES = sorted(each for each in BROKEN.iterdir() if each.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_problem_is_told_at_its_place(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)

    with pytest.raises(ConfigError) as refused:
        load(Path("config.yaml"), environment={})

    assert f"{refused.value}\n" == (case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_message_repeats_a_secret(case: Path) -> None:
    assert "hunter2" not in (case / "expected.txt").read_text(encoding="utf-8")


def test_places_are_as_the_person_would_open_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)

    with pytest.raises(ConfigError) as refused:
        load(Path("include-broken/config.yaml"), environment={})

    paths = [problem.location.path for problem in refused.value.problems]
    assert paths == ["include-broken/parts/a.yaml", "include-broken/parts/b.yaml"]
