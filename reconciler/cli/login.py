"""`login`: the consent of a person, exchanged for tokens that renew themselves."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click

from reconciler.cli.options import Shared, shared_options
from reconciler.cli.site import Site, open_site
from reconciler.cli.terminal import tell, write_out
from reconciler.errors import ReconcilerError, UsageError

if TYPE_CHECKING:
    from reconciler.studio.grants import OAuthClient

SANDBOX = "sandbox"  # the simulated tenant's client id and secret
_VISIBLE = re.compile(r"[!-~]+")


@click.command("login")
@click.option(
    "--code", metavar="CODE", help="The code, or the address it was shown at; else it is asked for."
)
@shared_options
@click.pass_obj
def login_command(shared: Shared, code: str | None) -> int:
    r"""
    Consent once, in a browser, so that reconciler may act for you.

    It prints the address to open, takes the code shown there (or the whole
    address of the page that shows it), and stores the tokens in the state,
    where they renew themselves. It needs client_id and client_secret under
    studio.auth; with an access token there is nothing to log in for (exit 64).

    \b
    Examples:
      reconciler login
      reconciler login --code 4f1c…
    """
    with open_site(shared) as site:
        client, seed = _client(site)
        from reconciler.cli.connection import Vault, token_endpoint  # noqa: PLC0415 - not for --help
        from reconciler.studio.grants import authorize_url  # noqa: PLC0415 - as above
        from reconciler.studio.pairs import exchange_code  # noqa: PLC0415 - as above

        if code is None:
            url = authorize_url(site.url, client.id)
            write_out(f"{url}\n")
            code = _ask(_shown_in_sandbox(url, site) if site.sandbox else None)
        written = code_in(code)
        vault = Vault(site)
        endpoint = token_endpoint(site, client)
        with vault.refreshing():
            pair = exchange_code(endpoint, written, seed=seed)
            vault.save(pair, None)
        tell(f"{endpoint.host}: logged in; the tokens are kept in the state, and renew themselves")
        tell("  see how all is: reconciler doctor")
        return 0


def code_in(pasted: str) -> str:
    """
    The code in what a person pasted: itself, or the address of the page that shows it.

    Raises UsageError where there is none, ReconcilerError where consent was refused.
    """
    text = pasted.strip()
    fields = parse_qs(text.rpartition("?")[2]) if "=" in text else {}
    if "error" in fields:
        raise ReconcilerError(
            "the consent was not given", remedy="run `reconciler login` again, and allow it"
        )
    code = fields["code"][0] if "code" in fields else text
    if "://" in code or not _VISIBLE.fullmatch(code):
        raise UsageError(
            "that is no code",
            remedy="paste the code of the page, or the page's whole address, and nothing else",
        )
    return code


def _client(site: Site) -> tuple[OAuthClient, str | None]:
    """The OAuth client of the file, and its first refresh token if one is written."""
    from reconciler.config.settings import OAuth  # noqa: PLC0415 - not for --help
    from reconciler.studio.grants import OAuthClient  # noqa: PLC0415 - as above

    if site.sandbox:
        return OAuthClient(SANDBOX, SANDBOX), None
    studio = site.loaded.settings.studio
    if studio is None or not isinstance(studio.auth, OAuth):
        raise UsageError(
            "studio.auth has an access token: there is nothing to log in for",
            remedy="to have tokens that renew themselves, write client_id and client_secret there",
        )
    auth, environment = studio.auth, os.environ
    seed = auth.refresh_token.read(environment).reveal() if auth.refresh_token else None
    client_id, secret = auth.client_id.read(environment), auth.client_secret.read(environment)
    return OAuthClient(client_id.reveal(), secret.reveal()), seed


def _ask(shown: str | None) -> str:
    tell("Open this address, allow the access, and paste the code that the page shows")
    tell("(or the address of the page).")
    if shown is not None:
        tell(f"No browser reaches the simulated tenant; its page shows: {shown}")
    click.echo("Code: ", nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise UsageError("there is nobody to ask for the code", remedy="give it with --code")
    return line


def _shown_in_sandbox(url: str, site: Site) -> str:
    """Open the consent page of the simulated tenant, as a browser would."""
    from reconciler.sandbox.messages import Request  # noqa: PLC0415 - only the sandbox needs it
    from reconciler.sandbox.store import open_tenant  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    page = open_tenant(site.sandbox_data()).handle(
        Request.of("GET", f"{parts.path}?{parts.query}", {})
    )
    found = re.search(r"<code>([^<]+)</code>", page.body.decode())
    if found is None:
        raise ReconcilerError("the simulated tenant shows no code")
    return found[1]
