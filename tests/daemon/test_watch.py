from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.daemon.bell import Bell, Reason
from reconciler.daemon.watch import EVERY, RESTLESS, Watcher, watching
from reconciler.daemon.watched import watched_files

MAIN = "version: 1\nmode: observe\ninclude: [collections/*.yaml]\n"


class Changes:
    """Counts what a watcher tells."""

    def __init__(self, path: Path) -> None:
        self.told = 0
        self.watcher = Watcher(lambda: watched_files(path), self._tell)

    def since(self, looks: int = 2) -> int:
        """How many changes so many looks tell."""
        before = self.told
        for _ in range(looks):
            self.watcher.look()
        return self.told - before

    def _tell(self) -> None:
        self.told += 1


def write_tree(folder: Path, **collections: str) -> Path:
    (folder / "collections").mkdir(parents=True)
    (folder / "config.yaml").write_text(MAIN)
    for name, text in collections.items():
        (folder / "collections" / f"{name}.yaml").write_text(text)
    return folder


def flip(link: Path, target: Path) -> None:
    """Turn a link as git-sync and the kubelet do: in one step."""
    new = link.with_name("new-link")
    new.symlink_to(target)
    new.replace(link)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "etc", biology="biology", chemistry="chemistry")


@pytest.fixture
def changes(folder: Path) -> Changes:
    return Changes(folder / "config.yaml")


def test_files_at_rest_tell_nothing(changes: Changes) -> None:
    assert changes.since(5) == 0


def test_an_edit_is_told_once_when_it_has_come_to_rest(folder: Path, changes: Changes) -> None:
    (folder / "config.yaml").write_text(MAIN + "# edited\n")
    assert changes.since(looks=1) == 0
    assert changes.since(looks=1) == 1
    assert changes.since(5) == 0


def test_an_edit_of_an_included_file_is_told(folder: Path, changes: Changes) -> None:
    (folder / "collections" / "biology.yaml").write_text("BIOLOGY")
    assert changes.since() == 1


def test_a_file_replaced_in_one_step_is_told(folder: Path, changes: Changes) -> None:
    new = folder / "new"
    new.write_text("BIOLOGY")
    new.replace(folder / "collections" / "biology.yaml")
    assert changes.since() == 1


def test_a_file_replaced_by_its_equal_is_no_change(folder: Path, changes: Changes) -> None:
    new = folder / "new"
    new.write_text("biology")
    new.replace(folder / "collections" / "biology.yaml")
    assert changes.since() == 0


def test_a_file_that_the_patterns_now_find_is_told(folder: Path, changes: Changes) -> None:
    (folder / "collections" / "physics.yaml").write_text("physics")
    assert changes.since() == 1
    (folder / "notes.txt").write_text("nobody includes me")
    assert changes.since() == 0


def test_a_file_that_is_gone_is_told_and_told_again_when_back(
    folder: Path, changes: Changes
) -> None:
    (folder / "config.yaml").unlink()
    assert changes.since() == 1
    assert changes.since() == 0
    (folder / "config.yaml").write_text(MAIN)
    assert changes.since() == 1


def test_an_emptied_file_is_told(folder: Path, changes: Changes) -> None:
    (folder / "collections" / "biology.yaml").write_text("")
    assert changes.since() == 1


def test_a_folder_that_is_gone_is_told_and_told_again_when_back(
    folder: Path, changes: Changes
) -> None:
    shutil.rmtree(folder)
    assert changes.since() == 1
    write_tree(folder, biology="biology", chemistry="chemistry")
    assert changes.since() == 1


def test_a_file_mended_that_only_the_broken_main_file_includes_is_told(
    folder: Path, changes: Changes
) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "x.yaml").write_text("broken")
    (folder / "config.yaml").write_text(MAIN.replace("collections", "more"))
    assert changes.since() == 1
    (folder / "more" / "x.yaml").write_text("mended")
    assert changes.since() == 1


def test_a_checkout_turned_by_its_link_is_told(tmp_path: Path) -> None:
    trees = [write_tree(tmp_path / name, biology=name) for name in ("one", "two")]
    link = tmp_path / "current"
    link.symlink_to(trees[0])
    changes = Changes(link / "config.yaml")
    flip(link, trees[1])
    shutil.rmtree(trees[0])
    assert changes.since() == 1
    assert changes.since() == 0


def test_a_checkout_that_says_the_same_is_no_change(tmp_path: Path) -> None:
    trees = [write_tree(tmp_path / name, biology="the same") for name in ("one", "two")]
    link = tmp_path / "current"
    link.symlink_to(trees[0])
    changes = Changes(link / "config.yaml")
    flip(link, trees[1])
    assert changes.since() == 0


def test_a_config_map_swapped_underneath_is_told(tmp_path: Path) -> None:
    for version in ("..1", "..2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "config.yaml").write_text(f"{MAIN}# {version}\n")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "config.yaml").symlink_to("..data/config.yaml")
    changes = Changes(tmp_path / "config.yaml")
    flip(tmp_path / "..data", Path("..2"))
    assert changes.since() == 1


def test_a_tree_taken_away_while_it_is_looked_at_is_no_missing_file(tmp_path: Path) -> None:
    trees = [write_tree(tmp_path / name, biology="the same") for name in ("one", "two")]
    link = tmp_path / "current"
    link.symlink_to(trees[0])
    told: list[str] = []
    flips: Iterator[Path] = iter([trees[1]])

    def files() -> dict[str, Path]:
        found = watched_files(link / "config.yaml")
        if told_ready and (target := next(flips, None)):
            flip(link, target)
            shutil.rmtree(trees[0])
        return found

    told_ready = False
    watcher = Watcher(files, lambda: told.append("changed"))
    told_ready = True
    for _ in range(3):
        watcher.look()
    assert told == []


def test_what_never_comes_to_rest_is_told_all_the_same(folder: Path, changes: Changes) -> None:
    for number in range(RESTLESS):
        (folder / "config.yaml").write_text(f"{MAIN}# {number}\n")
        changes.watcher.look()
    assert changes.told == 1


def test_a_change_is_told_within_ten_seconds() -> None:
    assert (RESTLESS + 1) * EVERY < 10


def test_the_running_watcher_rings_for_a_change(folder: Path) -> None:
    bell, threads = Bell(), threading.active_count()
    with watching(lambda: watched_files(folder / "config.yaml"), bell, every=0.01):
        (folder / "config.yaml").write_text("version: 1")
        assert bell.wait(20)
    assert bell.answer() == {Reason.FILE_CHANGE}
    assert threading.active_count() == threads


def test_a_watcher_that_breaks_does_not_break_in_silence(folder: Path) -> None:
    bell = Bell()
    looks = iter([{"config.yaml": folder / "config.yaml"}])
    with watching(lambda: next(looks), bell, every=0.0):
        assert bell.wait(20)
    with pytest.raises(StopIteration):
        bell.answer()


TEXTS = st.sampled_from(["one", "two", "six", "", None])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["edit", "replace", "flip"]), st.sampled_from("abc"), TEXTS),
        st.tuples(st.just("look"), st.just(""), st.none()),
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_happens_to_the_files_what_was_told_is_what_is_there(
    steps: list[tuple[str, str, str | None]],
) -> None:
    """A text of None takes the file away; all texts but the empty one have one length."""
    with TemporaryDirectory() as place:
        tree = Tree(Path(place))
        told: list[dict[str, str]] = []
        watcher = Watcher(
            lambda: watched_files(tree.link / "config.yaml"), lambda: told.append(tree.contents())
        )
        told.append(tree.contents())
        for step, name, text in steps:
            if step == "look":
                watcher.look()
            else:
                tree.change(step, name, text)
        watcher.look()
        watcher.look()
        assert told[-1] == tree.contents()


class Tree:
    """A checkout behind a link, changed in the ways that tools change one."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._number = 0
        self.link = place / "current"
        self.link.symlink_to(write_tree(place / "0", a="one"))

    def contents(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.link.glob("collections/*.yaml")}

    def change(self, step: str, name: str, text: str | None) -> None:
        if step == "flip":
            old = self.link.resolve()
            self._number += 1
            new = self._place / str(self._number)
            shutil.copytree(old, new)
            self._write(new, name, text)
            flip(self.link, new)
            shutil.rmtree(old)
        elif step == "replace" and text is not None:
            (self._place / "new").write_text(text)
            (self._place / "new").replace(self.link / "collections" / f"{name}.yaml")
        else:
            self._write(self.link, name, text)

    @staticmethod
    def _write(tree: Path, name: str, text: str | None) -> None:
        path = tree / "collections" / f"{name}.yaml"
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text)
