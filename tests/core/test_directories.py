"""Where a command runs, told from words."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.directories import after, resolve


@pytest.mark.parametrize(
    ("named", "current", "expected"),
    [
        ("backend", ".", "backend"),
        ("backend", "x/backend", "x/backend"),
        ("backend", "x/backend/src", "x/backend"),
        ("backend/src", "x/backend", "x/backend/src"),
        ("backend", None, "backend"),
        (".", "x/y", "."),
        ("backend/", ".", "backend"),
        ("./backend", ".", "backend"),
        ("frontend", "x/backend", "frontend"),
        ("x\\y", ".", "x/y"),
    ],
)
def test_words_name_a_directory(named: str, current: str | None, expected: str) -> None:
    assert resolve(named, current) == expected


@pytest.mark.parametrize(
    ("command", "current", "expected"),
    [
        ("cd a/b", ".", "a/b"),
        ("cd ..", "a/b", "a"),
        ("cd ..", ".", None),
        ("cd a && make", ".", "a"),
        ("(cd a && make)", ".", "."),
        ("cd a; cd b", ".", "a/b"),
        ('cd "a b"', ".", "a b"),
        ("cd $HOME", ".", None),
        ("cd", ".", None),
        ("cd -", "a", None),
        ("cd /tmp", ".", None),
        ("pushd a", ".", "a"),
        ("popd", "a", None),
        ("make", "a", "a"),
        ("cd b", None, None),
        ("false || cd b", "a", "a"),
    ],
)
def test_a_command_moves_the_shell(command: str, current: str | None, expected: str | None) -> None:
    assert after(command, current) == expected
