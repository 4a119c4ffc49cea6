"""
One question put to the service until it is settled.

Reads are repeated after whatever may pass: they change nothing. A write is
repeated only where the service surely did nothing with it: it asked for fewer
requests, refused the token, or was never reached. Everything waits for the
pace that all threads share, for a limited number of tries and a limited time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from reconciler.core import pacing
from reconciler.core.pacing import Fuse, Patience, Trouble
from reconciler.errors import Unauthorized
from reconciler.studio.answers import (
    Ailing,
    Declined,
    Document,
    Meaning,
    TokenRefused,
    interpret,
)
from reconciler.studio.pacer import Pacer, Timing, Turn
from reconciler.studio.session import Request, Session


class Tokens(Protocol):
    """Where access tokens come from. Safe to share between threads."""

    @property
    def remedy(self) -> str:
        """What a person does when the service refuses the token for good."""

    def access(self) -> str:
        """The token to use now, renewed ahead of its expiry."""

    def renew(self, refused: str) -> str:
        """Another token after the service refused that one; raises Unauthorized without one."""


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The service surely did nothing: nothing reached it, or it only asked for patience."""

    reason: str
    trouble: Trouble | None = None


STOPPED = NeverSent("stopped")
TOO_LONG = NeverSent(
    "the service asks for a longer wait than a request may take", Trouble.RATE_LIMIT
)
SILENT = NeverSent(
    "the service has stopped answering, and is left alone for a while", Trouble.CONNECT
)
# What many questions in a row end in when nobody is there.
OUTAGE = {Trouble.CONNECT, Trouble.RESET, Trouble.SERVER, Trouble.TIMEOUT}
Settled: TypeAlias = Document | Declined | Ailing | NeverSent


class Line:
    """Puts questions; shared by the reader and the writer of a tenant, and by all threads."""

    def __init__(
        self,
        session: Session,
        tokens: Tokens,
        pacer: Pacer,
        timing: Timing,
        patience: Patience,
    ) -> None:
        self.session = session
        self._tokens = tokens
        self._pacer = pacer
        self._timing = timing
        self._patience = patience
        # Replaced whole, without a lock: a lost count delays it by a question.
        self._fuse = Fuse()

    def ask(self, request: Request, before: Callable[[], None] | None = None) -> Settled:
        """
        Put one question. `before` runs right before each sending and may raise.

        Raises Unauthorized when the token is refused and no other is to be had.
        """
        began = self._timing.clock()
        if self._fuse.rests(began):
            return SILENT
        settled = self._until_settled(request, before, began)
        if isinstance(settled, Ailing) and settled.trouble in OUTAGE:
            self._fuse = pacing.strained(self._fuse, self._timing.clock())
        elif not isinstance(settled, NeverSent):
            self._fuse = Fuse()
        return settled

    def _until_settled(
        self, request: Request, before: Callable[[], None] | None, began: float
    ) -> Settled:
        tried = 0
        while True:
            settled = self._once(request, before, began)
            tried += 1
            if not isinstance(settled, Ailing) or not self._may_repeat(request, settled):
                return settled
            wait = self._wait(settled, tried, began)
            if wait is None:
                return settled if tried == 1 else _given_up(settled)
            if self._timing.stopped_during(wait):
                return STOPPED

    def _once(self, request: Request, before: Callable[[], None] | None, began: float) -> Settled:
        if self._timing.stop.is_set():
            return STOPPED
        token = self._tokens.access()
        settled = self._send(request, token, before, began)
        if isinstance(settled, TokenRefused):
            settled = self._send(request, self._tokens.renew(token), before, began)
        if isinstance(settled, TokenRefused):
            raise Unauthorized(
                f"{self.session.host} refuses the access token (401)", remedy=self._tokens.remedy
            )
        return settled

    def _send(
        self, request: Request, token: str, before: Callable[[], None] | None, began: float
    ) -> Settled | TokenRefused:
        turn = self._pacer.wait_for_turn(began + self._patience.seconds)
        if turn is Turn.STOPPED:
            return STOPPED
        if turn is Turn.TOO_LATE:
            return TOO_LONG
        if before is not None:
            before()
        sent_at = self._timing.clock()
        answer = self.session.send(replace(request, authorization=f"Bearer {token}"))
        meaning = interpret(answer, self._timing.now())
        self._heed(meaning, sent_at)
        return meaning

    def _heed(self, meaning: Meaning, sent_at: float) -> None:
        """Let the pace of everybody know how the service bears it."""
        if not isinstance(meaning, Ailing):
            self._pacer.answered()
        elif meaning.trouble is Trouble.RATE_LIMIT or meaning.retry_after is not None:
            wait = pacing.wait_before_next(
                meaning.trouble, tried=1, jitter=0.0, retry_after=meaning.retry_after
            )
            self._pacer.limited(sent_at=sent_at, wait=wait)

    def _may_repeat(self, request: Request, ailing: Ailing) -> bool:
        if ailing.hopeless or self._fuse.is_blown:
            return False
        return request.method == "GET" or ailing.undone

    def _wait(self, ailing: Ailing, tried: int, began: float) -> float | None:
        return pacing.backoff(
            ailing.trouble,
            tried=tried,
            elapsed=self._timing.clock() - began,
            patience=self._patience,
            jitter=self._timing.jitter(),
            retry_after=ailing.retry_after,
        )


def _given_up(ailing: Ailing) -> Ailing:
    return replace(ailing, reason=f"{ailing.reason}, also when asked again")
