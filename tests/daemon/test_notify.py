"""Letters reach whom the file names, signed; whatever goes wrong stays in the log."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reconciler.config.secrets import SecretSource
from reconciler.config.settings import AppriseService, Webhook, WrittenUrl
from reconciler.daemon.letter import Letter
from reconciler.daemon.notices import Message, Topic, Turn
from reconciler.daemon.notify import targets
from reconciler.daemon.outbox import TRIES, NotDelivered, Outbox, Target
from tests.builders import NOW, at
from tests.daemon.post_office import SECONDS, PostOffice, post_office

MESSAGE = Message(Topic.HELD, Turn.RAISED, "a guard holds changes", ("7c1f0a9e allow_empty",))
LETTER = Letter(MESSAGE, "school.example", NOW, "01J")

# Apprise looks for a module that Python 3.13 has no more, and does without it.
old_module = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as open_office:
        yield open_office


def secret(text: str) -> tuple[SecretSource, dict[str, str]]:
    return SecretSource(at(1), env="SECRET"), {"SECRET": text}


def webhook(url: str) -> Target:
    (target,) = targets([Webhook(WrittenUrl(url))], {})
    return target


def refusal(target: Target) -> str:
    with pytest.raises(NotDelivered) as refused:
        target.deliver(LETTER)
    return str(refused.value)


def test_a_webhook_gets_the_letter_as_json(office: PostOffice) -> None:
    webhook(f"{office.url}/hook?for=studio").deliver(LETTER)

    received = office.next()
    assert received.path == "/hook?for=studio"
    assert received.headers["Content-Type"] == "application/json"
    assert "X-Reconciler-Signature" not in received.headers
    assert json.loads(received.body) == {
        "format": "reconciler.notice/1",
        "id": "01J",
        "at": "2026-11-23T12:00:00Z",
        "tenant": "school.example",
        "topic": "held",
        "turn": "raised",
        "title": "a guard holds changes",
        "lines": ["7c1f0a9e allow_empty"],
    }


def test_a_webhook_with_a_secret_is_signed(office: PostOffice) -> None:
    source, environment = secret("hunter2")
    (target,) = targets([Webhook(WrittenUrl(office.url), source)], environment)
    target.deliver(LETTER)

    received = office.next()
    digest = hmac.new(b"hunter2", received.body, hashlib.sha256).hexdigest()
    assert received.headers["X-Reconciler-Signature"] == f"sha256={digest}"


def test_a_webhook_s_address_may_be_a_secret(office: PostOffice) -> None:
    source, environment = secret(f"{office.url}/hunter2")
    (target,) = targets([Webhook(source)], environment)
    target.deliver(LETTER)

    assert office.next().path == "/hunter2"


@pytest.mark.parametrize("status", [302, 307, 400, 500])
def test_no_other_answer_than_a_2xx_will_do(office: PostOffice, status: int) -> None:
    office.statuses = [status]

    assert f"it answered {status}" in refusal(webhook(office.url))
    assert office.next().path == "/"
    assert office.received.empty()


@pytest.mark.parametrize(
    "url", ["http://school.example/hunter2", "https://ada:hunter2@school.example", "hunter2"]
)
def test_an_address_that_is_none_is_refused_unrepeated(url: str) -> None:
    source, environment = secret(url)
    (target,) = targets([Webhook(source)], environment)

    assert "hunter2" not in refusal(target)


def test_nobody_there_is_told_without_the_address() -> None:
    assert (
        refusal(webhook("http://127.0.0.1:1/hunter2")) == "it could not be reached (ConnectError)"
    )


def test_a_secret_that_is_not_there_is_told_with_its_place(tmp_path: Path) -> None:
    (target,) = targets([Webhook(SecretSource(at(7), file=tmp_path / "hook"))], {})

    assert "config.yaml:7:5: the secret's file cannot be read" in refusal(target)


@old_module
def test_apprise_reaches_the_rest(office: PostOffice) -> None:
    source, environment = secret(office.url.replace("http://", "json://"))
    (target,) = targets([AppriseService(source)], environment)
    target.deliver(LETTER)

    told = json.loads(office.next().body)
    assert told["title"] == "school.example: a guard holds changes"
    assert told["message"] == "7c1f0a9e allow_empty"


@old_module
@pytest.mark.parametrize("url", ["hunter2", "nobody://hunter2"])
def test_what_apprise_does_not_know_is_told_unrepeated(
    url: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    source, environment = secret(url)
    (target,) = targets([AppriseService(source)], environment)

    assert refusal(target) == "Apprise does not know what its url means"
    assert "hunter2" not in caplog.text + "".join(capsys.readouterr())


@old_module
def test_apprise_that_fails_is_told(office: PostOffice, caplog: pytest.LogCaptureFixture) -> None:
    office.statuses = [500]
    caplog.set_level(logging.DEBUG)
    source, environment = secret(office.url.replace("http://", "json://") + "/hunter2")
    (target,) = targets([AppriseService(source)], environment)

    assert refusal(target) == "Apprise could not deliver it"
    assert "hunter2" not in caplog.text


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    source, environment = secret("json://127.0.0.1")
    (target,) = targets([AppriseService(source)], environment)

    assert "pip install" in refusal(target)


@dataclass(slots=True)
class Neighbour:
    """Somebody who is told, and does what the test wants first."""

    first: Callable[[], None] = lambda: None
    name: str = "a neighbour"
    letters: list[Letter] = field(default_factory=list)
    tries: int = 0

    def deliver(self, letter: Letter) -> None:
        self.tries += 1
        self.first()
        self.letters.append(letter)


def test_letters_keep_their_order_and_reach_everybody() -> None:
    neighbours = [Neighbour(), Neighbour()]
    letters = [Letter(MESSAGE, "school.example", NOW, str(number)) for number in range(20)]
    with Outbox() as outbox:
        for letter in letters:
            outbox.post(letter, neighbours)

    assert [each.letters for each in neighbours] == [letters, letters]


@pytest.mark.parametrize("error", [NotDelivered("gone"), RuntimeError("hunter2")])
def test_a_letter_that_does_not_arrive_is_tried_again_and_then_dropped(error: Exception) -> None:
    def fail() -> None:
        raise error

    enough = threading.Event()
    unlucky, lucky = Neighbour(fail), Neighbour(enough.set)
    with capture_logs() as logs, Outbox(pause=0.0) as outbox:
        outbox.post(LETTER, [unlucky, lucky])
        assert enough.wait(SECONDS)

    assert unlucky.tries == TRIES
    assert lucky.letters == [LETTER]
    assert [each["event"] for each in logs] == ["not told"] * TRIES
    assert "hunter2" not in str(logs)


def test_a_full_queue_drops_the_letter_and_holds_up_nobody() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def dawdle() -> None:
        begun.set()
        assert go_on.wait(SECONDS)

    slow = Neighbour(dawdle)
    with capture_logs() as logs, Outbox(room=1) as outbox:
        outbox.post(LETTER, [slow])
        assert begun.wait(SECONDS)
        outbox.post(LETTER, [slow])
        outbox.post(LETTER, [slow])
        go_on.set()

    assert len(slow.letters) == 2
    assert [each["event"] for each in logs] == ["nobody is told: too much is waiting"]


def test_the_end_does_not_wait_for_another_try() -> None:
    def fail() -> None:
        raise NotDelivered("gone")

    unlucky = Neighbour(fail)
    with capture_logs(), Outbox(pause=10 * SECONDS) as outbox:
        outbox.post(LETTER, [unlucky])

    assert unlucky.tries == 1


def test_no_letter_shows_an_address(office: PostOffice) -> None:
    assert office.url not in repr(webhook(office.url))
