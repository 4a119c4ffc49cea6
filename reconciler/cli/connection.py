"""From settings to a connection: tokens, transport, reader, writer."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from reconciler.config.settings import AccessToken as WrittenToken
from reconciler.config.settings import OAuth
from reconciler.studio.auth import AccessToken, OAuthTokens
from reconciler.studio.client import Reader, connect
from reconciler.studio.connections import Transport
from reconciler.studio.grants import OAuthClient, TokenEndpoint
from reconciler.studio.line import Tokens
from reconciler.studio.pacer import Timing
from reconciler.studio.pairs import TokenPair
from reconciler.studio.writer import Writer, connect_writer

if TYPE_CHECKING:
    from reconciler.cli.site import Site
    from reconciler.state.tokens import StoredTokens


def connect_reader(site: Site) -> Reader:
    """Make the reader of a tenant: the real one, or the one in the sandbox's file."""
    return connect(
        site.options(),
        _tokens(site),
        stop=site.stop,
        transport=sandbox_transport(site),
        observer=site.requests,
    )


def sandbox_transport(site: Site) -> Transport | None:
    """What carries requests to the tenant in the sandbox's file; None for a real one."""
    if not site.sandbox:
        return None
    from reconciler.sandbox.store import open_tenant  # noqa: PLC0415 - only --sandbox needs it
    from reconciler.sandbox.transport import SandboxTransport  # noqa: PLC0415 - as above

    return SandboxTransport(open_tenant(site.sandbox_data()))


def make_writer(site: Site, before_write: Callable[[], None]) -> Writer:
    """Make the one thing that can write. Only `apply`, `run` and `undo` call this."""
    return connect_writer(
        site.reader(), body=site.options().permissions_body, before_write=before_write
    )


def _tokens(site: Site) -> Tokens:
    if site.sandbox:
        return AccessToken(lambda: "sandbox", "the sandbox")
    studio = site.loaded.settings.studio
    if studio is None:
        raise AssertionError("a file without studio is refused unless --sandbox is given")
    auth = studio.auth
    if isinstance(auth, WrittenToken):
        auth.token.read(os.environ)
        where = f"studio.auth.access_token ({auth.token.location})"
        return AccessToken(lambda: auth.token.read(os.environ).reveal(), where)
    return _oauth(site, auth)


def _oauth(site: Site, auth: OAuth) -> OAuthTokens:
    client = OAuthClient(
        auth.client_id.read(os.environ).reveal(), auth.client_secret.read(os.environ).reveal()
    )
    seed = auth.refresh_token.read(os.environ).reveal() if auth.refresh_token else None
    return OAuthTokens(token_endpoint(site, client), Vault(site), seed=seed)


def token_endpoint(site: Site, client: OAuthClient) -> TokenEndpoint:
    """Where the tenant grants tokens; closed with the site."""
    endpoint = TokenEndpoint(
        site.options(),
        client,
        Timing(stop=site.stop),
        transport=sandbox_transport(site),
        observer=site.requests,
    )
    site.on_close(endpoint.close)
    return endpoint


class Vault:
    """The state's tokens, as the studio room asks for them."""

    def __init__(self, site: Site) -> None:
        from reconciler.state.tokens import TokenStore  # noqa: PLC0415 - only OAuth needs the state

        self._tokens: TokenStore = TokenStore(site.store())

    def load(self) -> TokenPair | None:
        stored = self._tokens.load()
        if stored is None or stored.refresh is None:
            return None
        return TokenPair(stored.access, stored.refresh, stored.expires_at, stored.seed_digest)

    def save(self, pair: TokenPair, replaces: TokenPair | None) -> None:
        before = None if replaces is None else _stored(replaces)
        self._tokens.save(_stored(pair), replaces=before)

    def refreshing(self) -> AbstractContextManager[object]:
        return self._tokens.refreshing()


def _stored(pair: TokenPair) -> StoredTokens:
    from reconciler.state.tokens import StoredTokens  # noqa: PLC0415 - as above

    return StoredTokens(pair.access, pair.refresh, pair.expires_at, pair.seed_digest)
