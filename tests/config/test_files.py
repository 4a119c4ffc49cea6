"""Several files as one configuration: what is included, the digest, the commit."""

from __future__ import annotations

import gc
import shutil
import subprocess
from pathlib import Path

import pytest

from reconciler.config.checkout import commit_of
from reconciler.config.files import Loaded, gather, interpret, load
from reconciler.errors import ConfigError
from tests.config.given import HEAD


def put(folder: Path, **files: str) -> Path:
    """Write files by name (`__` is a slash, `.yaml` is added); `config` gets the head."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((HEAD if name == "config" else "") + text, encoding="utf-8")
    return folder / "config.yaml"


def sandboxed(path: Path) -> Loaded:
    return load(path, environment={}, sandbox=True)


def messages(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        sandboxed(path)
    return [str(problem) for problem in refused.value.problems]


COLLECTION = "collections: [{name: %s, shares: [{user: GH, term: fall}], share_sets: [staff]}]\n"


def test_what_one_file_defines_the_others_may_use(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        config="include: [parts/*.yaml]\n" + COLLECTION % "One",
        parts__a=COLLECTION % "Two",
        parts__b="terms: {fall: {until: 2026-12-18}}\nshare_sets: {staff: [{group: 7}]}\n",
        parts__c="directory: {users: {gh: 102}}\n",
    )

    found = sandboxed(path)

    sources = [each.source.short for each in found.declarations.collections]
    assert sources == ["config.yaml:4", "parts/a.yaml:1"]
    assert found.declarations.users == {"gh": 102}
    assert found.declarations.share_sets["staff"][0].source.path == "parts/b.yaml"
    names = ["config.yaml", "parts/a.yaml", "parts/b.yaml", "parts/c.yaml"]
    assert found.files == tuple(tmp_path / name for name in names)


def test_a_file_that_two_patterns_match_is_read_once(tmp_path: Path) -> None:
    path = put(tmp_path, config="include: [parts/a.yaml, parts/*.yaml]\n", parts__a="terms: {}\n")

    assert len(sandboxed(path).files) == 2


def test_the_main_file_does_not_include_itself(tmp_path: Path) -> None:
    path = put(tmp_path, config='include: ["*.yaml"]\n', other="collections: [{name: x}]\n")

    assert [each.name for each in sandboxed(path).files] == ["config.yaml", "other.yaml"]


def test_hidden_files_are_left_to_the_editor_that_keeps_them(tmp_path: Path) -> None:
    path = put(tmp_path, config="include: [parts/*.yaml]\n", parts__a="{}\n")
    (tmp_path / "parts" / ".#a.yaml").write_text("not: ours", encoding="utf-8")

    assert len(sandboxed(path).files) == 2


def test_folders_below_are_reached_by_two_stars(tmp_path: Path) -> None:
    path = put(
        tmp_path, config='include: ["parts/**/*.yaml"]\n', parts__a__b="{}\n", parts__c="{}\n"
    )

    assert len(sandboxed(path).files) == 3


NOTHING = ["none.yaml", "none/*.yaml", "config.yaml", ".", "parts", "[", "a\\tb", "**/**/*.x"]
NOTHING += ["x" * 300, "*/" * 2000 + "x"]


@pytest.mark.parametrize("pattern", NOTHING, ids=lambda pattern: pattern[:12])
def test_a_pattern_that_gives_nothing_is_told(tmp_path: Path, pattern: str) -> None:
    path = put(tmp_path, config=f'include: ["{pattern}"]\n', parts__a="{}\n")

    (message,) = messages(path)

    assert message.startswith(f"{path}:3:11: include ")


@pytest.mark.parametrize("pattern", ["../*.yaml", "/etc/*.conf", "parts/../../*.yaml"])
def test_a_pattern_stays_below_the_folder(tmp_path: Path, pattern: str) -> None:
    path = put(tmp_path, config=f"include: [{pattern}]\n", parts__a="{}\n")

    assert "leads out of this file's folder" in messages(path)[0]


def test_a_link_does_not_lead_out_either(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", secret="{}\n").parent / "secret.yaml"
    path = put(tmp_path / "inside", config="include: [parts/*.yaml]\n", parts__a="{}\n")
    (path.parent / "parts" / "b.yaml").symlink_to(outside)

    assert 'by the link "parts/b.yaml"' in messages(path)[0]


def test_a_mounted_config_map_is_read_through_its_links(tmp_path: Path) -> None:
    # As the kubelet lays it out: config.yaml -> ..data/config.yaml, ..data -> ..2026.
    put(tmp_path / "..2026", config="include: [part-*.yaml]\n")
    (tmp_path / "..2026" / "part-a.yaml").write_text("collections: [{name: x}]", encoding="utf-8")
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "config.yaml").symlink_to("..data/config.yaml")

    found = sandboxed(tmp_path / "config.yaml")

    assert found.declarations.collections[0].source.short == "part-a.yaml:1"
    assert found.folder == tmp_path / "..2026"
    assert found.path == tmp_path / "config.yaml"


def test_places_inside_stay_relative_wherever_it_is_read_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "conf", config="collections: [{name: x}]\n")
    monkeypatch.chdir(tmp_path)

    near = sandboxed(Path("conf/config.yaml"))

    assert near.declarations == sandboxed(tmp_path / "conf" / "config.yaml").declarations
    assert near.declarations.collections[0].source.short == "config.yaml:3"


def test_a_missing_file_is_told_with_the_remedy(tmp_path: Path) -> None:
    (message,) = messages(tmp_path / "config.yaml")

    assert message.startswith(f"{tmp_path}/config.yaml:1:1: there is no such file")
    assert "reconciler init" in message


def test_a_folder_or_a_circle_of_links_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "round.yaml").symlink_to("round.yaml")

    assert "cannot be read" in messages(tmp_path)[0]
    assert "check its links" in messages(tmp_path / "round.yaml")[0]


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    path = put(tmp_path, config="include: [parts/*.yaml]\n", parts__a="{}\n")
    first = gather(path).digest

    assert gather(path).digest == first == sandboxed(path).digest
    put(tmp_path, parts__a="terms: {}\n")
    second = gather(path).digest
    (tmp_path / "parts" / "a.yaml").rename(tmp_path / "parts" / "b.yaml")
    third = gather(path).digest

    assert len({first, second, third}) == 3
    assert first.startswith("sha256:")
    assert len(first) == len("sha256:") + 64


def test_texts_can_be_gathered_from_files_that_do_not_hold(tmp_path: Path) -> None:
    path = put(tmp_path, config="include: [\n")

    texts = gather(path)

    with pytest.raises(ConfigError):
        interpret(texts, environment={}, sandbox=True)
    assert [each.path for each in texts.files] == ["config.yaml"]


def test_texts_kept_are_understood_after_the_files_are_gone(tmp_path: Path) -> None:
    path = put(tmp_path, config="include: [a.yaml]\n", a="collections: [{name: x}]\n")
    texts = gather(path)
    shutil.rmtree(tmp_path)

    found = interpret(texts, environment={}, sandbox=True)

    assert [each.name for each in found.declarations.collections] == ["x"]


@pytest.mark.parametrize("enabled", [True, False], ids=["on", "off"])
def test_the_collector_is_left_as_it_was(tmp_path: Path, enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        sandboxed(put(tmp_path, config=""))
        messages(put(tmp_path, config="nonsense: 1\n"))
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@school.edu"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    answer = subprocess.run(  # noqa: S603 — a fixed command on a folder of this test
        command, check=True, capture_output=True, text=True
    )
    return answer.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("no git here")
    git(tmp_path, "init", "--quiet")
    put(tmp_path / "conf", config="")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first", "--no-gpg-sign")
    return tmp_path


def test_the_commit_is_the_checkout_s(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As inside a hook of some other repository.
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    found = sandboxed(checkout / "conf" / "config.yaml").commit
    monkeypatch.delenv("GIT_DIR")

    assert found == git(checkout, "rev-parse", "HEAD")


def test_without_a_checkout_or_a_commit_there_is_none(tmp_path: Path) -> None:
    assert commit_of(put(tmp_path, config="")) is None
    (tmp_path / ".git").mkdir()
    assert commit_of(tmp_path / "config.yaml") is None
