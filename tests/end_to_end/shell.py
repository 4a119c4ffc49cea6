"""A person at a shell: a folder, a clean environment, and the command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from tests.end_to_end.fake_studio import REFRESH, TOKEN
from tests.patience import PATIENCE

COMMAND = Path(sys.executable).with_name("reconciler")
CLIENT_SECRET = "cli-5ecret-90bd44"


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is
        return json.loads(self.out)


@dataclass
class Shell:
    """Runs commands in a folder. None may ever show a token or a traceback."""

    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: {"STUDIO_ACCESS_TOKEN": TOKEN})
    state_holds_tokens: bool = False

    def __call__(self, *arguments: str | Path, stdin: str | None = None, **environment: str) -> Ran:
        """Run the command as installed, without a terminal."""
        done = subprocess.run(  # noqa: S603 - our own command
            [COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env={"PATH": os.defpath, **self.environment, **environment},
            input=stdin if stdin is not None else "",
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        return checked(Ran(done.returncode, done.stdout, done.stderr))

    @contextmanager
    def left_running(
        self, *arguments: str, into: IO[str] | int = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[str]]:
        """The command as a process that lasts as long as the block, at most."""
        with subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=into,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def write(self, text: str, name: str = "config.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def keeps_no_secret(self) -> bool:
        """Whether no file in the folder holds a token, but for a state that has to."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        if self.state_holds_tokens:
            files = (path for path in files if not path.name.startswith("reconciler.db"))
        return not any(TOKEN.encode() in path.read_bytes() for path in files)


class QuickShell(Shell):
    """The same in this process, where what is asked is not about processes: nothing to wait for."""

    def __call__(self, *arguments: str | Path, stdin: str | None = None, **environment: str) -> Ran:
        from reconciler.cli.main import run  # noqa: PLC0415 - the installed command needs none of it

        out, err = _captured(), _captured()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in {**self.environment, **environment}.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(sys, "stdin", io.StringIO(stdin or ""))
            status = run([str(each) for each in arguments])
        return checked(Ran(status, _text(out), _text(err)))


def _captured() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")


def checked(ran: Ran) -> Ran:
    """What holds of every command, whatever it does."""
    for text in (ran.out, ran.err):
        assert TOKEN not in text
        assert REFRESH not in text
        assert CLIENT_SECRET not in text
        assert "Traceback" not in text
        assert "a bug in reconciler" not in text
    return ran


def config(url: str, collections: str, *, mode: str = "authoritative", more: str = "") -> str:
    """A whole file about the tenant at this address."""
    parts = (
        f"version: 1\nmode: {mode}\n",
        f"studio:\n  url: {url}\n",
        "  auth: {access_token: {env: STUDIO_ACCESS_TOKEN}}\n",
        "  requests_per_second: 1000\n",
        textwrap.dedent(more),
        "collections:\n",
        textwrap.indent(textwrap.dedent(collections).strip("\n"), "  "),
        "\n",
    )
    return "".join(parts)
