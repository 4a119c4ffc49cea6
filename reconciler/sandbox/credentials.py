"""
Tokens: which are good, for whom and how long; pure.

A refresh token works once where the tenant rotates them, and a new pair comes
with every refresh. Tokens are counted, not random, so that runs repeat; they
open nothing but the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

WORD = "sandbox"


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose an access token is, and when it ends (None: never)."""

    user: int
    expires_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Pair:
    """A new access token and the refresh token that goes with it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """
    All the tenant's secrets.

    `access` are the tokens that were given out, `refresh` and `codes` those not
    spent yet, by the user they stand for. `minted` counts what was given out.
    """

    client_id: str = WORD
    client_secret: str = field(default=WORD, repr=False)
    access: Mapping[str, Grant] = field(default_factory=dict, repr=False)
    refresh: Mapping[str, int] = field(default_factory=dict, repr=False)
    codes: Mapping[str, int] = field(default_factory=dict, repr=False)
    minted: int = 0

    @classmethod
    def starting(cls, user: int) -> Credentials:
        """Everything is the word `sandbox`, and the access token never ends."""
        return cls(access={WORD: Grant(user)}, refresh={WORD: user})

    def with_code(self, user: int) -> tuple[Credentials, str]:
        """Give out a code that can be exchanged once."""
        number = self.minted + 1
        code = f"{WORD}-code-{number}"
        return replace(self, codes={**self.codes, code: user}, minted=number), code

    def without_code(self, code: str) -> Credentials:
        """Spend a code."""
        return replace(self, codes={key: who for key, who in self.codes.items() if key != code})

    def without_refresh(self, token: str) -> Credentials:
        """Spend a refresh token."""
        rest = {key: who for key, who in self.refresh.items() if key != token}
        return replace(self, refresh=rest)

    def with_pair(self, user: int, now: datetime, life: int) -> tuple[Credentials, Pair]:
        """Give out a new pair, whose access token lives so many seconds; forget what ended."""
        number = self.minted + 1
        pair = Pair(f"{WORD}-access-{number}", f"{WORD}-refresh-{number}")
        living = {token: grant for token, grant in self.access.items() if grant.is_good(now)}
        given = replace(
            self,
            access={**living, pair.access: Grant(user, now + timedelta(seconds=life))},
            refresh={**self.refresh, pair.refresh: user},
            minted=number,
        )
        return given, pair
