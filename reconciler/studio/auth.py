"""
Access tokens: where they come from, and when they are renewed.

A token is given once and for all (`AccessToken`), or is one of a pair that the
service renews (`OAuthTokens`). Each renewal spends the refresh token, so one
thread of one process renews at a time, the new pair is saved before it is used,
and whoever finds that somebody else has renewed takes what they got.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reconciler.errors import StudioError, Unauthorized, Unreachable
from reconciler.studio.grants import Grant, GrantRefused, NoGrant, TokenEndpoint, is_token
from reconciler.studio.pacer import utc_now
from reconciler.studio.pairs import (
    LOGIN,
    TokenPair,
    TokenVault,
    digest,
    no_grant,
    pair_of,
    token_refused,
)

# Of a token's life (or of what is left of it when it is first seen here).
RENEW_AT = 0.8
# A refresh whose answer was lost is not tried again at once.
PAUSE = timedelta(seconds=30)


class AccessToken:
    """A token given in the file's environment; read again when it is refused."""

    def __init__(self, load: Callable[[], str], source: str) -> None:
        self._load = load
        self._source = source
        self._lock = threading.Lock()
        self._token: str | None = None

    @property
    def remedy(self) -> str:
        return f"renew the access token in {self._source}"

    @property
    def expires_at(self) -> datetime | None:
        """Unknown: such a token tells nothing of itself."""
        return None

    def access(self) -> str:
        with self._lock:
            if self._token is None:
                self._token = self._read()
            return self._token

    def renew(self, refused: str) -> str:
        """The token, if whoever keeps it has put another one there."""
        with self._lock:
            self._token = self._read()
            if self._token == refused:
                raise Unauthorized("the service refuses the access token", remedy=self.remedy)
            return self._token

    def _read(self) -> str:
        token = self._load().strip()
        if not is_token(token):
            raise Unauthorized(f"{self._source} holds no usable access token", remedy=self.remedy)
        return token


@dataclass(frozen=True, slots=True)
class _Held:
    """A pair in use, and when to renew it."""

    pair: TokenPair
    renew_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Failed:
    """A refresh token that was of no use, and until when it is not tried again (None: ever)."""

    token: str = field(repr=False)
    error: StudioError
    until: datetime | None


class OAuthTokens:
    """
    Tokens that renew themselves.

    `seed` is the refresh token of the file, if it has one. It is used when the
    vault holds no pair that came from it.
    """

    remedy = LOGIN

    def __init__(
        self,
        endpoint: TokenEndpoint,
        vault: TokenVault,
        *,
        seed: str | None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._endpoint = endpoint
        self._vault = vault
        self._seed = seed
        self._now = now
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._unsaved: tuple[TokenPair, TokenPair | None] | None = None
        self._failed: _Failed | None = None

    @property
    def expires_at(self) -> datetime | None:
        """When the token in use expires, for the metrics."""
        return None if self._held is None else self._held.pair.expires_at

    def access(self) -> str:
        """The token to use now, renewed at four fifths of its life."""
        held = self._held
        if held is None or self._is_due(held):
            with self._lock:
                held = self._in_force()
        return held.pair.access

    def renew(self, refused: str) -> str:
        """Another token than the refused one; raises Unauthorized when none is to be had."""
        with self._lock:
            held = self._held
            if held is None or held.pair.access == refused:
                held = self._refresh(refused)
            return held.pair.access

    def _in_force(self) -> _Held:
        held = self._held
        if held is None and (stored := self._stored()) is not None:
            held = self._hold(stored)
        if held is None or self._is_expired(held.pair):
            return self._refresh(None if held is None else held.pair.access)
        if not self._is_due(held):
            return held
        try:
            return self._refresh(held.pair.access)
        except Unreachable:
            # It still has a fifth of its life: use it, and ask again in a while.
            self._held = replace(held, renew_at=self._now() + PAUSE)
            return self._held

    def _refresh(self, past: str | None) -> _Held:
        """Renew, or take what somebody else renewed, if it is not the token that is past."""
        with self._vault.refreshing():
            if self._unsaved is not None:
                return self._keep(*self._unsaved)
            stored = self._stored()
            if stored is not None and stored.access != past and not self._is_expired(stored):
                return self._hold(stored)
            return self._spend(self._spendable(stored), stored)

    def _spend(self, token: str, stored: TokenPair | None) -> _Held:
        self._check_failed(token)
        answer = self._endpoint.refresh(token)
        if isinstance(answer, Grant):
            return self._keep(pair_of(answer, answer.refresh or token, self._seed), stored)
        if answer == GrantRefused("invalid_grant"):
            # Somebody may have renewed in spite of the lease.
            renewed = self._stored()
            if renewed is not None and renewed.refresh != token:
                return self._hold(renewed)
        raise self._failure(token, answer)

    def _spendable(self, stored: TokenPair | None) -> str:
        if stored is not None:
            return stored.refresh
        # A vault that was lost leaves what this process holds, newer than the seed.
        if self._held is not None:
            return self._held.pair.refresh
        if is_token(self._seed):
            return self._seed
        raise Unauthorized(f"there is no token for {self._endpoint.host} yet", remedy=LOGIN)

    def _keep(self, pair: TokenPair, replaces: TokenPair | None) -> _Held:
        # If saving fails, the pair must not be lost with it: the next call tries again.
        self._unsaved = (pair, replaces)
        self._vault.save(pair, replaces)
        self._unsaved = None
        # What counts is what is stored: a login meanwhile keeps the upper hand.
        return self._hold(self._stored() or pair)

    def _hold(self, pair: TokenPair) -> _Held:
        now = self._now()
        renew_at = None if pair.expires_at is None else now + (pair.expires_at - now) * RENEW_AT
        self._held = _Held(pair, renew_at)
        return self._held

    def _failure(self, token: str, answer: GrantRefused | NoGrant) -> StudioError:
        host = self._endpoint.host
        if isinstance(answer, GrantRefused):
            self._failed = _Failed(token, token_refused(host, answer), until=None)
        else:
            self._failed = _Failed(token, no_grant(host, answer), until=self._now() + PAUSE)
        return self._failed.error

    def _check_failed(self, token: str) -> None:
        """A refused token stays refused; one whose answer was lost may be asked for later."""
        failed = self._failed
        if failed is None or failed.token != token:
            return
        if failed.until is None or self._now() < failed.until:
            raise failed.error.with_traceback(None)

    def _stored(self) -> TokenPair | None:
        pair = self._vault.load()
        if pair is None or (self._seed is not None and pair.seed_digest != digest(self._seed)):
            return None
        return pair

    def _is_due(self, held: _Held) -> bool:
        return held.renew_at is not None and held.renew_at <= self._now()

    def _is_expired(self, pair: TokenPair) -> bool:
        return pair.expires_at is not None and pair.expires_at <= self._now()
