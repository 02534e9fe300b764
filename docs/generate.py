"""Write what the commands say of themselves: ``python docs/generate.py [--check]``.

docs/reference/commands.md is the page of commands, spec_runner/help what ``--help`` prints into a pipe.

``--check`` writes nothing and exits with 1 if one of them is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from spec_runner.cli import _spec_run as program
from spec_runner.cli.help import grouped
from spec_runner.errors import ExitCode

PAGE = Path(__file__).resolve().parent / "reference" / "commands.md"
HELP = Path(__file__).resolve().parent.parent / "spec_runner" / "help"
_HEAD = """\
# Commands

`python docs/generate.py` writes this page from the program; `spec-run COMMAND --help` says the same.
`spec-run PATH…` is `spec-run run PATH…`. PATH is a spec folder, a `tasks.md` or `quickstart.md`, or a folder of specs.
Without a PATH, the spec is the one that `SPECIFY_FEATURE_DIRECTORY` names, else the one in whose folder you are, else
the one that spec-kit's `.specify/feature.json` or the branch names (`002-pay` is `specs/002-…`), else the only one.
`spec-run` alone lists the specs here and how each stands; where spec-kit was told which one is at hand, it runs that.
`spec-run help COMMAND` is `spec-run COMMAND --help`.
"""
_CODES = {
    ExitCode.PASSED: "all that ran passed",
    ExitCode.FAILED: "something failed, a tick is false, or `check` found something",
    ExitCode.USAGE: "wrong arguments, or unreadable input",
    ExitCode.FAULT: "a fault of spec-run itself",
    ExitCode.EMPTY: "there was nothing to run; `--allow-empty` makes it 0",
    ExitCode.INTERRUPTED: "interrupted",
}


def main() -> int:
    """Write them, or say whether they are up to date."""
    made = {PAGE: "".join(f"{line}\n" for line in page()), **dict(help_for_pipes())}
    if "--check" in sys.argv[1:]:
        return (
            0 if all(file.is_file() and file.read_text(encoding="utf-8") == text for file, text in made.items()) else 1
        )
    HELP.mkdir(exist_ok=True)
    for file, text in made.items():
        file.write_text(text, encoding="utf-8")
    return 0


def help_for_pipes() -> Iterator[tuple[Path, str]]:
    """What ``--help`` of the program and of each command prints where there is no terminal: for 80 columns."""
    assert isinstance(program, click.Group)
    context = program.make_context("spec-run", [], terminal_width=78, resilient_parsing=True)
    yield HELP / "spec-run.txt", f"{program.get_help(context)}\n"
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        assert command is not None
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        yield HELP / f"{name}.txt", f"{command.get_help(inner)}\n"


def page() -> Iterator[str]:
    """The lines of the page."""
    assert isinstance(program, click.Group)
    context = click.Context(program, info_name="spec-run")
    names = program.list_commands(context)
    yield _HEAD
    yield " · ".join(f"[{name}](#{name})" for name in names) + " · [exit codes](#exit-codes)"
    for name in names:
        command = program.get_command(context, name)
        assert command is not None
        yield from section(command)
    yield "\n## Exit codes\n\n| code | when |\n|---|---|"
    yield from (f"| {int(code)} | {_CODES[code]} |" for code in ExitCode)


def section(command: click.Command) -> Iterator[str]:
    """One command: usage, what it does, its options, examples."""
    yield f"\n## {command.name}\n"
    arguments = [
        each.metavar or (each.name or "").upper() for each in command.params if isinstance(each, click.Argument)
    ]
    yield f"    {' '.join(['spec-run', str(command.name), '[OPTIONS]', *arguments])}\n"
    yield prose(command.help or "")
    groups = list(grouped(command))
    for heading, options in groups:
        yield f"\n| {heading.lower() if len(groups) > 1 else 'option'} | what it does |\n|---|---|"
        yield from (f"| `{cell(names(each))}` | {cell(what(each))} |" for each in options)
    lines = [line for line in (command.epilog or "").splitlines() if line.startswith("  ")]
    if lines:
        yield "\n```text"
        yield from (line[2:] for line in lines)
        yield "```"


def names(option: click.Option) -> str:
    """An option as it is typed; not as click shows it, whose versions differ in that."""
    value = option.metavar or (f"[{'|'.join(option.type.choices)}]" if isinstance(option.type, click.Choice) else "")
    typed = ", ".join(option.opts) + "".join(f" / {each}" for each in option.secondary_opts)
    return f"{typed} {value}".rstrip()


def what(option: click.Option) -> str:
    """What an option is for, and what holds without it."""
    text = option.help or ""
    return f"{text} [default: {option.default}]" if option.show_default else text


def prose(text: str) -> str:
    """A help text in lines of the page's width."""
    paragraphs = [" ".join(each.split()) for each in text.split("\n\n")]
    return "\n\n".join(click.formatting.wrap_text(each, 120) for each in paragraphs)


def cell(text: str) -> str:
    """A text in one cell of a table."""
    return re.sub(r"\s+", " ", text).replace("|", r"\|")


if __name__ == "__main__":
    raise SystemExit(main())
