"""Manifests + what would run → how the work tree is made ready first."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.steps import Step
from spec_runner.core.plan.events import Cause, Exited
from spec_runner.core.plan.model import PlannedStep
from spec_runner.core.plan.setup import Manifests, declared_in, extras_for, lacking, plan_setup, shared_setups
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
        ({"requirements.txt": "x"}, ["pip install '.[dev]'", "pytest"], ".", []),
        ({"requirements.txt": "x"}, ["pip install -q -e .", "pytest"], ".", []),
        ({"Shop.sln": "", "src/Shop/Shop.csproj": ""}, ["dotnet test"], ".", [("dotnet restore", ".")]),
        ({"Shop.sln": ""}, ["dotnet restore", "dotnet test"], ".", []),
        ({"src/Shop.csproj": ""}, ["dotnet test"], ".", [("dotnet restore", "src")]),
        ({"pom.xml": "", "mvnw": ""}, ["./mvnw test"], ".", [("./mvnw -B -q -fn dependency:go-offline", ".")]),
        ({"api/pom.xml": ""}, ["cd api && mvn -q test"], ".", [("mvn -B -q -fn dependency:go-offline", "api")]),
        ({"build.gradle.kts": "", "gradlew": ""}, ["./gradlew test"], ".", [("./gradlew --no-daemon -q dependencies", ".")]),
        # A lock file that is out of step with its package.json, of the folder or of a workspace.
        ({"package.json": PACKAGE, "package-lock.json": '{"packages": {"": {"devDependencies": {"vitest": "^2"}}}}'},
         ["npm test"], ".", [("npm install --no-audit --no-fund", ".")]),
        ({"package.json": PACKAGE, "web/package.json": PACKAGE,
          "package-lock.json": '{"packages": {"": {"devDependencies": {"vitest": "^1"}}, "web": {}}}'},
         ["npm test"], ".", [("npm install --no-audit --no-fund", ".")]),
        ({"package.json": PACKAGE, "package-lock.json": '{"packages": {"": {"devDependencies": {"vitest": "^1"}}}}'},
         ["npm test"], ".", [("npm ci", ".")]),
        # What is installed in one folder is not in another; what comes later is not there yet.
        ({"a/package.json": PACKAGE, "b/package.json": PACKAGE}, ["cd a && npm install", "cd b && npm test"], ".",
         [("npm install --no-audit --no-fund", "b")]),
        ({"package.json": PACKAGE}, ["npm test", "npm install"], ".", [("npm install --no-audit --no-fund", ".")]),
        ({"Gemfile": ""}, ["bundle exec rspec"], ".", [("bundle install", ".")]),
        ({"composer.json": ""}, ["vendor/bin/phpunit"], ".", [("composer install --no-interaction", ".")]),
        ({"pubspec.yaml": "flutter:\n"}, ["flutter test"], ".", [("flutter pub get", ".")]),
        ({"api/go.mod": "", "web/package.json": PACKAGE}, ["go test ./..."], ".", [("go mod download", "api")]),
        ({"Cargo.toml": ""}, ["cargo fetch", "cargo test"], ".", []),
        ({"package.json": '{"devDependencies": {"prisma": "1"}}', "prisma/schema.prisma": ""}, ["npm test"], ".",
         [("npm install --no-audit --no-fund", "."), ("npx --no-install prisma generate", ".")]),
        ({"pyproject.toml": PROJECT.replace("docs", "sql")}, ["pytest"], ".",
         [('pip install -e ".[dev,sql]" || pip install -e ".[dev]"', "."), ("pip install 'ruff'", ".")]),
        ({"uv.lock": "", "pyproject.toml": PROJECT.replace("docs", "sql")}, ["uv run pytest"], ".",
         [("{ uv sync --frozen --extra dev --extra sql --group lint || uv sync --frozen --extra dev --group lint; }"
           " && . .venv/bin/activate", ".")]),
        ({"pyproject.toml": PROJECT.replace('docs = ["mkdocs"]', 'sql = ["torch"]')}, ["pytest"], ".",
         [('pip install -e ".[dev]"', "."), ("pip install 'ruff'", ".")]),
        ({"Cargo.toml": ""}, ["cargo clippy"], ".", [("cargo fetch", ".")]),
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


def test_specs_that_need_different_things_are_set_up_alike_but_for_what_they_do_themselves() -> None:
    files = manifests({"package.json": PACKAGE, "package-lock.json": "", "api/requirements.txt": "x"})
    late, web, api, both, none = (plan_setup(steps(*each), files) for each in (
        ["pip install ruff", "pytest", "pip install -r more.txt"], ["npm test"], ["pytest api"], ["npm ci", "npm test", "pytest api"], ["git status"],
    ))  # fmt: skip
    shared = [[step.command for step in each.steps] for each in shared_setups([web, api, late, both, none], files)]
    everything = ["npm ci", "pip install -r requirements.txt"]
    of_python = ["pip install -r requirements.txt"]
    assert shared == [everything, everything, everything, of_python, []]


def test_the_environment_that_the_user_activated_counts_where_nothing_is_declared_and_else_is_told() -> None:
    there, none = manifests({"requirements.txt": "x"}), manifests({})
    made = plan_setup(steps("pytest"), none, activated="/home/me/my venv")
    assert [step.command for step in made.steps] == [". '/home/me/my venv'/bin/activate"]
    told = plan_setup(steps("pytest"), there, activated="/home/me/venv")
    assert [step.command for step in told.steps] == ["pip install -r requirements.txt"]
    assert told.notes == (
        'your environment /home/me/venv is not used; --setup ". /home/me/venv/bin/activate" takes it',
    )
    assert not plan_setup(steps("make all"), none, activated="/home/me/venv").steps


def test_what_fails_where_the_setup_failed_says_nothing_of_its_task_whatever_it_prints() -> None:
    seen = Evidence("pytest", Exited(1), "E  assert 1 == 2", unprepared="uv sync")
    assert judge(seen).cause == Cause("not prepared", "uv sync")
    assert judge(seen._replace(ending=Exited(0))).cause is None
    assert judge(seen._replace(output="curl: (6) Could not resolve host: example.org")).cause == Cause(
        "network", "example.org"
    )


def test_a_program_that_the_repository_brings_can_be_called_by_its_name() -> None:
    files = {
        "package.json": '{"name": "@acme/shop", "bin": "cli/main.mjs"}',
        "web/package.json": '{"bin": {"webctl": "w"}}',
    }
    (made,) = plan_setup(steps("shop check", "npm test"), manifests(files)).steps
    assert made.why == "package.json names the program shop"
    assert not plan_setup(steps("npm test"), manifests(files)).steps
