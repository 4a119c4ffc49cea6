from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from reconciler.daemon.goodfile import Changed, Kept, LastGood, Source, Unchanged
from reconciler.errors import ConfigError, Location, Problem, StateError

BROKEN = "mode: observ"
PROBLEM = Problem(Location("config.yaml", 1, 7), "unknown mode")


@dataclass(frozen=True)
class Texts:
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass
class Memory:
    """A shelf that outlives a daemon, and can be out of reach."""

    kept: Texts | None = None
    out_of_reach: bool = False
    saves: int = 0

    def save(self, texts: Texts) -> None:
        self._reach()
        self.kept = texts
        self.saves += 1

    def recall(self) -> Texts | None:
        self._reach()
        return self.kept

    def _reach(self) -> None:
        if self.out_of_reach:
            raise StateError("the state is on a disk that is not there")


@dataclass
class Disk:
    """The files on disk, and daemons that are started over them."""

    text: str = "mode: observe"
    memory: Memory = field(default_factory=Memory)
    read: int = 0

    def start(self) -> LastGood[Texts, str]:
        return LastGood(self.source(), lambda _: self.memory)

    def source(self) -> Source[Texts, str]:
        return Source(lambda: Texts(self.text), self._interpret)

    def _interpret(self, texts: Texts) -> str:
        self.read += 1
        if texts.text == BROKEN:
            raise ConfigError([PROBLEM])
        return texts.text.upper()


@pytest.fixture
def disk() -> Disk:
    return Disk()


def test_what_is_on_disk_is_in_force(disk: Disk) -> None:
    good = disk.start()
    assert (good.in_force, good.problems) == ("MODE: OBSERVE", ())


@pytest.mark.parametrize("on_disk", ["mode: observe", BROKEN])
def test_a_start_reads_the_files_once_and_the_shelf_only_for_broken_ones(
    disk: Disk, on_disk: str
) -> None:
    disk.start()
    disk.text, disk.read = on_disk, 0
    disk.start()
    assert disk.read == (2 if on_disk == BROKEN else 1)


def test_the_files_say_where_the_shelf_is_unless_they_are_broken(disk: Disk) -> None:
    asked: list[str | None] = []

    def shelf(found: str | None) -> Memory:
        asked.append(found)
        return disk.memory

    LastGood(disk.source(), shelf)
    disk.text = BROKEN
    LastGood(disk.source(), shelf)
    assert asked == ["MODE: OBSERVE", None]


def test_a_change_tells_before_and_after(disk: Disk) -> None:
    good = disk.start()
    disk.text = "mode: additive"
    assert good.reload() == Changed("MODE: OBSERVE", "MODE: ADDITIVE")
    assert good.in_force == "MODE: ADDITIVE"


def test_the_same_again_is_no_change(disk: Disk) -> None:
    assert disk.start().reload() == Unchanged()


def test_a_broken_file_keeps_the_last_good_one_loudly_at_each_try(disk: Disk) -> None:
    good = disk.start()
    disk.text = BROKEN
    with capture_logs() as logs:
        assert [good.reload(), good.reload()] == [Kept((PROBLEM,)), Kept((PROBLEM,))]
    assert (good.in_force, good.problems) == ("MODE: OBSERVE", (PROBLEM,))
    assert [(log["log_level"], log["place"], log["problem"]) for log in logs] == [
        ("error", "config.yaml:1:7", "unknown mode")
    ] * 2


def test_a_mended_file_is_told_and_in_force(disk: Disk) -> None:
    good = disk.start()
    disk.text = BROKEN
    good.reload()
    disk.text = "mode: observe"
    with capture_logs() as logs:
        assert good.reload() == Unchanged()
    assert [log["event"] for log in logs] == ["the configuration on disk is valid again"]
    assert good.problems == ()


def test_without_a_last_good_one_the_problems_go_up(disk: Disk) -> None:
    disk.text = BROKEN
    with pytest.raises(ConfigError, match="unknown mode"):
        disk.start()


def test_after_a_restart_the_last_good_one_is_in_force(disk: Disk) -> None:
    disk.start()
    disk.text = BROKEN
    with capture_logs() as logs:
        good = disk.start()
    assert (good.in_force, good.problems) == ("MODE: OBSERVE", (PROBLEM,))
    assert [log["log_level"] for log in logs] == ["error"]
    disk.text = "mode: additive"
    assert good.reload() == Changed("MODE: OBSERVE", "MODE: ADDITIVE")


def test_a_last_good_one_that_is_good_no_more_is_not_taken_up(disk: Disk) -> None:
    disk.text = BROKEN
    disk.memory.kept = Texts(BROKEN)
    with pytest.raises(ConfigError):
        disk.start()


def test_a_state_out_of_reach_stops_neither_start_nor_reload(disk: Disk) -> None:
    disk.memory.out_of_reach = True
    with capture_logs() as logs:
        good = disk.start()
        disk.text = "mode: additive"
        assert good.reload() == Changed("MODE: OBSERVE", "MODE: ADDITIVE")
    assert [log["event"] for log in logs] == ["the last good configuration is not saved"] * 2
    disk.memory.out_of_reach = False
    good.reload()
    assert disk.memory.kept == Texts("mode: additive")


def test_with_the_state_out_of_reach_the_problems_go_up(disk: Disk) -> None:
    disk.start()
    disk.memory.out_of_reach = True
    disk.text = BROKEN
    with pytest.raises(ConfigError, match="unknown mode"):
        disk.start()


def test_the_same_texts_are_saved_once(disk: Disk) -> None:
    good = disk.start()
    good.reload()
    assert disk.memory.saves == 1


@given(st.lists(st.tuples(st.sampled_from([BROKEN, "a", "b", "c"]), st.booleans())))
def test_in_force_is_always_the_last_text_that_was_good(steps: list[tuple[str, bool]]) -> None:
    """A step writes a text, and reloads it or starts anew over it."""
    disk = Disk("a")
    good, last = disk.start(), "a"
    for text, restart in steps:
        disk.text = text
        if restart:
            good = disk.start()
        else:
            good.reload()
        last = last if text == BROKEN else text
        assert good.in_force == last.upper()
        assert bool(good.problems) == (text == BROKEN)


def test_what_was_refused_is_tried_again_as_long_as_it_says_the_same(disk: Disk) -> None:
    refused = True

    def interpret(texts: Texts) -> str:
        if refused and texts.text != "mode: observe":
            raise ConfigError([PROBLEM])
        return texts.text

    good = LastGood(Source(lambda: Texts(disk.text), interpret), lambda _: disk.memory)
    disk.text = "mode: additive"
    with capture_logs() as logs:
        assert good.reload() == good.retry() == Kept((PROBLEM,))
    assert len(logs) == 1

    refused = False
    disk.text = "mode: addit"
    assert good.retry() == Kept((PROBLEM,))
    disk.text = "mode: additive"
    assert good.retry() == Changed("mode: observe", "mode: additive")
    assert good.problems == ()
