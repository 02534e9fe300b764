"""``python -m spec_runner`` and the command ``spec-run``."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run the program with the arguments it was called with, and return its exit code."""
    _open_closed()
    if sys.argv[1:] in (["--version"], ["-V"]):
        # Answered without the command line's library: agents ask this often.
        from spec_runner import __version__

        print(f"spec-run {__version__}")
        return 0
    name = _named_help(sys.argv[1:])
    if name and _say_help(name):
        return 0
    # Nothing that is imported or planned is garbage; looking for some costs a tenth of a dry run. A run turns it on.
    gc.disable()
    from spec_runner.system.kept_patterns import keep_patterns

    patterns = keep_patterns()
    from spec_runner.cli import main as cli

    code = cli(sys.argv[1:])
    if patterns and patterns.are_new:
        import signal

        # All is done: there is nothing left that an interruption could stop, and what is kept is written whole.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        patterns.save()
    # The interpreter looks for garbage once more before it ends; all memory goes with the process anyway.
    gc.freeze()
    return code


def _named_help(words: list[str]) -> str:
    """The command whose help alone is asked for, or the program; empty where something else is asked."""
    if words in (["--help"], ["-h"]):
        return "spec-run"
    if len(words) == 2 and words[0] == "help":
        words.reverse()
    return words[0] if words[1:] in (["--help"], ["-h"], ["help"]) and words[0].isalpha() else ""


def _say_help(name: str) -> bool:
    """Print a help as it was made for a pipe; on a terminal, whose width counts, the library does."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return False
    try:
        with open(os.path.join(os.path.dirname(__file__), "help", f"{name}.txt"), encoding="utf-8") as file:
            print(file.read(), end="", flush=True)
    except OSError:
        return False
    return True


def _open_closed() -> None:
    """Give a stream that whoever called has closed a place again: else the next file that is opened would take it."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # Nothing can be written to stdout then: a result is lost, and who asked for one is told.
            os.open(os.devnull, flags)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    sys.exit(main())
