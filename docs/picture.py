"""Draw docs/run.svg: the shipped spec, run as on a terminal: ``python docs/picture.py``.

It is run in a copy, so that no mark of this repository moves. Its server listens on port 8000.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from spec_runner.app.plan import Settings
from spec_runner.app.run import run
from spec_runner.views import console

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "run.svg"
SPEC = "specs/005-chatkit-backend-setup"
WIDTH = 92
_GREY = (110, 118, 129)
THEME = TerminalTheme(
    (13, 17, 23), (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207),
     (177, 186, 196)],
    [_GREY, (255, 161, 152), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221),
     (255, 255, 255)],
)  # fmt: skip


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Recorder(Console):
    """What a terminal shows in the end, without the lines that live for a while only."""

    def __init__(self) -> None:
        super().__init__(
            record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, force_interactive=False,
            color_system="standard",
        )  # fmt: skip

    def print(self, *what: Any, **how: Any) -> None:
        """Print what there is; with nothing at all live lines make room for what comes after them."""
        if what:
            super().print(*what, **how)


def main() -> None:
    """Run the spec in a copy and draw what the terminal shows."""
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "repository")
        shutil.copytree(ROOT / SPEC, root / SPEC, ignore=shutil.ignore_patterns("__pycache__"))
        git = "git init --quiet && git add --all && git -c user.name=A -c user.email=a@localhost commit --quiet -m All"
        subprocess.run(git, shell=True, cwd=root, check=True)
        show_run(root, folder, recorder)
        recorder.print("")
        show_changes(root, recorder)
    drawn = recorder.export_svg(title="spec-run", theme=THEME)
    # A picture in a README loads no fonts, and a reader's machine should not be asked to.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), encoding="utf-8")


def show_typed(command: str, recorder: Recorder) -> None:
    """A command as it is typed."""
    recorder.print(Text.assemble(("$ ", "bright_black"), (command, "bold")), highlight=False)


def show_run(root: Path, state: str, recorder: Recorder) -> None:
    """Run the spec, with the terminal's own view printing into the picture."""
    show_typed(f"spec-run {SPEC}", recorder)
    with patch.object(console, "Console", lambda file: recorder):
        run(Settings((SPEC,), root, {**os.environ, "XDG_STATE_HOME": state}, Terminal(), Terminal(), sandbox="best"))


def show_changes(root: Path, recorder: Recorder) -> None:
    """What the run changed in the document."""
    command = f"git diff --unified=0 | grep '^[-+]- ' | cut -c-{WIDTH - 2}"
    show_typed(command, recorder)
    told = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, check=True).stdout
    for line in told.splitlines():
        recorder.print(Text(line, style="red" if line.startswith("-") else "green"), highlight=False)


if __name__ == "__main__":
    main()
