"""The person at the terminal: progress for what takes long, colour where it helps, questions."""

from __future__ import annotations

import io
import os
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from reconciler.errors import ReconcilerError, StalePlan

PATIENCE = 1.0
_GLANCE = 0.2
LATEST_YES = 15 * 60.0
"""Seconds for which a plan that was shown may be agreed to."""


class Progress:
    """
    One line that tells how far a long step is; on a terminal only, after a second.

    In a pipe it never shows. Call `clear` before anything else is written.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._shows = sys.stderr.isatty() and not quiet
        self._began = time.monotonic()
        self._visible = False

    def __call__(self, what: str, done: int, total: int) -> None:
        if not self._shows or time.monotonic() - self._began < PATIENCE:
            return
        part = f"{done}/{total}" if total else str(done)
        bar = "█" * (20 * done // total) if total else ""
        sys.stderr.write(f"\r\x1b[K{what:<12} {part:>12} {bar}")
        sys.stderr.flush()
        self._visible = True

    def clear(self) -> None:
        """Take the line away."""
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._visible = False


def tell(text: str) -> None:
    """Tell the person something that is no result: to stderr."""
    click.echo(text, err=True)


def colour_wanted() -> bool:
    """Whether stdout is a terminal that wants colour; `NO_COLOR` is honoured."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def write_out(text: str) -> None:
    """Write a result to stdout; a character that the terminal cannot show is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write(text)
    sys.stdout.flush()


def write_file(path: Path, text: str) -> None:
    """Write a result to a file, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ReconcilerError(f"{path} could not be written: {error.strerror}") from error


def is_interactive() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(question: str) -> bool:
    """
    Ask until the answer is yes or no; none at all is no.

    A read that blocks would lose a Ctrl-C that comes between the question and
    the read: it is not woken by what has already happened. So the line is
    waited for in steps, and between them Python sees its signals. Raises
    click.Abort at the end of the input.
    """
    while True:
        click.echo(f"{question} [y/N]: ", nl=False, err=True)
        while not select.select([sys.stdin], [], [], _GLANCE)[0]:
            pass
        line = sys.stdin.readline()
        if not line:
            raise click.Abort
        answer = line.strip().lower()
        if answer in {"y", "yes"}:
            return True
        if answer in {"", "n", "no"}:
            return False
        tell("please answer y or n")


def agreed(
    question: str,
    ask: Callable[[str], bool] = confirmed,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """
    Ask; only a clear yes is one.

    Raises StalePlan for a yes that comes so late that what was shown may no
    longer be so.
    """
    asked = clock()
    yes = ask(question)
    if yes and clock() - asked > LATEST_YES:
        raise StalePlan(
            f"the answer came after {LATEST_YES // 60:.0f} minutes, and what was shown may have"
            " moved; nothing was done",
            remedy="run it again",
        )
    return yes
