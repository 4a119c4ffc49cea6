"""The `notify` section: who is told, and nothing of their addresses in any message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.config.settings import AppriseService, Notified, Webhook, WrittenUrl
from tests.config.given import loaded, told

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def notified(folder: Path, *entries: str) -> tuple[Notified, ...]:
    return loaded(folder, "notify:\n" + "".join(f"- {each}\n" for each in entries)).settings.notify


def test_nobody_is_told_unless_asked_for(tmp_path: Path) -> None:
    assert loaded(tmp_path).settings.notify == ()


def test_a_webhook_has_a_url_and_may_have_a_secret(tmp_path: Path) -> None:
    plain, signed, secret = notified(
        tmp_path,
        "webhook: {url: https://hooks.school.edu/a?b=c}",
        "webhook: {url: https://hooks.school.edu, secret: {env: NOTIFY_SECRET}}",
        "webhook: {url: {file: hook}}",
    )

    assert plain == Webhook(WrittenUrl("https://hooks.school.edu/a?b=c"))
    assert isinstance(signed, Webhook)
    assert signed.secret is not None
    assert signed.secret.read({"NOTIFY_SECRET": "hunter2"}).reveal() == "hunter2"
    assert isinstance(secret, Webhook)
    assert not isinstance(secret.url, WrittenUrl)
    assert secret.url.file == tmp_path / "hook"


def test_an_apprise_url_is_a_secret(tmp_path: Path) -> None:
    (service,) = notified(tmp_path, "apprise: {env: NOTIFY_APPRISE}")

    assert isinstance(service, AppriseService)
    assert service.url.env == "NOTIFY_APPRISE"
    assert told(tmp_path, "notify: [{apprise: slack://hunter2}]") == [
        "1:20: apprise is a secret and does not belong in a file; write {env: NAME} or {file: PATH}"
    ]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/hook", "http://[::1]/hook", "http://localhost"]
)
def test_http_goes_no_further_than_this_machine(tmp_path: Path, url: str) -> None:
    assert notified(tmp_path, f'webhook: {{url: "{url}"}}') == (Webhook(WrittenUrl(url)),)


BAD_URLS = [
    pytest.param("http://hooks.school.edu/hunter2", "must be https", id="in-the-clear"),
    pytest.param("https://ada:hunter2@school.edu", "must not hold a name", id="password"),
    pytest.param("ftp://school.edu/hunter2", "must be a URL", id="scheme"),
    pytest.param("hunter2", "must be a URL", id="no-url"),
    pytest.param("https://", "must be a URL", id="no-host"),
    pytest.param("https://school.edu/hunter 2", "must be a URL", id="blank"),
    pytest.param("https://school_.edu/hunter2", "has a host that cannot be", id="host"),
    pytest.param("https://school.edu:hunter2", "is not a URL", id="port"),
]


@pytest.mark.parametrize(("url", "why"), BAD_URLS)
def test_a_url_that_cannot_be_used_is_refused_unrepeated(
    tmp_path: Path, url: str, why: str
) -> None:
    (problem,) = told(tmp_path, f'notify: [{{webhook: {{url: "{url}"}}}}]')

    assert problem.startswith(f"1:26: url {why}")
    assert "hunter2" not in problem


BAD_ENTRIES = [
    pytest.param("{}", ["1:10: an entry of notify is either"], id="neither"),
    pytest.param(
        "{webhook: {url: https://a.example}, apprise: {env: A}}",
        ["1:10: an entry of notify is either"],
        id="both",
    ),
    pytest.param("{webhook: {}}", ['1:20: webhook needs the key "url"'], id="no-url"),
    pytest.param(
        "{webhook: {url: https://a.example, secret: hunter2}}",
        ["1:53: secret is a secret"],
        id="written-secret",
    ),
    pytest.param("{web_hook: {url: x}}", ['1:11: unknown key "web_hook"'], id="slip"),
]


@pytest.mark.parametrize(("entry", "expected"), BAD_ENTRIES)
def test_an_entry_is_one_thing_and_whole(tmp_path: Path, entry: str, expected: list[str]) -> None:
    problems = told(tmp_path, f"notify: [{entry}]")

    assert problems[0].startswith(expected[0])
    assert "hunter2" not in "".join(problems)


def test_no_address_shows_in_a_repr(tmp_path: Path) -> None:
    entries = notified(tmp_path, "webhook: {url: https://hooks.school.edu/hunter2}")

    assert "hunter2" not in repr(entries)


def test_the_example_s_comment_holds(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    block = re.search(r"(?m)^# notify:\n(?:# .*\n)+", text)
    assert block is not None
    written = re.sub(r"(?m)^# ", "", block[0])

    found = loaded(tmp_path, written).settings.notify

    assert [type(each) for each in found] == [Webhook, Webhook, AppriseService]
