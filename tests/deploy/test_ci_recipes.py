"""The recipes for a repository of permissions: valid, safe with strangers, true to the commands."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import reconciler
from reconciler.cli.main import cli
from tests.deploy.recipes import DEPLOY, ROOT, documents, fits, foreign, run, tool

GITHUB = DEPLOY / "ci" / "github-actions.yaml"
GITLAB = DEPLOY / "ci" / "gitlab-ci.yaml"
(WORKFLOW,) = documents(GITHUB)
(PIPELINE,) = documents(GITLAB)
EVENTS = dict(WORKFLOW)[True]  # type: ignore[index]  # so YAML 1.1 reads `on`
JOBS: dict[str, Any] = WORKFLOW["jobs"]
SECRET = re.compile(r"\bsecrets\.|STUDIO_ACCESS_TOKEN")


def commands(text: str) -> Iterator[list[str]]:
    """Every call of the program in a script, with its arguments."""
    joined = text.replace("\\\n", " ")
    for found in re.finditer(r"(?m)^\s*(?:- )?(?:run: )?(reconciler [^|\n]*)", joined):
        yield shlex.split(found[1], comments=True)[1:]


CALLS = [
    pytest.param(call, id=f"{path.stem}:{' '.join(call[:2])}")
    for path in (GITHUB, GITLAB)
    for call in commands(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(
    ("schema", "path", "options"),
    [
        pytest.param("github-workflows", GITHUB, (), id="github"),
        pytest.param("gitlab-ci", GITLAB, ("--data-transform", "gitlab-ci"), id="gitlab"),
    ],
)
def test_the_schema_finds_nothing(schema: str, path: Path, options: tuple[str, ...]) -> None:
    assert fits(schema, path, *options) == ""


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_one_that_the_program_understands(call: list[str]) -> None:
    # `--help` after it all: every option before it is read, and nothing is done.
    answer = CliRunner().invoke(cli, [*call, "--help"])

    assert answer.exit_code == 0, answer.output


def test_both_validate_plan_and_apply() -> None:
    for path in (GITHUB, GITLAB):
        called = [call[0] for call in commands(path.read_text(encoding="utf-8"))]
        assert called == ["validate", "plan", "plan", "apply"]


def test_a_stranger_s_pull_request_meets_no_secret() -> None:
    assert EVENTS.keys() == {"pull_request", "push"}
    for name, job in JOBS.items():
        if SECRET.search(str(job)):
            own = "head.repo.full_name == github.repository" in job.get("if", "")
            after_push = "event_name == 'push'" in job.get("if", "") or job.get("needs") == (
                "plan-main"
            )
            assert own or after_push, name


def test_a_job_with_a_secret_is_in_an_environment_that_can_be_guarded() -> None:
    environments = {name: each.get("environment") for name, each in JOBS.items()}

    assert environments == {
        "validate": None,
        "plan": "studio-plan",
        "plan-main": "studio-plan",
        "apply": "studio",
    }
    assert {name: PIPELINE[name].get("environment", {}).get("name") for name in JOBS} == (
        environments
    )


def test_nothing_may_write_to_the_repository() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    asked = {name: each.get("permissions", {}) for name, each in JOBS.items()}
    assert {
        scope for each in asked.values() for scope, level in each.items() if level == "write"
    } == {"pull-requests"}
    for job in JOBS.values():
        (checkout,) = (each for each in job["steps"] if "checkout" in each.get("uses", ""))
        assert checkout["with"]["persist-credentials"] is False


def test_nothing_that_a_stranger_writes_is_made_part_of_a_script() -> None:
    for job in JOBS.values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


def test_actions_are_named_by_their_major_version() -> None:
    used = {each["uses"] for job in JOBS.values() for each in job["steps"] if "uses" in each}

    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", each) for each in used)


def test_what_is_applied_was_planned_from_main() -> None:
    assert JOBS["apply"]["needs"] == "plan-main"
    assert "event_name == 'push'" in JOBS["plan-main"]["if"]
    assert PIPELINE["apply"]["needs"] == ["plan-main"]
    assert PIPELINE["plan-main"]["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]


def test_both_install_this_version() -> None:
    wanted = f"studio-reconciler[postgres]=={reconciler.__version__}"

    assert WORKFLOW["env"]["RECONCILER"] == wanted
    assert PIPELINE["variables"]["RECONCILER"] == wanted


def scripts() -> Iterator[str]:
    for job in JOBS.values():
        yield from (each["run"] for each in job["steps"] if "run" in each)
    for each in PIPELINE.values():
        if isinstance(each, dict):
            yield "\n".join(each.get("script", ()))


@pytest.mark.parametrize("script", [each for each in scripts() if each])
def test_shellcheck_finds_nothing(script: str) -> None:
    run(tool("shellcheck"), "--shell=bash", "--severity=warning", "-", stdin=script)


HERE = re.compile(r"<<'EOF'\n(.*?)\n\s*EOF", re.DOTALL)


@pytest.mark.parametrize("script", HERE.findall("\n".join(scripts())))
def test_the_python_in_a_script_is_python(script: str) -> None:
    compile(script, "script", "exec")


MANY = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8").partition("\n## Many tenants\n")[2]
LISTING, TOKEN = re.findall(r"```sh\n(.*?)```", MANY.partition("\n## ")[0], re.DOTALL)


@pytest.mark.parametrize("script", [LISTING, TOKEN], ids=["listing", "token"])
def test_shellcheck_finds_nothing_in_what_is_told_of_many_tenants(script: str) -> None:
    run(tool("shellcheck"), "--shell=bash", "--severity=warning", "-", stdin=script)


def test_the_tenants_that_a_pull_request_changes_are_listed(tmp_path: Path) -> None:
    foreign("jq", "Debian: apt-get install jq")
    before = ["changed.yaml", "including.yaml", "including/a.yaml", "same.yaml", "gone.yaml"]
    accented = "caf\u00e9 north.yaml"

    def git(*arguments: str) -> None:
        run(foreign("git", "Debian: apt-get install git"), "-C", tmp_path, *arguments)

    def write(*names: str, text: str) -> None:
        for name in names:
            path = tmp_path / "tenants" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git("add", "--all")
        git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=x")

    git("init", "--quiet")
    write(*before, accented, text="1")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (tmp_path / "tenants" / "gone.yaml").unlink()
    write("changed.yaml", "including/a.yaml", "new.yaml", accented, text="2")

    told = run("bash", "-c", f"cd '{tmp_path}' && {LISTING}", GITHUB_BASE_REF="main")

    assert json.loads(told) == [accented.removesuffix(".yaml"), "changed", "including"]
