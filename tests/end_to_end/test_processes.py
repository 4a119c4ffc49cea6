"""The installed command as a process: a terminal, signals, other processes, other locales."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import threading
import time

import pytest

from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import COMMAND, Shell, config
from tests.patience import PATIENCE, until

ROWS = """
- name: Biology 101
  shares: [{user: lin@school.edu}, {user: omar@school.edu, permission: edit}]
- name: Chemistry
  shares: [{user: grace@school.edu, permission: edit}]
"""
AGREED = "- {name: Chemistry, shares: [{user: 102}]}\n"


def at_a_terminal(
    shell: Shell, *arguments: str, answer: str = "", **environment: str
) -> tuple[int, str]:
    """Run the command on a terminal, answer its first question; its status and all it showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(shell.folder)
        os.execve(  # noqa: S606
            COMMAND,
            [str(COMMAND), *arguments],
            {"PATH": os.defpath, "TERM": "xterm", **shell.environment, **environment},
        )
    seen, until, to_say = b"", time.monotonic() + PATIENCE, answer
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
        if to_say and b"?" in seen:
            os.write(terminal, to_say.encode())
            to_say = ""
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), seen.decode()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("y\n", 0),
        (" YES \n", 0),
        ("n\n", 1),
        ("\n", 1),
        ("why?\nno\n", 1),
        ("\x04", 130),
        *[("\x03", 130)] * 8,
    ],
)
def test_a_person_is_asked(installed: Shell, studio: FakeStudio, answer: str, status: int) -> None:
    installed.write(config(studio.url, ROWS))
    before = dict(studio.shares(4711))
    ended, screen = at_a_terminal(installed, "apply", answer=answer)
    assert ended == status, screen
    assert "Biology 101" in screen
    assert "1 person is raised to edit" in screen.partition("Carry this out?")[0]
    assert "Traceback" not in screen
    assert (studio.shares(4711) == before) == (status != 0)


def test_where_nothing_can_be_done_nobody_is_asked(installed: Shell, studio: FakeStudio) -> None:
    installed.write(config(studio.url, AGREED))
    status, screen = at_a_terminal(installed, "apply")
    assert status == 0
    assert "?" not in screen


def test_a_terminal_has_colour_unless_it_is_not_wanted(
    installed: Shell, studio: FakeStudio
) -> None:
    installed.write(config(studio.url, ROWS))
    colour = re.compile(r"\x1b\[[\d;]*m")
    assert colour.search(at_a_terminal(installed, "plan")[1])
    assert not colour.search(at_a_terminal(installed, "plan", NO_COLOR="1")[1])
    assert not colour.search(at_a_terminal(installed, "plan", TERM="dumb")[1])


def test_progress_shows_on_a_terminal_and_never_in_a_pipe(
    installed: Shell, studio: FakeStudio
) -> None:
    def slow(call: Call) -> Answer | None:
        if call.path.endswith("/permissions"):
            time.sleep(0.6)
        return None

    studio.spoil = slow
    installed.write(config(studio.url, ROWS).replace("  auth", "  concurrency: 1\n  auth"))
    _, screen = at_a_terminal(installed, "plan", NO_COLOR="1")
    assert re.search(r"permissions +\d/2", screen)
    ran = installed("plan")
    assert (ran.status, ran.err) == (0, "")
    assert "\r" not in ran.out


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_any_locale_can_be_written_to(installed: Shell, studio: FakeStudio, locale: str) -> None:
    studio.put(5000, "Größe 学 \U0001f600", shares={("user", 102): "view"})
    installed.write(config(studio.url, '- {name: "Größe 学 \U0001f600", shares: [{user: 103}]}\n'))
    utf8 = "1" if locale == "C.UTF-8" else "0"
    ran = installed("plan", LC_ALL=locale, PYTHONUTF8=utf8, PYTHONCOERCECLOCALE="0")
    assert ran.status == 0
    ran = installed("plan", "--out", "plan.json", LC_ALL=locale, PYTHONUTF8=utf8)
    assert ran.status == 0
    assert "学" in (installed.folder / "plan.json").read_text(encoding="utf-8")


def test_the_first_signal_finishes_the_request_in_hand(
    installed: Shell, studio: FakeStudio
) -> None:
    def slow(call: Call) -> Answer | None:
        if call.is_write:
            time.sleep(1)
        return None

    studio.spoil = slow
    text = config(studio.url, ROWS).replace("  auth", "  batch_size: 1\n  concurrency: 1\n  auth")
    installed.write(text)
    with installed.left_running("apply", "--yes", "--format", "json") as process:
        until(lambda: len(studio.writes) == 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert len(studio.writes) == 1
    assert out.count('"outcome": "applied"') == 1
    assert installed("apply", "--yes").status == 0
    assert installed("plan", "--detailed-exitcode").status == 0


def test_a_pass_that_was_killed_is_made_good_by_the_next(
    installed: Shell, studio: FakeStudio
) -> None:
    killed: list[subprocess.Popen[str]] = []

    def kill(call: Call) -> Answer | None:
        if call.route == "POST /collections" and killed:
            killed.pop().kill()
        return None

    studio.spoil = kill
    rows = "- {name: Field Work, shares: [{user: 102}]}\n" + ROWS
    installed.write(config(studio.url, rows).replace("  auth", "  timeout: 1s\n  auth"))
    with installed.left_running("apply", "--yes") as process:
        killed.append(process)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    ran = installed("apply", "--yes")
    assert ran.status == 0, ran
    assert [each.name for each in studio.collections.values()].count("Field Work") == 1
    assert installed("plan", "--detailed-exitcode").status == 0


def held_up(studio: FakeStudio) -> threading.Event:
    """Let every write wait for the event."""
    waited = threading.Event()

    def slow(call: Call) -> Answer | None:
        if call.is_write:
            waited.wait(PATIENCE)
        return None

    studio.spoil = slow
    return waited


def test_one_pass_at_a_time_writes(installed: Shell, studio: FakeStudio) -> None:
    waited = held_up(studio)
    installed.write(config(studio.url, ROWS))
    with installed.left_running("apply", "--yes") as first:
        until(lambda: bool(studio.writes))
        with installed.left_running("apply", "--yes") as second:
            assert second.stderr is not None
            told = second.stderr.readline()
            waited.set()
            second.communicate(timeout=PATIENCE)
        first.communicate(timeout=PATIENCE)
    assert (first.returncode, second.returncode) == (0, 0)
    assert re.search(rf"pass in hand: \S+:{first.pid}, since \d{{4}}-", told)
    assert len(studio.writes) == 2


def test_a_second_signal_ends_it_at_once(installed: Shell, studio: FakeStudio) -> None:
    let_go = threading.Event()

    def never(call: Call) -> Answer | None:
        if call.is_write:
            let_go.wait(PATIENCE)
        return None

    studio.spoil = never
    installed.write(config(studio.url, ROWS))
    with installed.left_running("apply", "--yes") as process:
        until(lambda: bool(studio.writes))
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        _, err = process.communicate(timeout=PATIENCE)
    let_go.set()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert installed("apply", "--yes").status == 0
    assert installed("plan", "--detailed-exitcode").status == 0


def test_where_nobody_sees_the_plan_nothing_is_done(installed: Shell, studio: FakeStudio) -> None:
    installed.write(config(studio.url, ROWS))
    with installed.left_running("apply", "--yes") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(PATIENCE) == 1
        assert process.stderr.read() == ""
    assert studio.writes == []


def test_without_a_folder_to_remember_in_nothing_is_written(
    installed: Shell, studio: FakeStudio
) -> None:
    installed.write(config(studio.url, ROWS, more="state: nowhere/here/state.db\n"))
    assert installed("plan").status == 0
    ran = installed("apply", "--yes")
    assert (ran.status, ran.out) == (1, "")
    assert "nowhere/here" in ran.err
    assert studio.writes == []


def test_a_state_that_is_none_stops_writing_and_not_looking(
    installed: Shell, studio: FakeStudio
) -> None:
    installed.write(config(studio.url, ROWS))
    (installed.folder / "reconciler.db").write_text("this is no database at all\n" * 100)
    plan = installed("plan", "--format", "json")
    assert plan.status == 0
    assert [each["code"] for each in plan.json["warnings"]] == ["state-unusable"]
    ran = installed("apply", "--yes")
    assert (ran.status, ran.out) == (1, "")
    assert "reconciler.db" in ran.err
    assert studio.writes == []


def test_told_twice_to_say_more_it_logs_every_request(installed: Shell, studio: FakeStudio) -> None:
    installed.write(config(studio.url, ROWS))
    ran = installed("-v", "plan", "-v", "--log-format", "json")
    told = [json.loads(line) for line in ran.err.splitlines()]
    requests = [(each["route"], each["status"]) for each in told if each["event"] == "request"]
    assert len(requests) == len(studio.calls)
    assert ("GET /collections/{id}/permissions", "200") in requests
    assert ran.out.startswith(studio.url)
    assert installed("plan").err == ""


def test_a_daemon_tells_in_its_log_whom_it_waits_for(installed: Shell, studio: FakeStudio) -> None:
    waited = held_up(studio)
    installed.write(config(studio.url, ROWS))
    with installed.left_running("apply", "--yes") as first:
        until(lambda: bool(studio.writes))
        with installed.left_running("run", "--log-format", "json") as daemon:
            assert daemon.stderr is not None
            told = [json.loads(daemon.stderr.readline()) for _ in range(2)]
            waited.set()
            first.communicate(timeout=PATIENCE)
            daemon.terminate()
            daemon.communicate(timeout=PATIENCE)
    assert f":{first.pid}, since" in told[-1]["event"]
    assert daemon.returncode == 0
