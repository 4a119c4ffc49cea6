"""`login`: a code for a pair of tokens, kept in the state and shown nowhere."""

from __future__ import annotations

import re

import pytest

from reconciler.cli.login import code_in
from reconciler.errors import ReconcilerError, UsageError
from reconciler.state.tokens import StoredTokens, TokenStore
from tests.cli.little_school import School, school
from tests.end_to_end.shell import QuickShell, Ran

__all__ = ["school"]

CODES = [
    pytest.param("4f1c", id="the-code"),
    pytest.param("  4f1c\n", id="with-blanks-around"),
    pytest.param("https://school.test/done?code=4f1c&state=7", id="address"),
    pytest.param("urn:ietf:wg:oauth:2.0:oob?code=4f1c", id="out-of-band-address"),
    pytest.param("code=4f1c", id="its-query"),
]


@pytest.mark.parametrize("pasted", CODES)
def test_a_code_is_found_in_what_a_person_pastes(pasted: str) -> None:
    assert code_in(pasted) == "4f1c"


@pytest.mark.parametrize("pasted", ["", "  ", "two words", "kód", "\x1b[2J", "https://x/?state=a"])
def test_what_is_no_code_is_refused(pasted: str) -> None:
    with pytest.raises(UsageError):
        code_in(pasted)


def test_a_refused_consent_is_told() -> None:
    with pytest.raises(ReconcilerError, match="not given"):
        code_in("https://school.test/done?error=access_denied")


def test_the_tokens_are_kept_and_not_shown(school: School) -> None:
    shown = school("login", stdin="\n")
    ran = school("login", "--code", _code(shown))
    assert ran.status == 0
    kept = _kept(school)
    assert kept is not None
    assert kept.refresh is not None
    assert kept.expires_at is not None
    for secret in (kept.access, kept.refresh):
        assert secret not in ran.out + ran.err


def test_the_code_may_come_by_stdin(school: School) -> None:
    code = _code(school("login", stdin=""))
    address = f"https://sandbox.localhost/?code={code}\n"
    ran = school("login", stdin=address)
    assert ran.status == 0
    assert _kept(school) is not None


def test_the_address_to_open_is_the_only_result(school: School) -> None:
    ran = school("login", stdin="")
    assert ran.status == 64
    [url] = ran.out.splitlines()
    assert url.startswith("https://sandbox.localhost/api/public/oauth/authorize?client_id=")
    assert "--code" in ran.err


def test_a_code_works_once(school: School) -> None:
    code = _code(school("login", stdin=""))
    assert school("login", "--code", code).status == 0
    again = school("login", "--code", code)
    assert again.status == 1
    assert "refuses the code" in again.err


def test_a_wrong_code_keeps_what_was_there(school: School) -> None:
    school("login", "--code", _code(school("login", stdin="")))
    kept = _kept(school)
    assert school("login", "--code", "wrong").status == 1
    assert _kept(school) == kept


AUTHS = [
    pytest.param("{access_token: {env: STUDIO_ACCESS_TOKEN}}", 64, "nothing to log in", id="token"),
    pytest.param(
        "{client_id: {env: NO_ID}, client_secret: {env: NO_SECRET}}", 78, "not set", id="unset"
    ),
]


@pytest.mark.parametrize(("auth", "status", "told"), AUTHS)
def test_it_needs_an_oauth_client(school: School, auth: str, status: int, told: str) -> None:
    school.write(
        f"version: 1\nmode: observe\nstudio: {{url: https://school.test, auth: {auth}}}\n"
        "collections: []\n"
    )
    ran = QuickShell(school.folder)("login", "--code", "x")
    assert ran.status == status
    assert told in ran.err
    assert not list(school.folder.glob("*.db"))


def _code(ran: Ran) -> str:
    found = re.search(r"its page shows: (\S+)", ran.err)
    assert found is not None
    return found[1]


def _kept(school: School) -> StoredTokens | None:
    with school.state() as store:
        return TokenStore(store).load()
