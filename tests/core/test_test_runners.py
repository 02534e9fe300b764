"""Which command runs a file of tests."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.test_runners import is_test_file, run_of

VITEST = '{"devDependencies": {"vitest": "1"}}'
JEST = '{"scripts": {"test": "jest --ci"}}'


@pytest.mark.parametrize(
    ("path", "text", "files", "command", "cwd"),
    [
        ("tests/test_a.py", "", {}, "python -m pytest tests/test_a.py", "."),
        ("tests/test_a.py", "import unittest", {}, "python -m unittest tests/test_a.py", "."),
        ("tests/test_a.py", "import unittest", {"setup.cfg": "[tool:pytest]"}, "python -m pytest tests/test_a.py", "."),
        ("api/tests/test_a.py", "", {"api/pyproject.toml": ""}, "python -m pytest tests/test_a.py", "api"),
        ("test_a.py", "", {"pyproject.toml": "", "uv.lock": ""}, "uv run python -m pytest test_a.py", "."),
        ("test_a.py", "", {"pyproject.toml": "", "poetry.lock": ""}, "poetry run python -m pytest test_a.py", "."),
        ("web/src/a.test.ts", "", {"web/package.json": VITEST}, "npx vitest run src/a.test.ts", "web"),
        ("web/src/a.test.ts", "", {"web/package.json": JEST}, "npx jest src/a.test.ts", "web"),
        ("a.test.ts", "import {test} from 'node:test'", {"package.json": VITEST}, "node --test a.test.ts", "."),
        ("a.test.ts", 'import "vitest"', {"package.json": JEST}, "npx vitest run a.test.ts", "."),
        ("p/a/a.test.ts", "", {"p/a/package.json": "{}", "package.json": VITEST}, "npx vitest run a.test.ts", "p/a"),
        ("app/[id]/a.test.ts", "", {"package.json": VITEST}, "npx vitest run 'app/[id]/a.test.ts'", "."),
        ("svc/pkg/a_test.go", "", {"svc/go.mod": ""}, "go test ./pkg", "svc"),
        ("tests/flow.rs", "", {"Cargo.toml": ""}, "cargo test --test flow", "."),
        ("test/a_test.dart", "", {"pubspec.yaml": "flutter:"}, "flutter test test/a_test.dart", "."),
        ("src/test/java/ATest.java", "", {"pom.xml": ""}, "mvn -q test -Dtest=ATest", "."),
        (
            "src/test/kotlin/ATest.kt",
            "",
            {"build.gradle.kts": "", "gradlew": ""},
            "./gradlew test --tests '*ATest'",
            ".",
        ),
        ("T/A/ATests.cs", "", {"T/T.csproj": ""}, "dotnet test T --filter FullyQualifiedName~ATests", "."),
        ("spec/a_spec.rb", "", {"Gemfile": ""}, "bundle exec rspec spec/a_spec.rb", "."),
        ("tests/ATest.php", "", {"composer.json": ""}, "vendor/bin/phpunit tests/ATest.php", "."),
    ],
)
def test_what_a_file_imports_outweighs_its_manifest(
    path: str, text: str, files: dict[str, str], command: str, cwd: str
) -> None:
    found = run_of(path, text, files.get)
    assert found is not None
    assert (found.command, found.cwd, found.hold) == (command, cwd, None)


def test_a_browser_or_another_system_is_held() -> None:
    files = {"package.json": "{}"}
    held = run_of("e2e/a.spec.ts", 'import { test } from "@playwright/test"', files.get)
    assert held is not None and held.hold == "interactive"
    xcode = run_of("AppTests/ATests.swift", "", files.get)
    assert xcode is not None and xcode.hold == "os"


@pytest.mark.parametrize(
    "files", [{}, {"package.json": "not JSON"}, {"package.json": "[]"}, {"package.json": '{"scripts": 3}'}]
)
def test_where_nothing_names_a_runner_none_is_guessed(files: dict[str, str]) -> None:
    assert run_of("a.test.ts", "", files.get) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/test_a.py", True), ("a_test.go", True), ("src/a.spec.ts", True), ("ATests.cs", True), ("spec/a_spec.rb", True),
        ("tests/flow.rs", True), ("src/contest.py", False), ("tests/conftest.py", False), ("src/latest.ts", False),
    ],
)  # fmt: skip
def test_a_file_of_tests_is_known_by_its_name(path: str, expected: bool) -> None:
    assert is_test_file(path) is expected
