"""What was typed → Settings; every error → one message and one exit code.

Each command stands in a module of its own, which is imported when that command is typed.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from spec_runner import __version__
from spec_runner.cli.usage import usage_message
from spec_runner.core.text.printable import visible
from spec_runner.errors import NO_MORE_PROCESSES, ExitCode, SpecError, is_process_limit, said

_COMMANDS = {
    "run": ("run", "Run the tasks of a spec and write their marks back."),
    "verify": ("verify", "Replay every tick in a clean work tree: are they true?"),
    "quickstart": ("run", "Follow a quickstart.md from scratch, in a fresh work tree."),
    "check": ("check", "Find contradictions in specs; run nothing."),
    "status": ("status", "Show how every spec stands, and when it last ran."),
    "show": ("show", "Show the evidence of a task or a run."),
    "merge": ("merge", "Make one report of those of the parts of a run."),
    "worker": ("worker", "Print the line that starts a worker of a cluster (--on dask)."),
    "diff": ("changes", "Show what the commands changed in their work tree."),
    "apply": ("changes", "Copy what the commands changed into the repository."),
    "clean": ("changes", "Remove the work trees of specs."),
    "completion": ("completion", "Print the completion script for a shell."),
    "agent": ("agent", "Print the settings that make a coding agent prove its ticks."),
    "mcp": ("mcp", "Answer a coding agent over the Model Context Protocol."),
    "init": ("init", "Write a commented spec-run.toml into a spec folder."),
    "doctor": ("doctor", "Show what this machine can do, and what to install for more."),
}
"""Each command's module here, and what it is for."""
_UNWRITABLE = (errno.ENOSPC, errno.EBADF, errno.EIO)


def _refuse_misspelt(word: str | None) -> None:
    """Raises UsageError for a misspelt command: whoever meant ``check`` must not run the path behind it."""
    if word is None or not word.isalpha() or os.path.lexists(word):
        return
    from difflib import get_close_matches

    near = get_close_matches(word, _COMMANDS, n=1)
    if near:
        raise click.UsageError(f"there is no command, file or folder {word}; did you mean {near[0]}?")


class _Commands(click.Group):
    """``spec-run PATH…`` is ``spec-run run PATH…``: what is not a command's name belongs to ``run``."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        first = arguments[0] if arguments else None
        if first is None and not context.resilient_parsing:
            from spec_runner.cli.here import is_named

            arguments = ["run"] if is_named() else ["status", "--here"]
        elif first == "help":
            arguments = [*arguments[1:2], "--help"]
        elif first not in _COMMANDS and first not in ("--help", "-h", "--version", "-V", None):
            _refuse_misspelt(first)
            arguments.insert(0, "run")
        return super().parse_args(context, arguments)

    def shell_complete(self, context: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        # A word that begins no command begins a path: the shell knows those.
        return super().shell_complete(context, incomplete) or [CompletionItem(incomplete, type="file")]

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        found = getattr(import_module(f"spec_runner.cli.{_COMMANDS[name][0]}"), name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in _COMMANDS.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  spec-run specs/001-login               run it, write the marks back
  spec-run -n specs/001-login            show exactly what would happen
  spec-run --until T005 specs/001-login  run some of its tasks
  spec-run quickstart specs/001-login    does the guide work from scratch?
  spec-run verify specs/                 are the ticks true?

\b
Exit codes: 0 all that ran passed, 1 something failed, 2 wrong arguments or
unreadable input, 3 a fault of spec-run, 4 nothing to run, 130 interrupted.""",
)
@click.version_option(__version__, "-V", "--version", prog_name="spec-run", message="%(prog)s %(version)s")
def _spec_run() -> None:
    """Run the plan written in markdown; let a checkbox be ticked only by evidence.

    PATH is a spec folder, a tasks.md or quickstart.md, or a folder of specs. "spec-run PATH" is "spec-run run PATH".
    "spec-run" alone lists the specs here; "spec-run help COMMAND" is "spec-run COMMAND --help".
    """


def main(arguments: Sequence[str]) -> int:
    """Run the program and return its exit code; whatever goes wrong becomes one message on stderr."""
    try:
        code = _spec_run.main(list(arguments), prog_name="spec-run", standalone_mode=False, obj=tuple(arguments))
        return int(code or 0)
    except click.ClickException as error:
        _say(f"spec-run: {visible(usage_message(error))}")
        return ExitCode.USAGE
    except SpecError as error:
        _say(f"spec-run: {visible(str(error))}")
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        _say("spec-run: interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who reads has stopped reading: nothing more can be said, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PASSED
    except Exception as error:
        if is_process_limit(error):
            _say(f"spec-run: {NO_MORE_PROCESSES}; end some, or raise the limit (ulimit -u)")
            return ExitCode.USAGE
        if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
            _say(f"spec-run: cannot write the result ({said(error)}); check where stdout goes")
            return ExitCode.USAGE
        return _refused(error) if isinstance(error, OSError) else _fault(error)


def _say(text: str) -> None:
    """Print to stderr; if that is closed, the exit code still says it."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def _refused(error: OSError) -> int:
    """What the system refused and nobody else handled: no permission, for one."""
    if os.environ.get("SPEC_RUN_DEBUG"):
        raise error
    where = f": {error.filename}" if error.filename else ""
    _say(f"spec-run: {visible(f'{said(error)}{where}')}")
    return ExitCode.USAGE


def _fault(error: Exception) -> int:
    """A fault of the program itself: one line, and the traceback on request."""
    if os.environ.get("SPEC_RUN_DEBUG"):
        raise error
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f" ({Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno})" if place else ""
    _say(f"spec-run: fault of spec-run: {type(error).__name__}: {visible(str(error))}{where}")
    _say("spec-run: please report it; SPEC_RUN_DEBUG=1 shows the traceback")
    return ExitCode.FAULT
