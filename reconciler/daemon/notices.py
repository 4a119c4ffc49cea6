"""
What people are told, and when: from the last and the present situation to messages.

A topic is told when something joins it, and once more when nothing is left of
it. What a pass could not look at stays as it was: a pass that failed says
nothing about holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reconciler.report.safe import clipped

MOST_LINES = 10
MOST_CHARACTERS = 300


class Topic(StrEnum):
    """What can be the matter, in the order it is told; and drift, which is told when it is over."""

    CONFIG = "config"
    TOKEN = "token"  # noqa: S105 - a word, not one
    BREAKER = "breaker"
    HELD = "held"
    UNREADABLE = "unreadable"
    UNRESOLVED = "unresolved"
    DRIFT = "drift"


class Turn(StrEnum):
    """Which way a topic has turned."""

    RAISED = "raised"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell: a line that says it all, and what exactly, a line each."""

    topic: Topic
    turn: Turn
    title: str
    lines: tuple[str, ...] = ()


Situation: TypeAlias = Mapping[Topic, Mapping[str, str]]
"""
What is the matter, by topic: a key that stays the same while it lasts, and the words for it.

A topic that is there and empty was looked at and is well; one that is missing was not looked at.
"""

_RAISED = {
    Topic.CONFIG: "the configuration on disk is not valid; the last good one stays in force",
    Topic.TOKEN: "the token needs a person",
    Topic.BREAKER: "too much failed: writing has stopped, passes only observe",
    Topic.HELD: "a guard holds changes until a person looks at them",
    Topic.UNREADABLE: "some collections cannot be read",
    Topic.UNRESOLVED: "the file names somebody who is nobody, or several, in Studio",
}
_RECOVERED = {
    Topic.CONFIG: "the configuration on disk is valid again",
    Topic.TOKEN: "the token works again",
    Topic.BREAKER: "writing has been taken up again",
    Topic.HELD: "nothing is held any more",
    Topic.UNREADABLE: "every collection can be read again",
    Topic.UNRESOLVED: "everybody in the file is found",
}


def messages(before: Situation, present: Situation) -> Iterator[Message]:
    """What to tell of the way from one situation to the next, the gravest first."""
    for topic, raised in _RAISED.items():
        known, found = before.get(topic, {}), present.get(topic)
        if found is None:
            continue
        joined = [words for key, words in sorted(found.items()) if key not in known]
        if joined:
            yield Message(topic, Turn.RAISED, raised, listed(joined))
        elif known and not found:
            yield Message(topic, Turn.RECOVERED, _RECOVERED[topic])


def listed(words: Sequence[str]) -> tuple[str, ...]:
    """One line each, harmless to look at; as many as anybody reads."""
    lines = [line for each in words for line in each.split("\n")]
    shown = [clipped(line, MOST_CHARACTERS) for line in lines[:MOST_LINES]]
    more = len(lines) - len(shown)
    return (*shown, f"… and {more} more") if more else tuple(shown)
