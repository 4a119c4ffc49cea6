"""The real daemon on the sandbox: what it tells a webhook while files change under it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.daemon.post_office import SECONDS, PostOffice, post_office

HEAD = "version: 1\nmode: authoritative\nnotify: [{{webhook: {{url: {url}}}}}]\n"
EMPTY = "collections: [{name: Biology 101, id: 4711, shares: []}]\n"
AGREED = (
    "collections:\n- name: Biology 101\n  id: 4711\n"
    "  shares: [{group: 7}, {user: 103}, {user: 106, permission: edit}]\n"
)


@contextmanager
def daemon(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "reconciler", "-q", "-q", "-c", str(config), "--sandbox"]
    with subprocess.Popen(  # noqa: S603
        [*command, "run"], env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS)


def heard(office: PostOffice) -> tuple[str, str]:
    letter = json.loads(office.next().body)
    assert letter["tenant"] == "sandbox"
    return letter["topic"], letter["turn"]


def test_a_hold_and_a_broken_file_are_told_and_so_is_the_end_of_both(tmp_path: Path) -> None:
    with post_office() as office:
        head = HEAD.format(url=office.url)
        config = tmp_path / "config.yaml"
        config.write_text(head + EMPTY)
        with daemon(config) as process:
            assert heard(office) == ("held", "raised")

            config.write_text(head + "collections: nonsense\n")
            process.send_signal(signal.SIGHUP)
            assert heard(office) == ("config", "raised")

            config.write_text(head + AGREED)
            process.send_signal(signal.SIGHUP)
            assert heard(office) == ("config", "recovered")
            assert heard(office) == ("held", "recovered")
        assert process.returncode == 0
        assert office.received.empty()
