"""``spec-run completion``, and what the options complete to."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class, split_arg_string

from spec_runner.app.complete import words
from spec_runner.core.text.printable import is_hiding
from spec_runner.errors import ExitCode

_ASKED = "_SPEC_RUN_COMPLETE"
_SPECIAL = re.compile(r"[^\w@%+=:,./-]", re.ASCII)
"""What bash would obey in a word: it puts completed words on the line as they are given, a heading's ``$(…)`` too."""


@click.command("completion", epilog="""\b
Examples:
  spec-run completion bash > ~/.local/share/bash-completion/completions/spec-run
  spec-run completion zsh > ~/.zfunc/_spec-run
  spec-run completion fish > ~/.config/fish/completions/spec-run.fish""")  # fmt: skip
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> ExitCode:
    """Print the script that lets a shell complete commands, options, and the tasks of a document."""
    kind = get_completion_class(shell)
    assert kind is not None and context.parent is not None
    click.echo(kind(context.parent.command, {}, "spec-run", _ASKED).source())
    return ExitCode.PASSED


def complete(kind: str, context: click.Context, typed: str) -> list[CompletionItem]:
    """What an option that names a task, a phase or a story completes to."""
    # Several may be typed with commas between; what is before the last one stays.
    before, comma, last = typed.rpartition(",")
    found = words(kind, tuple(context.params.get("paths") or _paths_typed()), Path.cwd(), os.environ)
    is_bash = os.environ.get(_ASKED, "").startswith("bash")
    return [
        CompletionItem(_SPECIAL.sub(r"\\\g<0>", full) if is_bash else full, help=what[:60])
        for word, what in found
        if word.lower().startswith(last.lower()) and not is_hiding(full := f"{before}{comma}{word}")
    ]


def _paths_typed() -> list[str]:
    """The paths in what stands on the line; click does not tell them while an option waits for its value."""
    return [word for word in split_arg_string(os.environ.get("COMP_WORDS", ""))[1:] if os.path.exists(word)]
