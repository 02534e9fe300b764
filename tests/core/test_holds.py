"""Which commands wait for a person, and why."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.carried import with_values
from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.holds import gravest, hold_of, holds_of
from spec_runner.core.decide.steps import HOLDS
from spec_runner.core.decide.tasks import decide
from spec_runner.core.shell.programs import assignments_of
from spec_runner.core.text.document import read_document

TABLE = [line.split("\t", 1) for line in Path(__file__).with_name("holds.tsv").read_text(encoding="utf-8").splitlines()]
"""The gravest reason and a command, or ``none`` and an ordinary one; ``␤`` stands for a new line."""


@pytest.mark.parametrize("reason", list(dict.fromkeys(verdict for verdict, _ in TABLE)))
def test_a_command_waits_for_its_reason_and_an_ordinary_one_does_not(reason: str) -> None:
    commands = [command.replace("␤", "\n") for verdict, command in TABLE if verdict == reason]
    assert {command: found for command in commands if (found := hold_of(command) or "none") != reason} == {}


def test_no_danger_is_lost_from_the_table_of_programs() -> None:
    rows = [
        line.split("\t", 1) for line in Path(__file__).with_name("dangers.tsv").read_text(encoding="utf-8").splitlines()
    ]
    assert [command for reason, command in rows if reason not in holds_of(command)] == []


def test_the_table_has_at_least_as_many_ordinary_commands_as_held_ones() -> None:
    ordinary = sum(verdict == "none" for verdict, _ in TABLE)
    assert ordinary * 2 >= len(TABLE) >= 306
    assert {verdict for verdict, _ in TABLE} <= {*HOLDS, "none"}


@pytest.mark.parametrize(
    ("system", "command", "reason"),
    [
        ("windows", "./build.ps1", "os"),
        ("windows", "./build.exe", None),
        ("windows", "Copy-Item a b", "os"),
        ("windows", ".venv\\Scripts\\activate", "os"),
        ("windows", "source .venv/Scripts/activate", None),
        ("windows", "systemctl status x", "os"),
        ("linux", "xcodebuild test", "os"),
        ("macos", "xcodebuild test", None),
        ("macos", "journalctl -u shop", "os"),
    ],
)
def test_each_system_has_its_own_commands(system: str, command: str, reason: str | None) -> None:
    assert hold_of(command, system=system) == reason


def test_variables_of_earlier_lines_count() -> None:
    assert hold_of("rm -rf $d", variables={"d": "$(mktemp -d)"}) is None
    assert hold_of("rm -rf $d", variables={"d": "/srv"}) == "destructive"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("gp() { git push; }", "gp"),
        ("function gp { git push; }; function other { ls; }", "other; sudo -n ls"),
        ("alias gp='git push'", "gp origin"),
        ("gp()\n{\n  git push\n}", "true && gp"),
        ("target=origin", 'git push "$target"'),
        ("alias g=git", "g push"),
        ("git config alias.up push", "git up origin"),
        ("export API=https://example.org", 'curl -d a=1 "$API/hook"'),
    ],
)
def test_functions_and_aliases_of_earlier_lines_count(first: str, then: str) -> None:
    assert hold_of(then, variables=assignments_of(first)) in ("outward", "privileged")


def test_what_an_earlier_task_sets_counts_for_later_ones() -> None:
    document = read_document(
        b"- [ ] T001 Run `export API=https://example.org`\n- [ ] T002 Run `curl -d a=1 $API` and `ls -a`\n"
        b"- [ ] T003 Run `curl $API`\n"
    )
    _, second, third = with_values({task.key: decide(task) for task in document.tasks}).values()
    assert [(step.hold, step.holds) for step in second.steps] == [("outward", ("outward",)), ("outward", ())]
    assert [step.hold for step in third.steps] == [None]


def test_what_an_earlier_fence_sets_counts_for_later_ones() -> None:
    guide = read_guide(b"## Setup\n\n```sh\nexport D=~/a\n```\n\nThen:\n\n```sh\nrm -rf $D/b\n```\n")
    assert [step.hold for block in guide.blocks for step in block.steps] == [None, "destructive"]


def test_a_function_that_calls_itself_has_an_end() -> None:
    calls = "; ".join(f"f{number}" for number in range(9))
    known = {f"f{number}()": f"{{ {calls}; }}" for number in range(9)}
    assert hold_of("f1", variables=known) is None


def test_every_reason_is_known() -> None:
    assert holds_of("sudo git push --force") == ("destructive", "outward", "privileged")


PREFIXES = (
    "sudo {}", "env A=1 {}", "env -i -u B {}", "nohup {}", "time {}", "time -p {}", "timeout 5 {}", "timeout -s KILL 5 {}",
    "nice -n 5 {}", "command {}", "exec {}", "stdbuf -oL {}", "setsid {}", "xargs -n 1 {}", "find . -name a -exec {} \\;",
    "npx {}", "npx -y {}", "uvx {}", "pnpm dlx {}", "uv run {}", "env A=b c=d {}", "doppler run -- {}",
)  # fmt: skip
"""What can stand before a simple command."""
AROUND = (
    "true && {}", "true; {}", "false || {}", "ls | {}", "{} | cat", "( {} )", "{{ {}; }}", "! {}", "if {}; then ls; fi",
    "while {}; do ls; done", "echo $( {})", "echo `{}`", 'echo "a $( {}) b"', "X=$( {})", "cat <<EOF\n$( {})\nEOF",
    "bash <<'END'\n{}\nEND", "cat <<'END' | sh\n{}\nEND", "f() {{ {}; }}; f", "ls # a\n{}", "{} &",
    "diff <( {}) b", "case a in (a) {};; esac", "for i in 1 2; do {}; done",
)  # fmt: skip
"""What can stand around any."""
QUOTERS = (
    "bash -c {}", "sh -lc {}", "bash -e -c {}", "eval {}", "sudo bash -c {}", "trap {} EXIT",
)  # fmt: skip
"""What is given any as one word."""
PLAIN = [
    "rm -rf /",
    "git push",
    "sudo ls",
    "mkfs.ext4 /dev/sda1",
    "kubectl get pods",
    "npm publish",
    "git reset --hard",
    "curl -d a=1 example.org",
    "hg push",
    "at noon",
    "docker run -v /:/host alpine",
    "psql -h db.example.org -c 'select 1'",
    "prisma migrate deploy",
]


def wrapped(command: str, wrappers: list[str]) -> str:
    is_simple = True
    for wrapper in wrappers:
        if wrapper in AROUND and not (set("`\n&") & set(command)):
            command, is_simple = wrapper.format(command), False
        elif wrapper in PREFIXES and is_simple:
            command = wrapper.format(command)
        else:
            command, is_simple = (wrapper if wrapper in QUOTERS else "bash -c {}").format(shlex.quote(command)), True
    return command


@given(st.sampled_from(PLAIN), st.lists(st.sampled_from(PREFIXES + AROUND + QUOTERS), max_size=4))
def test_a_held_command_stays_held_whatever_is_around_it(command: str, around: list[str]) -> None:
    assert hold_of(wrapped(command, around)) is not None


def test_the_gravest_reason_counts() -> None:
    assert gravest(["interactive", None, "outward"]) == "outward"
    assert gravest(["destructive", "hidden"]) == "hidden"
    assert gravest([None]) is None
    assert hold_of("sudo git push <remote>") == "outward"


@pytest.mark.parametrize(
    "command",
    [
        "git status \u202e", "ls \u200b-a", "rm\u2066 a", "echo \u3164", "echo a\u00adb", "\ufeffls", "echo \U000e0041",
        "echo a\ufe0f", "echo \x1b[8m", "make\rls", "echo \u2028", "a\u115f=1", "echo \u2800", "echo \x7f",
    ],
)  # fmt: skip
def test_what_nobody_sees_holds_a_command(command: str) -> None:
    assert hold_of(command) == "hidden"


@given(st.text(max_size=80) | st.text(st.sampled_from(list("rmx -/~.$(){}<>|&;'\"`\\\n*=#")), max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    hold_of(text)
