"""A pair of tokens: what is kept of a grant, where it is kept, how the first one is had."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from reconciler.errors import Unauthorized, Unreachable
from reconciler.studio.grants import Grant, GrantRefused, NoGrant, TokenEndpoint

LOGIN = "run `reconciler login`: a person must give their consent again"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """
    What is kept between passes. `expires_at` is None where the service told no life.

    `seed_digest` is the digest of the refresh token in the file when the pair
    came to be (None: there was none): another one there since then wins.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime | None
    seed_digest: str | None = None


class TokenVault(Protocol):
    """Keeps the pair durably, for all processes that share the state."""

    def load(self) -> TokenPair | None:
        """The pair saved last."""

    def save(self, pair: TokenPair, replaces: TokenPair | None) -> None:
        """
        Save a pair before it is used; it must be on the disk when this returns.

        Where something else than `replaces` is stored by now, that may stay instead.
        """

    def refreshing(self) -> AbstractContextManager[object]:
        """Hold the short lease of whoever renews; waits for another holder."""


def digest(seed: str | None) -> str | None:
    """What is kept of a refresh token in the file, to know it again."""
    return None if seed is None else hashlib.sha256(seed.encode()).hexdigest()


def exchange_code(endpoint: TokenEndpoint, code: str, *, seed: str | None) -> TokenPair:
    """
    Spend the code a person copied for their first pair; the caller saves it.

    `seed` is the refresh token of the file, if it has one: the pair takes its place.
    """
    answer = endpoint.exchange(code.strip())
    if isinstance(answer, GrantRefused):
        raise token_refused(endpoint.host, answer)
    if isinstance(answer, NoGrant):
        raise no_grant(endpoint.host, answer)
    if answer.refresh is None:
        raise Unauthorized(
            f"{endpoint.host} grants no refresh token",
            remedy="ask the tenant's admin to allow refresh tokens for this client",
        )
    return pair_of(answer, answer.refresh, seed)


def pair_of(grant: Grant, refresh: str, seed: str | None) -> TokenPair:
    """What to keep of a grant; `seed` is the refresh token of the file at that time."""
    expires_at = None if grant.life is None else grant.granted_at + grant.life
    return TokenPair(grant.access, refresh, expires_at, digest(seed))


def token_refused(host: str, answer: GrantRefused) -> Unauthorized:
    """The error for a definite no of the token endpoint."""
    if answer.code == "invalid_grant":
        return Unauthorized(f"{host} refuses the code or refresh token", remedy=LOGIN)
    return Unauthorized(
        f"{host} refuses to grant a token: {answer.code}",
        remedy="check client_id and client_secret under studio.auth",
    )


def no_grant(host: str, answer: NoGrant) -> Unreachable:
    """The error for a token endpoint that gave no usable answer."""
    return Unreachable(
        f"{host} grants no token: {answer.reason}", remedy="check studio.url; then try again"
    )
