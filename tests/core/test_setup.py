"""Manifests + what would run → how the work tree is made ready first."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.steps import Step
from spec_runner.core.plan.events import Cause, Exited
from spec_runner.core.plan.model import PlannedStep
from spec_runner.core.plan.setup import Manifests, declared_in, extras_for, lacking, plan_setup
from spec_runner.core.result.cause import Evidence
from spec_runner.core.result.judge import judge

PROJECT = """
[project]
name = "shop"
dependencies = ["fastapi>=0.1"]
[project.optional-dependencies]
dev = ["pytest>=8"]
docs = ["mkdocs"]
[dependency-groups]
lint = ["ruff"]
paint = ["colorama"]
"""
PACKAGE = '{"devDependencies": {"vitest": "^1"}}'


def steps(*commands: str, cwd: str = ".") -> list[PlannedStep]:
    return [PlannedStep(Step("command", each, number + 1), "run", cwd, 300.0) for number, each in enumerate(commands)]


def manifests(files: dict[str, str]) -> Manifests:
    return Manifests(frozenset(files), lambda path: files.get(path, ""))


@pytest.mark.parametrize(
    ("files", "commands", "cwd", "made"),
    [
        ({"package.json": PACKAGE, "package-lock.json": ""}, ["npm test"], ".", [("npm ci", ".")]),
        ({"package.json": PACKAGE, "pnpm-lock.yaml": ""}, ["npx vitest run"], ".", [("pnpm install --frozen-lockfile", ".")]),
        ({"package.json": PACKAGE, "yarn.lock": ""}, ["yarn test"], ".", [("yarn install --frozen-lockfile", ".")]),
        ({"package.json": PACKAGE, "yarn.lock": "", ".yarnrc.yml": ""}, ["yarn test"], ".", [("yarn install --immutable", ".")]),
        ({"package.json": PACKAGE, "bun.lockb": ""}, ["bun test"], ".", [("bun install --frozen-lockfile", ".")]),
        ({"package.json": PACKAGE}, ["npm test"], ".", [("npm install --no-audit --no-fund", ".")]),
        ({"package.json": "{}"}, ["npm test"], ".", []),
        ({"web/package.json": PACKAGE, "web/package-lock.json": ""}, ["npm test"], "web", [("npm ci", "web")]),
        ({"web/package.json": PACKAGE, "web/package-lock.json": ""}, ["cd web && npm test"], ".", [("npm ci", "web")]),
        ({"web/package.json": PACKAGE, "package-lock.json": ""}, ["npm test"], "web", [("npm ci", ".")]),
        ({"package.json": PACKAGE, "package-lock.json": ""}, ["go test ./..."], ".", []),
        ({"package.json": PACKAGE, "package-lock.json": ""}, ["npm ci", "npm test"], ".", []),
        ({"package.json": PACKAGE, "package-lock.json": ""}, ["make test"], ".", [("npm ci", ".")]),
        ({"a/package.json": PACKAGE, "b/package.json": PACKAGE}, ["npm test"], ".", []),
        ({"uv.lock": "", "pyproject.toml": PROJECT}, ["uv run pytest", "ruff check ."], ".",
         [("uv sync --frozen --extra dev --group lint && . .venv/bin/activate", ".")]),
        ({"poetry.lock": "", "pyproject.toml": ""}, ["poetry run pytest"], ".",
         [("POETRY_VIRTUALENVS_CREATE=false poetry install --no-interaction --all-extras", ".")]),
        ({"pyproject.toml": PROJECT}, ["pytest", "ruff check"], ".",
         [('pip install -e ".[dev]"', "."), ("pip install 'ruff'", ".")]),
        ({"pyproject.toml": "[tool.ruff]\n"}, ["ruff check"], ".", []),
        ({"requirements.txt": "x", "requirements-dev.txt": "y", "requirements-gpu.txt": "z"}, ["pytest"], ".",
         [("pip install -r requirements-dev.txt", "."), ("pip install -r requirements.txt", ".")]),
        ({"api/requirements.txt": "x"}, ["pytest api/tests"], ".", [("pip install -r requirements.txt", "api")]),
        ({"api/requirements.txt": "x"}, ["pytest"], ".", [("pip install -r requirements.txt", "api")]),
        ({"requirements.txt": "x"}, ["pip install -r requirements.txt", "pytest"], ".", []),
        ({"Gemfile": ""}, ["bundle exec rspec"], ".", [("bundle install", ".")]),
        ({"composer.json": ""}, ["vendor/bin/phpunit"], ".", [("composer install --no-interaction", ".")]),
        ({"pubspec.yaml": "flutter:\n"}, ["flutter test"], ".", [("flutter pub get", ".")]),
    ],
)  # fmt: skip
def test_a_tree_is_made_ready_by_what_it_declares_and_its_tasks_need(
    files: dict[str, str], commands: list[str], cwd: str, made: list[tuple[str, str]]
) -> None:
    setup = plan_setup(steps(*commands, cwd=cwd), manifests(files))
    assert [(step.command, step.cwd) for step in setup.steps] == made


def test_what_a_task_sets_up_itself_is_told() -> None:
    setup = plan_setup(steps("npm ci", "npm test"), manifests({"package.json": PACKAGE, "package-lock.json": ""}))
    assert setup.notes == ("line 1 sets up node itself",)


def test_extras_and_groups_are_those_of_the_tools_and_of_development() -> None:
    assert extras_for(PROJECT, ["mkdocs", "colorama"]) == (["dev", "docs"], ["lint", "paint"])
    assert extras_for("no toml [", ["x"]) == ([], [])


def test_what_a_repository_declares_is_known() -> None:
    files = {
        "pyproject.toml": PROJECT,
        "web/package.json": PACKAGE,
        "requirements.txt": "Flask_Login==1  # x\n-r other\n",
    }
    assert {"pytest", "fastapi", "ruff", "vitest", "flask-login"} <= declared_in(manifests(files))


def test_what_stands_on_a_setup_that_failed_is_not_prepared() -> None:
    failed = {"node": "npm ci"}
    assert (lacking("npx vitest run", failed), lacking("make test", failed), lacking("go test", failed)) == (
        "npm ci", "npm ci", None,
    )  # fmt: skip
    seen = Evidence("npx vitest", Exited(127), "sh: 1: vitest: not found", unprepared="npm ci")
    assert judge(seen).cause == Cause("not prepared", "npm ci")


def test_what_nothing_declares_is_told_with_what_brings_it() -> None:
    seen = Evidence("python -m pytest", Exited(1), "python: No module named pytest", declared=frozenset({"flask"}))
    assert judge(seen).reason == (
        'pytest is not among the repository\'s dependencies; --setup "pip install pytest" adds it'
    )
    assert judge(seen).cause == Cause("module", "pytest")
    declared = seen._replace(declared=frozenset({"pytest"}))
    assert judge(declared).reason == "exit 1: python: No module named pytest"
