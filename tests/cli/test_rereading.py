"""The daemon's files where commits are to be signed: the ones in force judge the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli.rereading import Rereading
from reconciler.config.files import Loaded, Texts
from reconciler.daemon.goodfile import Changed, Kept, LastGood, Unchanged
from reconciler.errors import ConfigError
from tests.config.signed import HEAD, PART, Repository, needs_git, signed_repository

pytestmark = needs_git
OTHERWISE = PART.replace("102", "103")


@dataclass
class Shelf:
    """Texts that outlive a daemon."""

    texts: Texts | None = None

    def save(self, texts: Texts) -> None:
        self.texts = Texts(texts.path, texts.root, texts.files, kept=True)

    def recall(self) -> Texts | None:
        return self.texts


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return signed_repository(tmp_path)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def start(repository: Repository, shelf: Shelf) -> LastGood[Texts, Loaded]:
    path = repository.folder / "config.yaml"
    return LastGood(Rereading(path, sandbox=True).source(), lambda _: shelf)


def test_a_commit_that_nobody_listed_signed_leaves_the_last_good_file_in_force(
    repository: Repository, shelf: Shelf
) -> None:
    good = start(repository, shelf)
    before = good.in_force
    repository.write("parts/biology.yaml", OTHERWISE)
    repository.commit(by="mallory")

    assert isinstance(good.reload(), Kept)
    assert good.in_force is before
    assert "carries no good SSH signature" in good.problems[0].message


@pytest.mark.parametrize(
    "main",
    [HEAD, f"{HEAD}require_signed_commits: ../mallorys\n"],
    ids=["takes the key away", "names a list of its own"],
)
def test_a_stranger_s_commit_cannot_let_itself_in(
    repository: Repository, shelf: Shelf, main: str
) -> None:
    good = start(repository, shelf)
    repository.trust("mallory")
    repository.signers.rename(repository.folder.parent / "mallorys")
    repository.trust("ada")
    repository.write("config.yaml", main)
    repository.commit(by="mallory")
    repository.load()

    assert isinstance(good.reload(), Kept)
    repository.commit(by="ada")
    assert isinstance(good.retry(), Changed) == ("mallorys" not in main)


def test_a_signature_that_comes_late_is_seen_though_no_file_changed(
    repository: Repository, shelf: Shelf
) -> None:
    good = start(repository, shelf)
    repository.write("parts/biology.yaml", OTHERWISE)
    repository.commit(by=None)
    assert isinstance(good.reload(), Kept)
    assert isinstance(good.retry(), Kept)

    repository.commit(by="ada")

    assert isinstance(good.retry(), Changed)
    assert good.problems == ()


def test_files_that_say_the_same_are_still_asked_who_signed_them(
    repository: Repository, shelf: Shelf
) -> None:
    good = start(repository, shelf)
    declared = good.in_force.declarations
    repository.commit(by="mallory")
    assert isinstance(good.reload(), Kept)
    repository.trust("ada", "mallory")
    assert isinstance(good.retry(), Unchanged)
    assert good.in_force.declarations is declared
    repository.trust("ada")
    assert isinstance(good.reload(), Kept)


def test_after_a_restart_what_was_signed_once_is_in_force_again(
    repository: Repository, shelf: Shelf
) -> None:
    digest = start(repository, shelf).in_force.digest
    repository.write("parts/biology.yaml", OTHERWISE)
    repository.commit(by="mallory")

    again = start(repository, shelf)

    assert (again.in_force.digest, again.in_force.commit) == (digest, None)
    assert again.problems
    repository.git("checkout", "--quiet", "HEAD~")
    assert isinstance(again.reload(), Unchanged)


def test_without_one_that_was_ever_signed_there_is_nothing_to_run(
    repository: Repository, shelf: Shelf
) -> None:
    repository.commit(by="mallory")

    with pytest.raises(ConfigError, match="no good SSH signature"):
        start(repository, shelf)
