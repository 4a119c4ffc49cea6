"""`init`, `validate` and `schema`: the commands about files alone."""

from __future__ import annotations

import re

import pytest

from tests.end_to_end.shell import QuickShell, config

URL = "https://yourschool.instructuremedia.com"
VALID = config(URL, "- {name: Chemistry, shares: [{user: 102}]}\n")
PLACE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): .+$")


def test_init_writes_a_file_that_is_valid_and_only_observes(shell: QuickShell) -> None:
    ran = shell("init")
    assert (ran.status, ran.out) == (0, "")
    text = (shell.folder / "config.yaml").read_text()
    assert re.search(r"^mode: observe$", text, re.MULTILINE)
    assert re.search(r"^ *#", text, re.MULTILINE)
    assert shell("validate").status == 0
    assert shell("plan", "--sandbox").status == 0


def test_init_never_overwrites(shell: QuickShell) -> None:
    path = shell.write("mine")
    ran = shell("init")
    assert (ran.status, ran.out) == (1, "")
    assert "config.yaml" in ran.err
    assert path.read_text() == "mine"


def test_init_follows_no_link_that_leads_nowhere(shell: QuickShell) -> None:
    (shell.folder / "config.yaml").symlink_to(shell.folder / "elsewhere.yaml")
    assert shell("init").status == 1
    assert not (shell.folder / "elsewhere.yaml").exists()


def test_init_writes_where_it_is_told(shell: QuickShell) -> None:
    assert shell("init", "-c", "mine.yaml").status == 0
    assert (shell.folder / "mine.yaml").exists()
    assert shell("init", "-c", "nowhere/mine.yaml").status == 1


def test_validate_needs_neither_network_nor_token(shell: QuickShell) -> None:
    shell.environment = {}
    shell.write(VALID)
    ran = shell("validate")
    assert (ran.status, ran.err) == (0, "")
    assert "config.yaml: valid" in ran.out
    assert [path.name for path in shell.folder.iterdir()] == ["config.yaml"]


def test_every_problem_is_told_at_once_each_with_its_place(shell: QuickShell) -> None:
    shell.write(
        """\
        version: 1
        mode: strict
        studio:
          url: http://yourschool.instructuremedia.com
          auth: {access_token: sekrit-literal}
        share_sets: {staff: [{user: 007}]}
        collections:
          - name: Chemistry
            share_sets: [stuff]
            shares:
              - {user: 1, permission: edti}
              - {user: 2}
              - {user: 2, permission: edit}
              - {user: 3, from: 2027-01-02, until: 2027-01-01}
              - {group: 4, colour: red}
            name: Again
        """
    )
    ran = shell("validate")
    assert (ran.status, ran.out) == (78, "")
    lines = ran.err.splitlines()
    assert all(PLACE.match(line) for line in lines)
    places = [int(line.split(":")[1]) for line in lines]
    assert places == sorted(places)
    assert set(places) >= {2, 4, 5, 6, 9, 11, 13, 14, 15, 16}
    assert "sekrit-literal" not in ran.err
    assert '"edit"' in ran.err
    assert '"staff"' in ran.err


def test_problems_of_several_files_are_told_together(shell: QuickShell) -> None:
    for name in ("one.yaml", "two.yaml"):
        shell.write("version: 1\nmode: other\n", name)
    shell.write(VALID, "three.yaml")
    ran = shell("validate", "-c", "one.yaml", "-c", "two.yaml", "-c", "three.yaml")
    assert ran.status == 78
    assert "one.yaml:2:" in ran.err
    assert "two.yaml:2:" in ran.err
    assert "three.yaml: valid" in ran.out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "[]",
        "just words",
        "version: 1\nmode: *anchor\n",
        "version: 1\n\tmode: x\n",
        "version: 1\n---\nversion: 1\n",
        "version: !!python/object:os.system x\n",
        "{" * 5000,
        "a: &a [*a]\n",
    ],
)
def test_what_is_no_configuration_is_told_with_a_place(shell: QuickShell, text: str) -> None:
    shell.write(text)
    ran = shell("validate")
    assert (ran.status, ran.out) == (78, "")
    assert all(PLACE.match(line) for line in ran.err.splitlines())


@pytest.mark.parametrize("content", [b"\xff\xfe", b"version: 1\x00", b"\x80"])
def test_bytes_that_are_no_text_are_told_with_the_file(shell: QuickShell, content: bytes) -> None:
    (shell.folder / "config.yaml").write_bytes(content)
    ran = shell("validate")
    assert ran.status == 78
    assert ran.err.startswith("config.yaml:")


def test_a_folder_without_files_is_none(shell: QuickShell) -> None:
    ran = shell("validate", "-c", ".")
    assert ran.status == 78


def test_quiet_says_nothing_of_what_is_well(shell: QuickShell) -> None:
    shell.write(VALID)
    ran = shell("validate", "-q")
    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_the_schema_is_a_schema(shell: QuickShell) -> None:
    ran = shell("schema")
    assert (ran.status, ran.err) == (0, "")
    assert ran.json["$schema"].startswith("https://json-schema.org/")
    assert set(ran.json["properties"]) >= {"version", "mode", "studio", "guards", "collections"}
