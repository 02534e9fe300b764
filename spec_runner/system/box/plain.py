"""The level that works everywhere: a copy of the repository, a HOME and a temporary folder of its own.

It keeps honest commands off the user's files. It does not hold a command that means harm: that one can name any path.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from spec_runner.system import git, strays, worktree
from spec_runner.system.box import Layout
from spec_runner.system.env import allowed_environment
from spec_runner.system.process import GRACE, Process
from spec_runner.system.venv import make_venv

_MARK = "SPEC_RUN_BOX"
_OPEN: set[Path] = set()
"""The boxes of this process that are not closed."""


class PlainBox:
    """A box that isolates nothing but what a copy and an environment can."""

    def __init__(self, layout: Layout) -> None:
        self.base = Path(os.path.realpath(tempfile.mkdtemp(prefix="spec-run-")))
        self._processes: list[Process] = []
        self._repository = layout.root
        self.marks: Mapping[str, str] = {_MARK: self.base.name}
        _OPEN.add(self.base)
        strays.adopt()
        try:
            self._fill(layout)
        except BaseException:
            _OPEN.discard(self.base)
            worktree.remove(self.base)
            raise

    def _fill(self, layout: Layout) -> None:
        # Tools name things after the folder they stand in, so the copy is called as the repository is.
        self.root = self.base / "work" / (layout.root.name or "repository")
        self.scratch = self.base / "scratch"
        home, temporary, mirrors = self.base / "home", self.base / "tmp", self.base / "mirrors"
        for folder in (self.root, self.scratch, home, temporary, mirrors):
            folder.mkdir(parents=True)
        warning = worktree.copy_repository(layout.root, self.root, (layout.folder,), layout.is_stopped, self.base)
        self.warnings: tuple[str, ...] = (warning,) if warning else ()
        programs = make_venv(self.base / "venv", layout.host)
        made = {address: git.mirror(place, mirrors) for address, place in layout.mirrors.items()}
        kept = allowed_environment(layout.host)
        self.environment: Mapping[str, str] = {
            **kept,
            **git.environment_of(made),
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "VIRTUAL_ENV": str(programs.parent),
            "PATH": os.pathsep.join([str(programs), kept.get("PATH", os.defpath)]),
            "CI": "1",
            "PIP_NO_INPUT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONUNBUFFERED": "1",
            "DEBIAN_FRONTEND": "noninteractive",
            **self.marks,
        }

    def start(
        self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], on_line: Callable[[str], None]
    ) -> Process:
        """Start a process in the work tree."""
        process = Process(words, cwd=cwd, environment=environment, on_line=on_line)
        self._processes.append(process)
        return process

    def shown(self, text: str) -> str:
        """The text with the paths of the box as the user's own would be."""
        for place, instead in (
            (self.root, "."),
            (self.base / "home", "~"),
            (self.base / "tmp", "/tmp"),
            (self.base, "box"),
        ):
            text = text.replace(f"{place}/", "" if instead == "." else f"{instead}/").replace(str(place), instead)
        return text

    def close(self) -> str | None:
        """End what is left, also what left its process group, and remove the box."""
        for process in self._processes:
            process.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for process in self._processes:
            if not process.wait(deadline - time.monotonic()):
                process.kill()
            process.kill()
        _OPEN.discard(self.base)
        known = {process.pid for process in self._processes}
        # An orphan without the mark may belong to any open box; the last one to close ends it.
        strays.end(f"{_MARK}={self.base.name}", adopted_but=None if _OPEN else known)
        for process in self._processes:
            process.close()
        return None if worktree.remove(self.base) else str(self.base)
