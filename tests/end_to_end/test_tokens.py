"""OAuth over HTTP: one refresh at a time, every pair kept, and no secret told."""

from __future__ import annotations

import pytest

from tests.end_to_end.fake_studio import REFRESH, TOKENS, Answer, Call, FakeStudio
from tests.end_to_end.shell import CLIENT_SECRET, Shell, config

ROWS = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
OAUTH = "{client_id: {env: ID}, client_secret: {env: SECRET}, refresh_token: {env: REFRESH}}"
STATIC = "{access_token: {env: STUDIO_ACCESS_TOKEN}}"


@pytest.fixture
def oauth(installed: Shell, studio: FakeStudio) -> Shell:
    installed.environment = {"ID": "reconciler", "SECRET": CLIENT_SECRET, "REFRESH": REFRESH}
    installed.write(config(studio.url, ROWS).replace(STATIC, OAUTH))
    # The state is where pairs are kept: that it holds them is its purpose.
    installed.state_holds_tokens = True
    return installed


def refreshes(studio: FakeStudio) -> int:
    return sum(call.path == TOKENS for call in studio.calls)


def test_a_first_refresh_token_is_spent_once_and_the_pair_is_kept(
    oauth: Shell, studio: FakeStudio
) -> None:
    assert oauth("plan").status == 0
    assert oauth("apply", "--yes").status == 0
    assert oauth("plan", "--detailed-exitcode").status == 0
    assert refreshes(studio) == 1


def test_a_token_that_ends_early_is_renewed_midway(oauth: Shell, studio: FakeStudio) -> None:
    assert oauth("plan").status == 0
    studio.token = "revoked-by-the-service"
    assert oauth("apply", "--yes").status == 0
    assert studio.shares(4712) == {("user", 102): "view", ("user", 103): "view"}
    assert refreshes(studio) == 2


def test_a_grant_that_is_no_more_needs_a_person_and_is_asked_for_once(
    oauth: Shell, studio: FakeStudio
) -> None:
    studio.refresh = "another"
    ran = oauth("plan")
    assert (ran.status, ran.out) == (1, "")
    assert "reconciler login" in ran.err
    assert refreshes(studio) == 1


def test_a_new_first_refresh_token_wins_over_what_is_stored(
    oauth: Shell, studio: FakeStudio
) -> None:
    assert oauth("plan").status == 0
    studio.token, studio.refresh = "revoked", f"{REFRESH}-given-anew"
    assert oauth("plan").status == 1
    oauth.environment["REFRESH"] = studio.refresh
    assert oauth("plan").status == 0


def test_a_refresh_whose_answer_is_lost_is_no_traceback(oauth: Shell, studio: FakeStudio) -> None:
    def lose(call: Call) -> Answer | None:
        return Answer(502, "<html>gateway</html>") if call.path == TOKENS else None

    studio.spoil = lose
    oauth.write(
        (oauth.folder / "config.yaml").read_text().replace("  auth", "  timeout: 1s\n  auth")
    )
    ran = oauth("plan")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
