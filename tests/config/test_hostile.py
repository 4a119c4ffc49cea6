"""Files made to cost more than they weigh are refused early: counted in events, not in seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from reconciler.config.build import MOST_BY_ALIAS, Builder
from reconciler.config.problems import MOST_PROBLEMS, Problems, Unusable
from reconciler.config.source import MOST_BYTES
from tests.config.given import parsed


class Counted:
    """The events of a text, counting how many were asked for."""

    def __init__(self, text: str) -> None:
        self.taken = 0
        self.events = iter(yaml.CSafeLoader(text).get_event, None)

    def __iter__(self) -> Iterator[object]:
        for event in self.events:
            self.taken += 1
            yield event


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        items = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{items}]")
    return "\n".join(lines)


HOSTILE = [
    pytest.param("[" * 100_000, 40, "nested deeper", id="lists-in-lists"),
    pytest.param("{a: " * 100_000, 80, "nested deeper", id="mappings-in-mappings"),
    pytest.param("- " * 100_000, 40, "nested deeper", id="block-lists"),
    pytest.param("? " * 100_000, 10, "a key must be text", id="complex-keys"),
    pytest.param(laughs(30), 90, "aliases stand for more", id="billion-laughs"),
    pytest.param("a: &a [*a, *a]", 10, "is part of", id="alias-inside-itself"),
]


@pytest.mark.parametrize(("text", "most", "message"), HOSTILE)
def test_a_hostile_file_is_refused_after_few_events(text: str, most: int, message: str) -> None:
    problems, events = Problems(), Counted(text)

    with pytest.raises(Unusable, match=message):
        Builder(problems).build(events)

    assert events.taken <= most
    assert len(problems.found) == 1


@pytest.mark.parametrize("spare", [0, 1], ids=["over-by-one", "at-the-limit"])
def test_what_aliases_stand_for_is_counted_exactly(spare: int) -> None:
    # Each alias stands for the list and its nine items.
    aliases = MOST_BY_ALIAS // 10 + 1 - spare
    text = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\nb: [" + "*a, " * aliases + "]"

    _, problems = parsed(text)

    assert bool(problems) == (spare == 0)


def test_a_file_over_the_size_is_not_read_at_all() -> None:
    _, problems = parsed(b"[" * (MOST_BYTES + 1))

    assert problems == ["1:1: the file is larger than 16 MiB; split it by include"]


def test_a_file_with_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.config.build.MOST_NODES", 100)
    events = Counted("[" + "a, " * 100_000 + "]")

    with pytest.raises(Unusable, match="holds more than"):
        Builder(Problems()).build(events)

    assert events.taken <= 102


def test_the_list_of_problems_has_an_end() -> None:
    _, problems = parsed("a: 1\n" * 5000)

    assert len(problems) == MOST_PROBLEMS
    assert "more than" in problems[-1]


def test_without_libyaml_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)

    with pytest.raises(Exception, match="without libyaml") as refused:
        parsed("a: 1")

    assert type(refused.value).__name__ == "ReconcilerError"
