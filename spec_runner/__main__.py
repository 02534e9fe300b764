"""``python -m spec_runner`` and the command ``spec-run``."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the program with the arguments it was called with, and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Answered without the command line's library: agents ask this often.
        from spec_runner import __version__

        print(f"spec-run {__version__}")
        return 0
    # Nothing that is imported or planned is garbage; looking for some costs a tenth of a dry run. A run turns it on.
    gc.disable()
    from spec_runner.cli import main as cli

    code = cli(sys.argv[1:])
    # The interpreter looks for garbage once more before it ends; all memory goes with the process anyway.
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
