"""Shell text → statements and commands."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.shell.grammar import commands_of, read_statements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", ["a", "b"]),
        ("a; b", ["a; b"]),
        ("a &&\n  b", ["a &&\n  b"]),
        ("a \\\n  b\nc", ["a \\\n  b", "c"]),
        ("# only a comment\n\na # and one behind", ["a # and one behind"]),
        ("cat <<EOF\na\nb\nEOF\nc", ["cat <<EOF\na\nb\nEOF", "c"]),
        ("cat >> f <<-'E'\n\ta\n\tE\nc", ["cat >> f <<-'E'\n\ta\n\tE", "c"]),
        ("cat <<A <<B\na\nA\nb\nB\nc", ["cat <<A <<B\na\nA\nb\nB", "c"]),
        ("cat <<E 2>&1 | tail\nx\nE\nc", ["cat <<E 2>&1 | tail\nx\nE", "c"]),
        ("cat <<< word\nb", ["cat <<< word", "b"]),
        ("echo 'a\nb'\nc", ["echo 'a\nb'", "c"]),
        ('echo "a $(b\nc) d"\ne', ['echo "a $(b\nc) d"', "e"]),
        ("for x in 1 2; do\n  a\ndone\nb", ["for x in 1 2; do\n  a\ndone", "b"]),
        ("if a; then\n  b\nelse\n  c\nfi\nd", ["if a; then\n  b\nelse\n  c\nfi", "d"]),
        ("case $x in\n  a) b;;\n  *) c;;\nesac\nd", ["case $x in\n  a) b;;\n  *) c;;\nesac", "d"]),
        ("f() {\n  a\n}\nf", ["f() {\n  a\n}", "f"]),
        ("(\n  cd x\n  a\n)\nb", ["(\n  cd x\n  a\n)", "b"]),
        ("A=(1\n2)\nb", ["A=(1\n2)", "b"]),
        ("echo done\necho fi\necho }", ["echo done", "echo fi", "echo }"]),
        ("echo a#b", ["echo a#b"]),
        ("", []),
    ],
)
def test_statements_end_where_a_shell_ends_them(text: str, expected: list[str]) -> None:
    assert [statement.text for statement in read_statements(text)] == expected


def test_a_statement_knows_its_line() -> None:
    assert [statement.line for statement in read_statements("\n# c\na\n\ncat <<E\nx\nE\nb")] == [2, 4, 7]


@pytest.mark.parametrize("text", ["echo 'a", 'echo "a', "cat <<E\na", "if a; then", "(a", "echo $(a", "echo `a"])
def test_what_never_ends_is_incomplete(text: str) -> None:
    assert not read_statements(text)[-1].complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", [("a", "b")]),
        ("X=1 a 'b c'", [("a", "b c")]),
        ("a | b && c || d; e & f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("if a; then b; fi", [("a",), ("b",)]),
        ("for x in rm -rf /; do echo $x; done", [("echo", "$x")]),
        ("echo $(git rev-parse HEAD)", [("git", "rev-parse", "HEAD"), ("echo", "$(git rev-parse HEAD)")]),
        ('echo "`date`"', [("date",), ("echo", "`date`")]),
        ("a > out 2>&1 < in", [("a",)]),
        ("! grep x f", [("grep", "x", "f")]),
        ("[[ a < b ]] && c", [("[[", "a", "]]"), ("c",)]),
        ("a\\ b c", [("a b", "c")]),
    ],
)
def test_the_commands_of_a_statement_are_found(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [command.words for command in commands_of(text)] == expected


def test_what_stands_around_a_command_is_kept() -> None:
    first, second = commands_of("A=1 B='x y' make > log && sleep 9 &")
    assert first.assignments == (("A", "1"), ("B", "x y"))
    assert first.writes == ("log",)
    assert [command.words for command in commands_of("get <url> && cd here")] == [("get",), ("cd", "here")]
    assert (second.operator, second.ends) == ("&&", "&")
    assert read_statements("sleep 9 &")[0].is_background


PIECES = st.sampled_from(
    ["echo a", "X=1", "'q'", '"d $X"', "\\\n", "\n", ";", "&&", "||", "|", "(", ")", "{", "}", "if true; then", "fi",
     "for i in 1 2; do", "done", "cat <<E", "E", "# c\n", "$(echo b)", "`echo c`", "case a in", "a)", ";;", "esac", " "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_statements_lose_nothing_but_blanks_and_comments(text: str) -> None:
    at = 0
    for statement in read_statements(text):
        found = text.find(statement.text, at)
        assert found >= at
        between = text[at:found]
        assert all(line.lstrip(" \t\\;").startswith("#") or not line.strip(" \t\\;") for line in between.split("\n"))
        assert text.count("\n", 0, found) == statement.line
        at = found + len(statement.text)


@given(st.lists(PIECES, max_size=8).map(" ".join))
def test_a_text_that_bash_reads_is_cut_into_texts_that_bash_reads(text: str) -> None:
    def is_read(each: str) -> bool:
        return subprocess.run(["bash", "-n", "-c", each], capture_output=True, check=False).returncode == 0

    if is_read(text) and "<<" not in text:
        for statement in read_statements(text):
            assert is_read(statement.text), statement.text
