"""The table of programs: its rows, and what their rules say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.shell import table
from spec_runner.core.shell.grammar import commands_of
from spec_runner.core.shell.programs import Program, programs_of
from spec_runner.core.shell.table import row_of, rule_of

TEXT = Path(table.__file__).with_name("programs.txt").read_text(encoding="utf-8")
HEAD, _, _ = TEXT.partition("\n\n@")
ROWS = [line.split() for line in TEXT.splitlines() if line and line[0] != "#"]
EXPLAINED = set(re.findall(r"^#   (\w+)", HEAD, re.MULTILINE))
EFFECTS = {"outward", "destroys", "removes", "writes", "root", "prod", "terminal", "prompt", "serves", "fetches"}


def test_a_program_has_one_row() -> None:
    names = [name for names, *_ in ROWS for name in names.split(",")]
    assert sorted(names) == sorted(set(names))


def test_the_head_explains_every_word_that_the_rows_use() -> None:
    used = {word.partition(":")[0] for _, *words in ROWS for word in words if ":" in word}
    flags = {
        word
        for names, *words in ROWS
        for word in words[0 if names[0] == "@" else 1 :]
        if word.islower() and word.isalpha()
    }
    assert used | flags == EXPLAINED - {"NAME"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0])[:40])
def test_a_row_can_be_read(row: list[str]) -> None:
    name = row[0].split(",")[0]
    if name.startswith("@"):
        assert any(kind == name[1:] for _, kind, *_ in ROWS)
        return
    facts = row_of(name).facts
    assert row_of(name).kind == row[1]
    assert all(
        rule_of(rule).words or rule_of(rule).verbs or rule_of(rule).options
        for each in EFFECTS
        for rule in facts.get(each, ())
    )
    assert set(facts.get("on", ())) <= {"linux", "macos", "windows", "unix"}
    assert all(facts[fact] for fact in facts if fact in EFFECTS | {"valued", "at", "runs", "wraps", "nohost"})


@pytest.mark.parametrize(
    ("rules", "does", "does_not"),
    [
        ("*", ["", "a", "-x"], ["--help", "--version"]),
        ("+", ["a", "-x"], [""]),
        (".", [""], ["a", "-x"]),
        ("<2", ["", "a", "-x a"], ["a b"]),
        ("push", ["push", "push a"], ["a push", "pushed"]),
        ("image+push", ["image push a"], ["push", "image a push"]),
        ("*+push", ["a push"], ["push"]),
        ("@push", ["a b push", "x:push"], ["pushed"]),
        ("-k,--kill", ["-k", "-vk", "a --kill=9"], ["-v"]),
        ("down+-v", ["down -v", "down a -v"], ["up -v", "down"]),
        ("*,!list", ["a"], ["list", "list a"]),
        ("clean,!clean+-n", ["clean", "clean -f"], ["clean -n"]),
        ("stash,!stash+list", ["stash", "stash pop"], ["stash list"]),
        ("push,!--dry-run", ["push"], ["push --dry-run"]),
        ("*,!build,build", ["build", "a"], []),
        ("*,!*.js", ["a"], ["a.js"]),
    ],
)
def test_a_rule_says_when(rules: str, does: list[str], does_not: list[str]) -> None:
    known = table.Row("tool", {"outward": tuple(rules.split(","))})
    for words, expected in [*((words, True) for words in does), *((words, False) for words in does_not)]:
        (command,) = commands_of(f"tool {words}")
        program = Program("tool", command.words[1:], command)
        program.row = known
        assert program.does("outward") is expected, words


def test_a_version_of_a_program_is_that_program() -> None:
    assert row_of("python3.12") == row_of("python3") and row_of("python3").kind == "interpreter"
    assert row_of("pip3.11").has("installs")
    assert row_of("deploy.sh").kind == "" and row_of("@cloud").kind == ""


def test_options_are_parted_from_the_words_they_take() -> None:
    (curl,) = programs_of("curl -sSd a=1 -XPOST -H 'A: b' --url=example.org localhost:80/a -- -x")
    assert curl.parts[1] == ("localhost:80/a", "-x")
    assert [curl.values_of(option) for option in ("-d", "-X", "--url", "-s")] == [
        ("a=1",),
        ("POST",),
        ("example.org",),
        (),
    ]


@given(st.sampled_from(sorted(name for names, *_ in ROWS for name in names.split(","))), st.text(max_size=30))
def test_any_words_have_an_answer(name: str, words: str) -> None:
    for program in programs_of(f"{name} {words}"):
        for effect in EFFECTS:
            program.does(effect)
        assert program.parts
