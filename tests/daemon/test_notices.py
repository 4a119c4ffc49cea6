"""What people are told: each change of state once, with its recovery, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.daemon.notices import (
    MOST_LINES,
    Message,
    Situation,
    Topic,
    Turn,
    listed,
    messages,
)

TOPICS = [topic for topic in Topic if topic is not Topic.DRIFT]
SITUATIONS = st.dictionaries(
    st.sampled_from(TOPICS),
    st.dictionaries(st.sampled_from("abc"), st.just("words"), max_size=3),
)


def told(before: Situation, present: Situation) -> list[Message]:
    return list(messages(before, present))


def history(situations: Sequence[Situation]) -> list[Message]:
    """Everything told on the way through these, each remembered as the teller does."""
    known: Situation = {}
    heard: list[Message] = []
    for present in situations:
        heard += messages(known, present)
        known = {**known, **present}
    return heard


@given(SITUATIONS)
def test_what_lasts_is_told_once(situation: Situation) -> None:
    assert told(situation, situation) == []


@given(st.lists(SITUATIONS, max_size=8))
def test_a_recovery_comes_after_what_it_ends_and_only_once(situations: list[Situation]) -> None:
    for topic in TOPICS:
        turns = [each.turn for each in history(situations) if each.topic is topic]
        pairs = list(zip([Turn.RECOVERED, *turns], turns, strict=False))

        assert (Turn.RECOVERED, Turn.RECOVERED) not in pairs


@given(st.lists(SITUATIONS, max_size=8))
def test_after_a_recovery_nothing_is_left(situations: list[Situation]) -> None:
    heard = history([*situations, {topic: {} for topic in TOPICS}])
    last = {each.topic: each.turn for each in heard}

    assert set(last.values()) <= {Turn.RECOVERED}


@given(SITUATIONS, SITUATIONS)
def test_what_was_not_looked_at_is_not_told(before: Situation, present: Situation) -> None:
    assert {each.topic for each in messages(before, present)} <= present.keys()


CASES = [
    pytest.param({}, {"a": "A"}, (Turn.RAISED, ("A",)), id="begins"),
    pytest.param({"a": "A"}, {"a": "A", "b": "B"}, (Turn.RAISED, ("B",)), id="something-joins"),
    pytest.param({"a": "A"}, {"b": "B"}, (Turn.RAISED, ("B",)), id="another-instead"),
    pytest.param({"a": "A", "b": "B"}, {"a": "A"}, None, id="something-leaves"),
    pytest.param({"a": "A"}, {"a": "other words"}, None, id="the-same-in-other-words"),
    pytest.param({"a": "A"}, {}, (Turn.RECOVERED, ()), id="over"),
    pytest.param({}, {}, None, id="never-was"),
]


@pytest.mark.parametrize(("before", "present", "expected"), CASES)
def test_a_topic_is_told_when_something_joins_it_and_when_nothing_is_left(
    before: dict[str, str], present: dict[str, str], expected: tuple[Turn, tuple[str, ...]] | None
) -> None:
    found = [(m.turn, m.lines) for m in told({Topic.HELD: before}, {Topic.HELD: present})]

    assert found == ([] if expected is None else [expected])


def test_the_gravest_comes_first() -> None:
    present: Situation = {topic: {"a": "A"} for topic in reversed(TOPICS)}

    assert [each.topic for each in told({}, present)] == TOPICS


def test_a_long_list_is_cut_and_says_so() -> None:
    lines = listed([str(number) for number in range(MOST_LINES + 5)])

    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "… and 5 more"


def test_a_name_cannot_act_on_whoever_reads_it() -> None:
    assert listed(["Bio\x1b[31mlogy"]) == (r"Bio\x1b[31mlogy",)
