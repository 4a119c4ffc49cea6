"""Signed commits, asked for by the file: whose signature counts, and what else it vouches for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.config.files import load
from tests.config.signed import HEAD, MAIN, PART, Repository, needs_git, signed_repository

pytestmark = needs_git


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return signed_repository(tmp_path)


def test_what_a_listed_signer_signed_is_loaded(repository: Repository) -> None:
    assert [each.name for each in repository.load().declarations.collections] == ["Biology 101"]


def test_a_link_to_the_checkout_is_as_good(repository: Repository) -> None:
    link = repository.folder.parent / "current"
    link.symlink_to(repository.folder)

    assert load(link / "config.yaml", environment={}, sandbox=True).commit


@pytest.mark.parametrize("by", [None, "mallory"], ids=["unsigned", "a stranger's"])
def test_any_other_commit_is_refused_at_the_key(repository: Repository, by: str | None) -> None:
    commit = repository.commit(by=by)

    (told,) = repository.refusal()

    assert told.startswith(f"{repository.folder}/config.yaml:3:25: commit {commit[:12]} carries no")
    assert "gpg.format ssh" in told


def test_a_signer_who_is_listed_no_more_counts_no_more(repository: Repository) -> None:
    repository.trust("grace")
    assert repository.refusal()
    repository.commit(by="grace")
    repository.load()


def test_a_signature_for_something_else_than_git_is_none(repository: Repository) -> None:
    listed = repository.signers.read_text().replace('namespaces="git"', 'namespaces="file"')
    repository.signers.write_text(listed)

    assert repository.refusal()


@pytest.mark.parametrize("by", [None, "mallory"], ids=["unsigned", "a stranger's"])
@pytest.mark.parametrize(
    "setting",
    ["gpg.ssh.program=true", "gpg.program=true", "gpg.format=openpgp", "gpg.minTrustLevel=never"],
)
def test_no_setting_of_the_checkout_lets_anything_in(
    repository: Repository, setting: str, by: str | None
) -> None:
    repository.commit(by=by)
    repository.git("config", *setting.split("="))

    assert repository.refusal()


def test_a_signature_of_another_kind_is_none(repository: Repository) -> None:
    # A program that calls any OpenPGP signature good, as a key ring of this user might.
    yes = repository.folder.parent / "yes"
    status = r"\n[GNUPG:] GOODSIG 0123456789ABCDEF Ada\n[GNUPG:] TRUST_ULTIMATE 0 pgp\n"
    yes.write_text(f"#!/bin/sh\ncat >/dev/null\nprintf '{status}'\n", encoding="ascii")
    yes.chmod(0o755)
    raw = repository.git("cat-file", "commit", repository.commit(by=None))
    head, _, body = raw.partition("\n\n")
    pgp = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----"
    (repository.folder.parent / "raw").write_text(f"{head}\n{pgp}\n\n{body}", encoding="utf-8")
    forged = repository.git("hash-object", "-t", "commit", "-w", "../raw").strip()
    repository.git("config", "gpg.program", str(yes))
    repository.git("update-ref", "HEAD", forged)
    repository.git("verify-commit", "HEAD")  # git itself would take it

    assert "carries no good SSH signature" in repository.refusal()[0]


def edit(repository: Repository) -> None:
    repository.write("parts/biology.yaml", PART.replace("102", "999"))


def edit_main(repository: Repository) -> None:
    repository.write("config.yaml", MAIN.replace("observe", "authoritative"))


def add(repository: Repository) -> None:
    repository.write("parts/more.yaml", "collections: [{name: Field Work, shares: []}]\n")


def take_away(repository: Repository) -> None:
    repository.write("parts/more.yaml", "collections: []\n")
    repository.commit(by="ada")
    (repository.folder / "parts" / "more.yaml").unlink()


def hide(repository: Repository) -> None:
    edit(repository)
    repository.git("update-index", "--assume-unchanged", "parts/biology.yaml")


def stage(repository: Repository) -> None:
    edit(repository)
    repository.git("add", "--all")


def link(repository: Repository) -> None:
    (repository.folder / "parts" / "biology.yaml").unlink()
    (repository.folder / "parts" / "biology.yaml").symlink_to("../other")
    repository.write("other", PART)
    repository.commit(by="ada")
    repository.write("other", PART.replace("102", "999"))


def replace(repository: Repository) -> None:
    edit(repository)
    signed = repository.git("rev-parse", "HEAD").strip()
    other = repository.commit(by=None)
    repository.git("update-ref", "HEAD", signed)
    repository.git("replace", signed, other)


@pytest.mark.parametrize(
    "act",
    [edit, edit_main, add, take_away, hide, stage, link, replace],
    ids=lambda act: act.__name__,
)
def test_what_the_commit_does_not_hold_is_refused(
    repository: Repository, act: Callable[[Repository], None]
) -> None:
    act(repository)

    (told,) = repository.refusal()

    assert "git restore" in told


def test_files_that_nobody_includes_may_be_as_they_like(repository: Repository) -> None:
    repository.write("notes.txt", "not for the program")

    repository.load()


@pytest.mark.parametrize("place", ["allowed_signers", "way/out", ".git/allowed_signers"])
def test_a_commit_cannot_say_whom_to_trust(repository: Repository, place: str) -> None:
    (repository.folder / "way").symlink_to("..")
    (repository.folder.parent / "out").write_text(repository.signers.read_text())
    shutil.copy(repository.signers, repository.folder / place)
    repository.write("config.yaml", MAIN.replace("../allowed_signers", place))
    repository.commit(by="ada")

    (told,) = repository.refusal()

    assert "keep it outside" in told


def test_a_list_that_is_not_there_says_how_to_write_one(repository: Repository) -> None:
    repository.signers.unlink()

    (told,) = repository.refusal()

    assert 'namespaces="git" ssh-ed25519' in told


def test_a_file_outside_of_git_is_no_commit_s(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(MAIN.replace("include: [parts/*.yaml]\n", ""))

    (told,) = Repository(tmp_path).refusal()

    assert "check it out with git" in told


@pytest.mark.parametrize("missing", ["git", "ssh-keygen"])
def test_without_the_programs_nothing_is_taken_on_trust(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    folder = repository.folder.parent / "bin"
    folder.mkdir()
    for name in {"git", "ssh-keygen"} - {missing}:
        (folder / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(folder))

    (told,) = repository.refusal()

    assert "install both" in told


def test_the_environment_asks_whatever_the_file_says(repository: Repository) -> None:
    repository.write("config.yaml", HEAD)
    repository.commit(by="mallory")
    repository.load()

    asked = {"RECONCILER_REQUIRE_SIGNED_COMMITS": str(repository.signers)}
    (told,) = repository.refusal(**asked)

    assert ":1:1: commit" in told
    repository.commit(by="ada")
    repository.load(**asked)


def test_control_characters_are_no_path(repository: Repository) -> None:
    repository.write("config.yaml", f'{HEAD}require_signed_commits: "a\\nb"\n')

    assert "control character" in repository.refusal()[0]
