"""The daemon's files and their shelf: what it costs to read them again."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from reconciler.cli.shelf import files_in_force
from reconciler.daemon.goodfile import Changed, Kept, Unchanged
from reconciler.daemon.watched import watched_files
from reconciler.errors import ConfigError

GOOD = "version: 1\nmode: additive\ncollections:\n  - {name: Biology, shares: [{user: 7}]}\n"
OTHER = GOOD.replace("user: 7", "user: 8")
BROKEN = GOOD.replace("additive", "aditive")


@dataclass
class Parses:
    """How many texts libyaml was given."""

    count: int = 0

    def since(self) -> int:
        """How many since this was asked last."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Parses:
    seen, plain = Parses(), yaml.CSafeLoader

    def counted(data: bytes) -> yaml.CSafeLoader:
        seen.count += 1
        return plain(data)

    monkeypatch.setattr(yaml, "CSafeLoader", counted)
    return seen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(GOOD)
    return path


def test_a_start_parses_the_file_once(path: Path, parses: Parses) -> None:
    with files_in_force(path, sandbox=True) as good:
        assert good.in_force.declarations.collections
    assert parses.since() == 1


def test_what_says_the_same_is_not_parsed_again(path: Path, parses: Parses) -> None:
    with files_in_force(path, sandbox=True) as good:
        declared = good.in_force.declarations
        parses.since()
        assert good.reload() == Unchanged()
        path.touch()
        assert good.reload() == Unchanged()
        path.unlink()
        path.write_text(GOOD)
        assert good.reload() == Unchanged()
        assert good.in_force.declarations is declared
    assert parses.since() == 0


def test_a_change_is_parsed_once_and_one_that_is_taken_back_not_at_all(
    path: Path, parses: Parses
) -> None:
    with files_in_force(path, sandbox=True) as good:
        parses.since()
        path.write_text(OTHER)
        assert isinstance(good.reload(), Changed)
        assert parses.since() == 1
        path.write_text(BROKEN)
        assert isinstance(good.reload(), Kept)
        assert parses.since() == 1
        path.write_text(OTHER)
        assert good.reload() == Unchanged()
        assert parses.since() == 0


def test_a_broken_file_is_parsed_once_however_often_it_is_tried(path: Path, parses: Parses) -> None:
    with files_in_force(path, sandbox=True) as good:
        path.write_text(BROKEN)
        parses.since()
        kept = [good.reload(), good.retry(), good.retry(), good.reload()]
        assert parses.since() == 1
    assert all(isinstance(each, Kept) and each.problems == good.problems for each in kept)
    assert 'did you mean "additive"?' in good.problems[0].message


def test_an_include_that_finds_nothing_is_another_thing_to_be_told(path: Path) -> None:
    with files_in_force(path, sandbox=True) as good:
        path.write_text(f"{GOOD}include: [parts/*.yaml]\n")
        assert isinstance(good.reload(), Kept)
        (path.parent / "parts").mkdir()
        part = path.parent / "parts" / "one.yaml"
        part.write_text("terms: {}\n")
        assert isinstance(good.reload(), Changed)
        elsewhere = path.parent.parent / f"{path.parent.name}.yaml"
        elsewhere.write_text("terms: {}\n")
        (path.parent / "parts" / "three.yaml").symlink_to(elsewhere)
        assert isinstance(good.reload(), Kept)
        assert "leads out of this file's folder" in good.problems[0].message


def test_a_swapped_checkout_that_says_the_same_is_in_force_where_it_stands_now(
    tmp_path: Path, parses: Parses
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(GOOD)
    link = tmp_path / "current"
    link.symlink_to("one")
    with files_in_force(link / "config.yaml", sandbox=True) as good:
        assert good.in_force.folder == tmp_path / "one"
        parses.since()
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").replace(link)
        assert good.reload() == Unchanged()
        assert good.in_force.folder == tmp_path / "two"
        assert good.in_force.files == (tmp_path / "two" / "config.yaml",)
    assert parses.since() == 0


def test_a_restart_over_a_broken_file_takes_up_the_last_good_one(
    path: Path, parses: Parses
) -> None:
    with files_in_force(path, sandbox=True):
        path.write_text(BROKEN)
    parses.since()
    with files_in_force(path, sandbox=True) as good:
        assert parses.since() == 2
        assert (good.in_force.kept, bool(good.problems)) == (True, True)
        path.write_text(GOOD)
        assert good.reload() == Unchanged()
        assert (good.in_force.kept, good.problems) == (False, ())
    assert parses.since() == 0


def test_one_broken_tenant_of_many_keeps_no_other_from_starting(
    tmp_path: Path, parses: Parses
) -> None:
    with ExitStack() as stack:
        started, refused = [], []
        for number in range(6):
            path = tmp_path / f"tenant-{number}" / "config.yaml"
            path.parent.mkdir()
            path.write_text(BROKEN if number == 3 else GOOD)
            try:
                started.append(stack.enter_context(files_in_force(path, sandbox=True)))
            except ConfigError as error:
                refused.append(Path(error.problems[0].location.path).parent.name)
        assert (len(started), refused) == (5, ["tenant-3"])
        assert parses.since() == 6
        assert [good.reload() for good in started] == [Unchanged()] * 5
    assert parses.since() == 0


def test_watching_the_files_of_many_tenants_parses_each_main_file_once(
    tmp_path: Path, parses: Parses
) -> None:
    paths = [tmp_path / f"tenant-{number}" / "config.yaml" for number in range(6)]
    for number, path in enumerate(paths):
        (path.parent / "parts").mkdir(parents=True)
        (path.parent / "parts" / "one.yaml").write_text("terms: {}\n")
        path.write_text(f"{GOOD}include: [parts/*.yaml]\n# tenant {number}\n")
    looks = [[watched_files(path) for path in paths] for _ in range(3)]
    assert parses.since() == len(paths)
    assert looks[0] == looks[1] == looks[2]
    assert all(len(found) == 2 for found in looks[0])
