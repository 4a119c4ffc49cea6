"""`demo`: the whole story on the sandbox, told by the real commands."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import shared_options
from reconciler.cli.terminal import colour_wanted, write_out

if TYPE_CHECKING:
    from reconciler.sandbox.tenant import Tenant

CONFIG = "config.yaml"
TENANT = "reconciler.sandbox.json"


@click.command("demo")
@shared_options
def demo_command() -> int:
    r"""
    See the whole story on the sandbox, in under a minute.

    Every command shown is run for real, in a folder that is thrown away
    afterwards: plan, apply, somebody drifts, heal, a guard holds, undo.

    \b
    Example:
      reconciler demo
    """
    with (
        tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder,
        contextlib.chdir(folder),
    ):
        return _Story().tell()


class _Story:
    """The acts in order. Each says what it expects; another ending fails the demo."""

    def tell(self) -> int:
        for act in (
            self._begin,
            self._apply,
            self._agree,
            self._drift,
            self._slip,
            self._mend,
            self._regret,
        ):
            act()
        _say("That is all there is to it. Your own school: reconciler init")
        return 0

    def _begin(self) -> None:
        _say("A file says who shares what. This is the one for our little school:")
        text = files("reconciler.cli").joinpath("demo.yaml").read_text(encoding="utf-8")
        Path(CONFIG).write_text(text, encoding="utf-8")
        write_out("".join(f"    {line}\n" for line in text.splitlines()))
        _say("The plan: what Studio has, compared with what the file wants. Nothing is written.")
        _run("plan", expect=0)

    def _apply(self) -> None:
        _say("It looks right, so it is carried out:")
        _run("apply", "--yes", expect=0)

    def _agree(self) -> None:
        _say("Planned again, there is nothing left to do:")
        _run("plan", "--detailed-exitcode", expect=0)

    def _drift(self) -> None:
        _say("Weeks later somebody shares by hand, and somebody else is dropped by mistake:")
        with _by_hand("Biology 101") as (tenant, id):
            tenant.share(id, ("user", 106), "edit")
            tenant.unshare(id, ("user", 103))
        write_out("    (in Studio: sam@school.edu may edit Biology 101, lin@school.edu is out)\n")
        _say("The next pass of the daemon, or of cron, heals it:")
        _run("run", "--once", expect=0)

    def _slip(self) -> None:
        _say("A careless edit: half the shares of Chemistry Lab Recordings are gone from the file.")
        config = Path(CONFIG)
        careful = config.read_text(encoding="utf-8")
        before, entry, after = careful.partition("  - name: Chemistry Lab Recordings\n")
        mine, gap, others = after.partition("\n\n")
        kept = "\n".join(line for line in mine.split("\n") if "{user: " not in line)
        config.write_text(before + entry + kept + gap + others, encoding="utf-8")
        _run("apply", "--yes", expect=3)
        config.write_text(careful, encoding="utf-8")
        _say("The guard held it and nothing was taken from anybody. The edit is put right:")

    def _mend(self) -> None:
        _run("plan", "--detailed-exitcode", expect=0)

    def _regret(self) -> None:
        _say("Another edit goes through, and was meant for another collection:")
        config = Path(CONFIG)
        careful = config.read_text(encoding="utf-8")
        config.write_text(f"{careful}      - {{user: mia@school.edu}}\n", encoding="utf-8")
        _run("apply", "--yes", expect=0)
        config.write_text(careful, encoding="utf-8")
        _say("It comes out of the file again, and what its pass did is taken back:")
        _run("undo", _newest_pass(), "--yes", expect=0)
        _run("plan", "--detailed-exitcode", expect=0)


def _say(text: str) -> None:
    write_out("\n" + (click.style(text, bold=True) if colour_wanted() else text) + "\n")


def _run(*arguments: str, expect: int) -> None:
    """Run a command in this process, as the shell would, and check how it ends."""
    from reconciler.cli.main import run  # noqa: PLC0415 - main imports us

    whole = ("--sandbox", *arguments)
    write_out(f"\n$ reconciler {join(whole)}\n")
    status = run(whole)
    write_out(f"(exit status {status})\n")
    if status != expect:
        raise SystemExit(1)


def _newest_pass() -> str:
    from reconciler.cli.main import run  # noqa: PLC0415 - main imports us

    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        run(("--sandbox", "history", "--limit", "1", "--format", "json"))
    return str(json.loads(told.getvalue())["passes"][0]["pass_id"])


@contextlib.contextmanager
def _by_hand(name: str) -> Iterator[tuple[Tenant, int]]:
    from reconciler.sandbox.store import open_tenant  # noqa: PLC0415 - not for --help

    tenant = open_tenant(Path(TENANT))
    id = next(id for id, each in tenant.collections().items() if each.name == name)
    yield tenant, id
