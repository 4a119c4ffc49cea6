"""Which entries a pass reads: laws over weeks of passes at any pace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import DeclaredCollection
from reconciler.core.sweep import EntryKey, Pace, Reading, choose, entry_key, reading_takes
from tests.builders import NOW, entry, planned

MINUTE = timedelta(minutes=1)
NOTHING: frozenset[EntryKey] = frozenset()


def entries(number: int) -> tuple[DeclaredCollection, ...]:
    return tuple(entry(name=f"C{each}", line=each + 1) for each in range(number))


def reading(at: datetime, *, agreed: bool = True) -> Reading:
    return Reading(at, planned(), agreed)


@dataclass
class Life:
    """A daemon's passes, one after the other, and what they know of each entry."""

    entries: tuple[DeclaredCollection, ...]
    within: timedelta
    readings: dict[EntryKey, Reading] = field(default_factory=dict)

    def run(
        self,
        begins: datetime,
        next_due: datetime,
        takes: timedelta = timedelta(0),
        *,
        stirred: Collection[EntryKey] = NOTHING,
        troubled: Collection[EntryKey] = NOTHING,
    ) -> set[EntryKey]:
        """Read what is to be read; `troubled` entries are then found not to agree."""
        pace = Pace(begins, next_due, self.within, takes)
        chosen = {entry_key(e) for e in choose(self.entries, self.readings, stirred, pace)}
        for key in chosen:
            self.readings[key] = reading(begins, agreed=key not in troubled)
        return chosen


@dataclass(frozen=True)
class Step:
    """A pass: how long after the last, how long it takes, what befell meanwhile."""

    waits: timedelta
    takes: timedelta
    stirred: frozenset[EntryKey]
    troubled: frozenset[EntryKey]


KEYS = st.frozensets(st.integers(0, 29).map(lambda each: (f"C{each}", None)), max_size=4)
STEPS = st.lists(
    st.builds(
        Step,
        waits=st.timedeltas(timedelta(0), 90 * MINUTE),
        takes=st.timedeltas(timedelta(0), 5 * MINUTE),
        stirred=KEYS,
        troubled=KEYS,
    ),
    min_size=2,
    max_size=40,
)
WITHIN = st.timedeltas(MINUTE, timedelta(hours=8))


@given(
    number=st.integers(0, 30),
    within=WITHIN,
    steps=STEPS,
    slack=st.timedeltas(timedelta(0), 9 * MINUTE),
)
def test_each_is_read_in_time_however_passes_come(
    number: int, within: timedelta, steps: list[Step], slack: timedelta
) -> None:
    life = Life(entries(number), within)
    begins, last = NOW, dict[EntryKey, tuple[int, datetime]]()
    for index, (step, following) in enumerate(pairwise(steps)):
        ends = begins + step.takes
        next_begins = ends + following.waits
        read = life.run(
            begins,
            next_begins + slack,
            following.takes,
            stirred=step.stirred,
            troubled=step.troubled,
        )
        for key in map(entry_key, life.entries):
            before, at = last.get(key, (index - 1, begins))
            # Two passes that are further apart than that cannot do better.
            assert ends - at <= within or (key in read and before == index - 1)
            if key in read:
                last[key] = index, begins
        begins = next_begins


@given(number=st.integers(0, 30), within=WITHIN, steps=STEPS)
def test_what_was_stirred_or_did_not_agree_is_read_at_once(
    number: int, within: timedelta, steps: list[Step]
) -> None:
    life = Life(entries(number), within)
    keys, begins, troubled = {*map(entry_key, life.entries)}, NOW, frozenset[EntryKey]()
    for step in steps:
        begins += step.waits
        next_due = begins + step.waits
        read = life.run(begins, next_due, MINUTE, stirred=step.stirred, troubled=step.troubled)
        assert read >= keys & (step.stirred | troubled)
        troubled = (troubled - read) | (step.troubled & read)


def share(number: int, within: timedelta, every: timedelta) -> int:
    """What each pass reads of so many, where passes come so often."""
    return -(-number // max(1, within // every))


@given(
    number=st.integers(1, 200),
    every=st.integers(1, 60),
    takes=st.integers(0, 5),
    within=st.integers(1, 24 * 60),
)
def test_regular_passes_read_an_even_share_each(
    number: int, every: int, takes: int, within: int
) -> None:
    life, pause = Life(entries(number), within * MINUTE), every * MINUTE
    begins = [NOW + index * pause for index in range(60)]
    loads = [len(life.run(begin, begin + pause, takes * MINUTE)) for begin in begins]

    assert loads[0] == number
    assert max(loads[1:]) <= share(number, (within - takes) * MINUTE, pause)


@given(
    number=st.integers(1, 60),
    jitters=st.lists(st.integers(0, 300), min_size=60, max_size=60),
    within=st.integers(120, 24 * 60),
)
def test_uneven_passes_read_no_more_than_thrice_an_even_share(
    number: int, jitters: list[int], within: int
) -> None:
    life = Life(entries(number), within * MINUTE)
    begins = [
        NOW + index * 15 * MINUTE + timedelta(seconds=late) for index, late in enumerate(jitters)
    ]
    loads = [len(life.run(begin, following, MINUTE)) for begin, following in pairwise(begins)]

    assert max(loads[1:]) <= 3 * share(number, (within - 1) * MINUTE, 20 * MINUTE)


@given(
    number=st.integers(0, 100_000),
    seconds=st.floats(0, 2),
    every=st.integers(1, 60),
    within=st.integers(1, 24 * 60),
)
def test_reading_takes_no_longer_than_reading_all_and_no_less_than_its_share(
    number: int, seconds: float, every: int, within: int
) -> None:
    each = timedelta(seconds=seconds)
    takes = reading_takes(number, each, every * MINUTE, within * MINUTE)

    assert takes <= each * number
    assert takes >= min(each * number, each * number * (every / within))


def chosen_at(readings: Mapping[str, datetime], next_due: datetime | None) -> list[str]:
    known: dict[EntryKey, Reading] = {(each, None): reading(at) for each, at in readings.items()}
    pace = Pace(NOW, next_due, timedelta(hours=6))
    return [each.name for each in choose(entries(4), known, NOTHING, pace)]


RECENT = {f"C{each}": NOW - each * MINUTE for each in range(4)}


def test_the_longest_unread_goes_first() -> None:
    assert chosen_at(RECENT, NOW + 15 * MINUTE) == ["C3"]


def test_everything_is_read_before_a_pause_longer_than_it_may_take() -> None:
    assert chosen_at(RECENT, NOW + timedelta(hours=60)) == ["C0", "C1", "C2", "C3"]


def test_everything_is_read_when_nobody_knows_of_a_next_pass() -> None:
    assert chosen_at(RECENT, None) == ["C0", "C1", "C2", "C3"]


def test_what_was_never_read_is_read_now() -> None:
    assert chosen_at({"C0": NOW, "C1": NOW, "C3": NOW}, NOW + 15 * MINUTE) == ["C0", "C2"]


def test_a_reading_from_a_time_to_come_is_none() -> None:
    ahead = {**RECENT, "C0": NOW + timedelta(days=1), "C1": NOW + MINUTE}

    assert chosen_at(ahead, NOW + 15 * MINUTE) == ["C0", "C1"]


def test_a_pass_that_is_due_already_makes_no_other_one_read_all() -> None:
    assert chosen_at(RECENT, NOW - MINUTE) == ["C3"]
