"""A repository of files that ask for signed commits, and the people who sign them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.config.files import Loaded, load
from reconciler.errors import ConfigError

needs_git = pytest.mark.skipif(
    shutil.which("git") is None or shutil.which("ssh-keygen") is None,
    reason="asks real git and ssh-keygen, and one of them is not installed",
)

HEAD = "version: 1\nmode: observe\n"
MAIN = f"{HEAD}require_signed_commits: ../allowed_signers\ninclude: [parts/*.yaml]\n"
PART = "collections: [{name: Biology 101, shares: [{user: 102}]}]\n"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - git and ssh-keygen, in folders of this test
        [str(each) for each in command],
        cwd=cwd,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@dataclass(frozen=True)
class Repository:
    """A checkout with a file that asks for signed commits; its signers are listed beside it."""

    folder: Path

    @property
    def signers(self) -> Path:
        return self.folder.parent / "allowed_signers"

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@school.edu")
        return run("git", *who, *arguments, cwd=self.folder)

    def key(self, name: str) -> Path:
        """A key pair of that name, made at its first use."""
        path = self.folder.parent / name
        if not path.exists():
            kind = ("-q", "-t", "ed25519", "-N", "", "-C", name)
            run("ssh-keygen", *kind, "-f", path, cwd=self.folder.parent)
        return path

    def trust(self, *names: str) -> None:
        lines = (
            f'{name}@school.edu namespaces="git" {self.key(name).with_suffix(".pub").read_text()}'
            for name in names
        )
        self.signers.write_text("".join(lines))

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, *, by: str | None) -> str:
        self.git("add", "--all")
        signed = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={self.key(by)}") if by else ()
        how = "--gpg-sign" if by else "--no-gpg-sign"
        self.git(*signed, "commit", "--quiet", "--allow-empty", "--message", "x", how)
        return self.git("rev-parse", "HEAD").strip()

    def load(self, **environment: str) -> Loaded:
        return load(self.folder / "config.yaml", environment=environment, sandbox=True)

    def refusal(self, **environment: str) -> list[str]:
        """What is said against loading it, one line for each problem."""
        with pytest.raises(ConfigError) as refused:
            self.load(**environment)
        return [str(each) for each in refused.value.problems]


def signed_repository(folder: Path) -> Repository:
    """A commit that Ada, who is listed, has signed."""
    made = Repository(folder / "repository")
    made.folder.mkdir()
    made.git("init", "--quiet")
    made.trust("ada")
    made.write("config.yaml", MAIN)
    made.write("parts/biology.yaml", PART)
    made.commit(by="ada")
    return made
