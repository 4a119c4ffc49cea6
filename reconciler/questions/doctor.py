"""
`doctor`: each check tells what it found, and what to do about it.

A check that fails never keeps another from running. A warning is what works
today and may not tomorrow, or what a person should know: only a failure makes
all not well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reconciler.core.document import Document
from reconciler.errors import ConfigError, ReconcilerError


class Grade(StrEnum):
    """How well it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check-up."""

    check: str
    grade: Grade
    detail: str
    remedy: str | None = None


Check: TypeAlias = Callable[[], Iterable[Finding]]


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Run the checks in order; what one raises is its finding. What two share is told once."""
    told: list[ReconcilerError] = []
    for name, check in checks:
        try:
            yield from check()
        except ReconcilerError as error:
            if not any(error is each for each in told):
                yield from failures(name, error)
            told.append(error)


def failures(check: str, error: ReconcilerError) -> Iterator[Finding]:
    """An error as findings: one for each problem of a file, else one."""
    if isinstance(error, ConfigError):
        for problem in error.problems:
            yield Finding(check, Grade.FAIL, str(problem))
    else:
        yield Finding(check, Grade.FAIL, error.message, error.remedy)


def all_is_well(findings: Iterable[Finding]) -> bool:
    return all(each.grade is not Grade.FAIL for each in findings)


def checkup_document(findings: Sequence[Finding]) -> Document:
    """The findings as plain data."""
    return {
        "well": all_is_well(findings),
        "checks": [
            {
                "check": each.check,
                "status": each.grade.value,
                "detail": each.detail,
                "remedy": each.remedy,
            }
            for each in findings
        ],
    }
