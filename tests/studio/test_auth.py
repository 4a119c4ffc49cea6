"""Tokens: one refresher, saved before used, never spent twice, never shown."""

from __future__ import annotations

import base64
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from reconciler.errors import StateError, StudioError, Unauthorized, Unreachable
from reconciler.studio.auth import AccessToken, OAuthTokens
from reconciler.studio.grants import OAuthClient, TokenEndpoint, authorize_url
from reconciler.studio.pacer import Timing
from reconciler.studio.pairs import TokenPair, digest, exchange_code
from tests.studio.stage import OPTIONS, START, Fault, Time

CLIENT = OAuthClient("client", "hush-hush")
SEED = "seed-token"
LIFE = 7200


@dataclass
class Authority:
    """The service's token endpoint: each refresh token works once, and it keeps count."""

    valid: set[str] = field(default_factory=lambda: {SEED})
    spent: list[str] = field(default_factory=list)
    by_header_only: bool = False
    faults: list[Fault] = field(default_factory=list)
    granted: int = 0
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    life: int | None = LIFE
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/public/oauth/token"
        assert not request.url.query
        form = parse_qs(request.content.decode())
        self.forms.append(form)
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return fault
        if not self.knows(request, form):
            return httpx.Response(401, json={"error": "invalid_client"})
        return self.grant(form)

    def knows(self, request: httpx.Request, form: dict[str, list[str]]) -> bool:
        pair = base64.b64encode(b"client:hush-hush").decode()
        if request.headers.get("Authorization") == f"Basic {pair}":
            return True
        return not self.by_header_only and form.get("client_secret") == ["hush-hush"]

    def grant(self, form: dict[str, list[str]]) -> httpx.Response:
        (token,) = form.get("refresh_token") or form["code"]
        if token not in self.valid:
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.valid.remove(token)
        self.spent.append(token)
        self.granted += 1
        self.valid.add(f"refresh-{self.granted}")
        document: dict[str, object] = {
            "access_token": f"access-{self.granted}",
            "refresh_token": f"refresh-{self.granted}",
            "token_type": "bearer",
        }
        if self.life is not None:
            document["expires_in"] = self.life
        return httpx.Response(200, json=document)


class Vault:
    """What a state would keep: shared by all processes, which are threads here."""

    def __init__(self, pair: TokenPair | None = None) -> None:
        self.pair = pair
        self.saved: list[tuple[TokenPair, TokenPair | None]] = []
        self.full = False
        self.lease = threading.Lock()

    def load(self) -> TokenPair | None:
        return self.pair

    def save(self, pair: TokenPair, replaces: TokenPair | None) -> None:
        assert self.lease.locked()
        if self.full:
            raise StateError("the disk is full")
        self.saved.append((pair, replaces))
        self.pair = pair

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        with self.lease:
            yield


def endpoint(authority: Authority, time: Time) -> TokenEndpoint:
    timing = Timing(stop=threading.Event(), clock=time.clock, now=time.now, sleep=time.sleep)
    return TokenEndpoint(OPTIONS, CLIENT, timing, transport=httpx.MockTransport(authority))


def tokens(
    authority: Authority, vault: Vault, time: Time | None = None, seed: str | None = SEED
) -> OAuthTokens:
    time = time or Time()
    return OAuthTokens(endpoint(authority, time), vault, seed=seed, now=time.now)


def pair(number: int, *, hours: float = 2, seed: str | None = SEED) -> TokenPair:
    expires_at = START + timedelta(hours=hours)
    return TokenPair(f"access-{number}", f"refresh-{number}", expires_at, digest(seed))


def test_the_first_token_comes_from_the_seed_and_is_saved_before_it_is_used() -> None:
    authority, vault = Authority(), Vault()
    assert tokens(authority, vault).access() == "access-1"
    assert vault.saved == [(pair(1), None)]


def test_a_stored_token_is_used_without_asking() -> None:
    authority = Authority()
    assert tokens(authority, Vault(pair(5))).access() == "access-5"
    assert authority.forms == []


def test_many_threads_and_processes_refresh_once() -> None:
    authority, vault = Authority(), Vault()
    processes = [tokens(authority, vault) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: processes[n % 4].access(), range(64)))
    assert set(got) == {"access-1"}
    assert authority.spent == [SEED]


def test_many_threads_refused_together_refresh_once() -> None:
    authority, vault = Authority(), Vault()
    processes = [tokens(authority, vault) for _ in range(4)]
    for process in processes:
        process.access()
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: processes[n % 4].renew("access-1"), range(64)))
    assert set(got) == {"access-2"}
    assert authority.spent == [SEED, "refresh-1"]


def test_over_a_day_no_refresh_token_is_spent_twice_and_no_token_is_used_too_late() -> None:
    time, authority, vault = Time(), Authority(), Vault()
    processes = [tokens(authority, vault, time) for _ in range(3)]
    for step in range(24 * 60):
        process = processes[step % 3]
        process.access()
        assert process.expires_at is not None
        assert process.expires_at > time.now()
        time.sleep(60)
    refreshes = [form["refresh_token"][0] for form in authority.forms]
    assert len(refreshes) == len(set(refreshes)) == len(authority.spent)
    assert len(refreshes) <= 24 * 3600 / (LIFE * 0.8) + 1


def test_a_token_is_renewed_at_four_fifths_of_its_life() -> None:
    time, authority = Time(), Authority()
    renewing = tokens(authority, Vault(), time)
    assert renewing.access() == "access-1"
    time.sleep(LIFE * 0.8 - 1)
    assert renewing.access() == "access-1"
    time.sleep(1)
    assert renewing.access() == "access-2"


def test_a_token_that_tells_no_life_is_used_until_it_is_refused() -> None:
    time, authority = Time(), Authority(life=None)
    renewing = tokens(authority, Vault(), time)
    renewing.access()
    time.sleep(10**6)
    assert renewing.access() == "access-1"
    assert renewing.renew("access-1") == "access-2"


def test_what_another_process_stored_is_taken() -> None:
    authority, vault = Authority(), Vault(pair(5))
    renewing = tokens(authority, vault)
    assert renewing.access() == "access-5"
    vault.pair = pair(6)
    assert renewing.renew("access-5") == "access-6"
    assert authority.forms == []


def test_a_seed_newly_given_wins_over_what_is_stored() -> None:
    authority, vault = Authority(valid={"newer-seed"}), Vault(pair(5, seed=SEED))
    assert tokens(authority, vault, seed="newer-seed").access() == "access-1"
    assert vault.pair == pair(1, seed="newer-seed")


def test_without_a_seed_whatever_is_stored_is_used() -> None:
    assert tokens(Authority(), Vault(pair(5)), seed=None).access() == "access-5"


def test_without_seed_and_store_a_person_must_log_in() -> None:
    with pytest.raises(Unauthorized, match="reconciler login"):
        tokens(Authority(), Vault(), seed=None).access()


def test_a_grant_that_another_process_spent_in_between_is_no_error() -> None:
    class Late(Vault):
        """The other process saves while this one asks."""

        loads = 0

        def load(self) -> TokenPair | None:
            self.loads += 1
            return pair(5, hours=-1) if self.loads < 3 else pair(6)

    assert tokens(Authority(valid=set()), Late()).access() == "access-6"


def test_an_invalid_grant_asks_for_a_login_and_is_not_asked_for_again() -> None:
    authority = Authority(valid=set())
    renewing = tokens(authority, Vault())
    for _ in range(3):
        with pytest.raises(Unauthorized, match="reconciler login"):
            renewing.access()
    assert len(authority.forms) == 1


def test_a_login_after_an_invalid_grant_is_taken_up() -> None:
    authority, vault = Authority(valid=set()), Vault()
    renewing = tokens(authority, vault)
    with pytest.raises(Unauthorized):
        renewing.access()
    vault.pair = pair(9)
    assert renewing.access() == "access-9"


LOST = [
    pytest.param(httpx.ReadTimeout("late"), id="timeout"),
    pytest.param(httpx.ReadError("reset"), id="reset"),
    pytest.param(httpx.Response(503), id="503"),
    pytest.param(httpx.Response(200, html="<html>"), id="html"),
    pytest.param(httpx.Response(200, json={"access_token": "x"}), id="bare"),
    pytest.param(httpx.Response(200, json={"access_token": "a b", "refresh_token": "c"}), id="odd"),
    pytest.param(httpx.Response(302, headers={"Location": "https://x.test"}), id="redirect"),
]


@pytest.mark.parametrize("fault", [each for each in LOST if each.id != "bare"])
def test_a_lost_answer_is_not_asked_for_again_at_once(fault: Fault) -> None:
    time, authority = Time(), Authority(faults=[fault])
    renewing = tokens(authority, Vault(), time)
    for _ in range(3):
        with pytest.raises(Unreachable, match="grants no token"):
            renewing.access()
    assert len(authority.forms) == 1
    time.sleep(31)
    assert renewing.access() == "access-1"


def test_while_the_old_token_lives_a_failed_renewal_is_no_failure() -> None:
    time, authority = Time(), Authority()
    renewing = tokens(authority, Vault(), time)
    renewing.access()
    authority.faults = [httpx.Response(503)]
    time.sleep(LIFE * 0.8)
    assert renewing.access() == "access-1"
    assert renewing.access() == "access-1"
    assert len(authority.forms) == 2
    time.sleep(31)
    assert renewing.access() == "access-2"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(httpx.ConnectError("refused"), id="refused"),
        pytest.param(httpx.Response(429, headers={"Retry-After": "2"}), id="429"),
    ],
)
def test_what_spent_nothing_is_asked_again(fault: Fault) -> None:
    authority = Authority(faults=[fault])
    assert tokens(authority, Vault()).access() == "access-1"


def test_a_pair_that_could_not_be_saved_is_neither_used_nor_lost() -> None:
    authority, vault = Authority(), Vault()
    vault.full = True
    renewing = tokens(authority, vault)
    for _ in range(2):
        with pytest.raises(StateError):
            renewing.access()
    vault.full = False
    assert renewing.access() == "access-1"
    assert authority.spent == [SEED]


def test_a_login_in_the_middle_of_a_renewal_keeps_the_upper_hand() -> None:
    class Overtaken(Vault):
        """A person logs in just before this pair would be saved."""

        def save(self, pair: TokenPair, replaces: TokenPair | None) -> None:
            super().save(pair, replaces)
            self.pair = login

    login = pair(9)
    assert tokens(Authority(), Overtaken()).access() == "access-9"


def test_a_lost_vault_leaves_what_the_process_holds() -> None:
    authority, vault = Authority(), Vault()
    renewing = tokens(authority, vault)
    renewing.access()
    vault.pair = None
    assert renewing.renew("access-1") == "access-2"


def test_a_refresh_token_that_is_not_replaced_is_kept() -> None:
    answer = httpx.Response(200, json={"access_token": "a", "expires_in": "60"})
    vault = Vault()
    tokens(Authority(faults=[answer]), vault).access()
    assert vault.pair == TokenPair("a", SEED, START + timedelta(seconds=60), digest(SEED))


def test_the_client_is_named_in_the_body_and_where_that_is_refused_in_the_header() -> None:
    authority = Authority(by_header_only=True)
    renewing = tokens(authority, Vault())
    assert renewing.access() == "access-1"
    assert renewing.renew("access-1") == "access-2"
    assert ["client_secret" in form for form in authority.forms] == [True, False, False]


def test_a_client_that_is_refused_both_ways_says_what_to_check() -> None:
    authority = Authority()
    wrong = TokenEndpoint(
        OPTIONS,
        OAuthClient("client", "wrong"),
        Timing(stop=threading.Event()),
        transport=httpx.MockTransport(authority),
    )
    with pytest.raises(Unauthorized, match="client_secret under studio"):
        OAuthTokens(wrong, Vault(), seed=SEED).access()
    assert len(authority.forms) == 2


def test_the_address_of_the_consent() -> None:
    address = urlsplit(authorize_url("https://school.test/", "my client"))
    assert (address.netloc, address.path) == ("school.test", "/api/public/oauth/authorize")
    assert parse_qs(address.query) == {
        "client_id": ["my client"],
        "redirect_uri": ["urn:ietf:wg:oauth:2.0:oob"],
        "response_type": ["code"],
    }


def test_a_code_becomes_the_first_pair() -> None:
    authority = Authority(valid={"the-code"})
    assert exchange_code(endpoint(authority, Time()), " the-code\n", seed=SEED) == pair(1)
    assert authority.forms[0]["grant_type"] == ["authorization_code"]
    assert authority.forms[0]["redirect_uri"] == ["urn:ietf:wg:oauth:2.0:oob"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), Unauthorized),
        (httpx.Response(200, json={"access_token": "a"}), Unauthorized),
        (httpx.Response(500), Unreachable),
    ],
    ids=["refused", "no-refresh-token", "down"],
)
def test_a_code_of_no_use_says_so(fault: Fault, error: type[StudioError]) -> None:
    with pytest.raises(error) as raised:
        exchange_code(endpoint(Authority(faults=[fault]), Time()), "the-code", seed=None)
    assert raised.value.remedy


@pytest.mark.parametrize("fault", LOST)
def test_no_secret_is_ever_shown(fault: Fault) -> None:
    echo = httpx.Response(400, json={"error": SEED, "error_description": "hush-hush"})
    for answer in (fault, echo, httpx.Response(401, text=SEED)):
        renewing = tokens(Authority(faults=[answer] * 2), Vault())
        shown = [repr(CLIENT), repr(pair(1)), repr(renewing)]
        try:
            renewing.access()
        except StudioError as error:
            shown += traceback.format_exception(error)
        shown += [repr(renewing._held), repr(renewing._failed)]
        for secret in (SEED, "hush-hush", "refresh-1", "access-1"):
            assert secret not in "".join(shown)


def test_a_given_token_is_read_again_when_it_is_refused() -> None:
    kept = ["first\n", "first\n", "second\n"]
    given = AccessToken(lambda: kept.pop(0), "STUDIO_ACCESS_TOKEN")
    assert given.access() == "first"
    with pytest.raises(Unauthorized, match="renew the access token in STUDIO_ACCESS_TOKEN"):
        given.renew("first")
    assert given.renew("first") == "second"
    assert given.access() == "second"


@pytest.mark.parametrize("token", ["", " ", "two words", "naïve", "line\nbreak"], ids=repr)
def test_a_given_token_that_cannot_stand_in_a_header_is_refused_unseen(token: str) -> None:
    with pytest.raises(Unauthorized, match="holds no usable access token") as raised:
        AccessToken(lambda: token, "token.txt").access()
    assert not token.strip() or token not in str(raised.value)
