"""Which command runs a file of tests: decided by what the file imports, else by the manifest above it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from spec_runner.core.decide.steps import Hold
from spec_runner.errors import MALFORMED

Manifests = Callable[[str], str | None]
"""The text of a file of the repository, by its path; None where it is not there."""


class RunnerCall(NamedTuple):
    """How a file of tests is run."""

    runner: str
    command: str
    cwd: str = "."
    hold: Hold | None = None
    """Why it is not to be run unattended."""


_TEST_NAME = re.compile(
    r"(?:^|/)(?:test_[^/]+|[^/]+_tests?|[^/]+[.-](?:test|spec|e2e)|[^/]*Tests?|[^/]*Specs?|[^/]+_spec)\.\w+$|(?:^|/)tests/[^/]+\.rs$"
)
_IMPORTS = (
    ("playwright", re.compile(r"""["']@playwright/test["']""")),
    ("vitest", re.compile(r"""["']vitest["']""")),
    ("jest", re.compile(r"""["']@jest/globals["']""")),
    ("bun", re.compile(r"""["']bun:test["']""")),
    ("node", re.compile(r"""["']node:test["']""")),
    ("mocha", re.compile(r"""["']mocha["']""")),
)
"""What a script of tests imports; it outweighs what the manifest names."""
_NODE = {
    "vitest": "npx vitest run {file}", "jest": "npx jest {file}", "mocha": "npx mocha {file}", "bun": "bun test {file}",
    "node": "node --test {file}", "playwright": "npx playwright test {file}", "jasmine": "npx jasmine {file}",
    "ava": "npx ava {file}",
}  # fmt: skip


def is_test_file(path: str) -> bool:
    """Whether a file's name says that it holds tests."""
    return _TEST_NAME.search(path) is not None


def run_of(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    """How the tests in a file are run, from the folder of the manifest above it; None where nobody can tell."""
    tell = _BY_ENDING.get(path.rpartition(".")[2])
    return tell(path, text, manifest) if tell else None


def _above(path: str, manifest: Manifests, *names: str) -> tuple[str, str, str] | None:
    """The nearest of these manifests above a file: its folder, its name and its text."""
    folder = path.rpartition("/")[0]
    while True:
        for name in names:
            text = manifest(f"{folder}/{name}" if folder else name)
            if text is not None:
                return folder, name, text
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _within(path: str, folder: str) -> str:
    return path.removeprefix(f"{folder}/") if folder else path


def _made(runner: str, command: str, path: str, folder: str, hold: Hold | None = None) -> RunnerCall:
    return RunnerCall(runner, command.format(file=_quoted(_within(path, folder))), folder or ".", hold)


def _quoted(path: str) -> str:
    return path if re.fullmatch(r"[\w./@%+=:,-]+", path) else "'" + path.replace("'", "'\\''") + "'"


def _python(path: str, text: str, manifest: Manifests) -> RunnerCall:
    found = _above(
        path, manifest, "pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini", "setup.py", "requirements.txt"
    )
    folder, _, settings = found or ("", "", "")
    through = ""
    if manifest(f"{folder}/uv.lock" if folder else "uv.lock") is not None:
        through = "uv run "
    elif manifest(f"{folder}/poetry.lock" if folder else "poetry.lock") is not None:
        through = "poetry run "
    is_plain = "unittest" in text and "pytest" not in text and "pytest" not in settings
    if is_plain:
        return _made("unittest", f"{through}python -m unittest {{file}}", path, folder)
    return _made("pytest", f"{through}python -m pytest {{file}}", path, folder)


def _script(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "package.json")
    folder = found[0] if found else ""
    runner = next((name for name, pattern in _IMPORTS if pattern.search(text)), None)
    runner = runner or (_runner_named(found[2]) if found else None)
    above = folder
    while runner is None and above and found:
        # A package of a workspace may leave its runner to the workspace.
        found = _above(above, manifest, "package.json")
        runner, above = (_runner_named(found[2]), found[0]) if found else (None, "")
    if runner is None:
        return None
    return _made(runner, _NODE[runner], path, folder, "interactive" if runner == "playwright" else None)


def _runner_named(text: str) -> str | None:
    """The runner that a package.json depends on, or that its test script calls."""
    try:
        package = json.loads(text)
    except MALFORMED:
        return None
    if not isinstance(package, dict):
        return None
    named = {name for key in ("devDependencies", "dependencies") for name in _table(package, key)}
    scripts = " ".join(str(each) for name, each in _table(package, "scripts").items() if name.startswith("test"))
    for runner in ("vitest", "jest", "mocha", "jasmine", "ava"):
        if runner in named or re.search(rf"\b{runner}\b", scripts):
            return runner
    if "react-scripts" in named or "ts-jest" in named:
        return "jest"
    return "bun" if "bun test" in scripts else "node" if "node --test" in scripts else None


def _table(package: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = package.get(key)
    return found if isinstance(found, dict) else {}


def _go(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "go.mod")
    if found is None or not path.endswith("_test.go"):
        return None
    place = _within(path, found[0]).rpartition("/")[0]
    return RunnerCall("go", f"go test ./{_quoted(place)}" if place else "go test .", found[0] or ".")


def _rust(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "Cargo.toml")
    if found is None:
        return None
    stem = path.rpartition("/")[2].removesuffix(".rs")
    is_own = _within(path, found[0]) == f"tests/{stem}.rs"
    return RunnerCall("cargo", f"cargo test --test {_quoted(stem)}" if is_own else "cargo test", found[0] or ".")


def _dart(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "pubspec.yaml")
    if found is None:
        return None
    runner = "flutter" if "flutter" in found[2] else "dart"
    return _made(runner, f"{runner} test {{file}}", path, found[0])


def _java(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "pom.xml", "build.gradle", "build.gradle.kts")
    if found is None:
        return None
    name = path.rpartition("/")[2].rpartition(".")[0]
    if found[1] == "pom.xml":
        through = "./mvnw" if manifest("mvnw") is not None and not found[0] else "mvn"
        return RunnerCall("maven", f"{through} -q test -Dtest={_quoted(name)}", found[0] or ".")
    through = "./gradlew" if manifest("gradlew") is not None and not found[0] else "gradle"
    return RunnerCall("gradle", f"{through} test --tests '*{name}'", found[0] or ".")


def _dotnet(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    name = path.rpartition("/")[2].rpartition(".")[0]
    folder = path.rpartition("/")[0]
    while True:
        last = folder.rpartition("/")[2]
        if last and manifest(f"{folder}/{last}.csproj") is not None:
            return RunnerCall("dotnet", f"dotnet test {_quoted(folder)} --filter FullyQualifiedName~{name}")
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _php(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "composer.json")
    return _made("phpunit", "vendor/bin/phpunit {file}", path, found[0]) if found else None


def _ruby(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "Gemfile")
    folder = found[0] if found else ""
    if path.endswith("_spec.rb"):
        return _made("rspec", "bundle exec rspec {file}" if found else "rspec {file}", path, folder)
    return _made("minitest", "bundle exec ruby -Itest {file}" if found else "ruby -Itest {file}", path, folder)


def _swift(path: str, text: str, manifest: Manifests) -> RunnerCall:
    found = _above(path, manifest, "Package.swift")
    name = path.rpartition("/")[2].rpartition(".")[0]
    if found is None:
        # A project of Xcode's own needs macOS, and a device or its simulator.
        return RunnerCall("xcode", f"xcodebuild test -only-testing:{_quoted(name)}", ".", "os")
    return RunnerCall("swift", f"swift test --filter {_quoted(name)}", found[0] or ".")


def _elixir(path: str, text: str, manifest: Manifests) -> RunnerCall | None:
    found = _above(path, manifest, "mix.exs")
    return _made("mix", "mix test {file}", path, found[0]) if found else None


_Teller = Callable[[str, str, Manifests], "RunnerCall | None"]
_BY_ENDING: Mapping[str, _Teller] = {
    "py": _python, **dict.fromkeys(("ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts"), _script),
    "go": _go, "rs": _rust, "dart": _dart, "java": _java, "kt": _java, "cs": _dotnet,
    "php": _php, "rb": _ruby, "swift": _swift, "exs": _elixir,
}  # fmt: skip
