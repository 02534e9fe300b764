"""How spec-run bears what is damaged: mutated documents, damaged journals, readings and notes of kept work trees.

``python benchmarks/damage.py [MINUTES [SEED]]`` says how many were tried, and which ended as a fault (exit 3) or
not at all. Each round is a process of its own; nothing of the documents is run.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import zlib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 20
"""A round that takes more of the processor's time hangs, whatever else the machine does."""
WAIT = 300
"""A round that has not ended after so many seconds hangs, though it uses no processor."""
CALLS = (
    ["check"],
    ["status", "--json"],
    ["show"],
    ["run", "-n"],
    ["run", "-n", "--json"],
    ["diff"],
    ["run", "--only", "T999"],
)
_PIECES = (
    b"\x00",
    b"\xff",
    b"\r",
    b"\n",
    b"`",
    b"```\n",
    b"- [ ] T001 Run `true`\n",
    b"- [X]",
    b"[" * 3000,
    b"{" * 3000,
    b"\xed\xa0\x80",
    b"<!--",
    b"Response:\n```json\n" + b"[" * 5000 + b"\n```\n",
    b"| a | b |\n",
    b"    ",
    b"> " * 300,
    b"* " * 200,
    b"(" * 500,
    "\u202e\u200b\U000e0001".encode(),
    b"1" * 5000,
    b"-" * 4000,
    b"1e999",
    b"NaN",
    b"null",
    b"-1",
    b"[]",
    b"{}",
    b'""',
    b"\\ud800",
    b"(FAILED: ",
    b"T001-T999999999",
    b"(depends on T001)",
    b"# Phase 1\n",
    b"$(",
    b"<<EOF\n",
    b"'",
    b'"',
    b"%s",
    b"../../../",
    b"true",
)


def documents() -> list[bytes]:
    """The documents that come with the project, to be mutated."""
    found = [place.read_bytes() for place in sorted((ROOT / "specs").rglob("*.md"))]
    return [
        *found,
        b"# Tasks\n\n## Phase 1\n\n- [ ] T001 Run `true` and confirm it prints `x`\n- [X] T002 [P] Create `a.py`\n",
    ]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The same with some bytes, words or lines changed, moved, doubled or gone."""
    for _ in range(dice.randrange(1, 9)):
        at, length = dice.randrange(len(data) + 1), dice.choice((1, 4, 40, 400))
        piece = dice.choice((*_PIECES, bytes([dice.randrange(256)]), data[at : at + length] * dice.randrange(1, 4)))
        data = data[:at] + piece + data[at + dice.choice((0, 0, 1, length)) :]
    return data


def damaged_journal(data: bytes, dice: random.Random) -> bytes:
    """Records whose checksum is right and whose shape is not, among others."""
    lines = data.splitlines(keepends=True)
    for _ in range(dice.randrange(1, 6)):
        text = mutated(dice.choice(lines).partition(b" ")[2].rstrip(b"\n"), dice).replace(b"\n", b"")
        if dice.random() < 0.6:
            words = text.split(b",")
            word = dice.randrange(len(words))
            words[word] = (
                words[word].partition(b":")[0]
                + b":"
                + dice.choice((b"[]", b"{}", b"1", b'"x"', b"null", b"-1e999", b"[[1]]"))
            )
            text = b",".join(words)
        lines.insert(dice.randrange(len(lines) + 1), b"%08x %s\n" % (zlib.crc32(text), text))
    return b"".join(lines)


class Place:
    """A repository that was run once, made whole again for each round."""

    def __init__(self, top: Path) -> None:
        self.top, self.root = top, top / "repository"
        self.spec = self.root / "specs" / "001-case"
        self.spec.mkdir(parents=True)
        self.documents = documents()
        os.environ.update(XDG_STATE_HOME=str(top / "state"), HOME=str(top))
        (self.spec / "tasks.md").write_bytes(self.documents[-1])
        (self.spec / "quickstart.md").write_bytes(b"# Quickstart\n\n```bash\ntrue\n```\n")
        os.chdir(self.root)
        called(["run", "--sandbox", "best"])
        time.sleep(2.5)  # what changed just now is not kept
        called(["status"])
        called(["check"])
        self.files = [place for name in (".spec-run", "../state") for place in sorted((self.root / name).rglob("*"))]
        self.files = [
            place for place in self.files if place.is_file() and not {"upper", "venv", "work"} & set(place.parts)
        ]
        self.whole = {place: place.read_bytes() for place in self.files}

    def damage(self, dice: random.Random) -> None:
        for place, data in self.whole.items():
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            place.unlink(missing_ok=True)
            place.write_bytes(data)
        for name in ("tasks.md", "quickstart.md"):
            (self.spec / name).write_bytes(mutated(dice.choice(self.documents), dice))
        if dice.random() < 0.3:
            (self.spec / "tasks.md").write_bytes(self.documents[-1])
        for place in dice.sample(self.files, dice.randrange(0, 4)):
            data = self.whole[place]
            made = damaged_journal(data, dice) if place.name == "journal" and data else mutated(data, dice)
            place.write_bytes(dice.choice((made, made, made, data[: dice.randrange(len(data) + 1)])))


def called(words: list[str]) -> tuple[int, str]:
    """The exit code of a command line, and what it said of a fault."""
    from spec_runner.cli import main

    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        return int(main([*words, "specs/001-case"])), err.getvalue()


def rounds(place: Place, count: int | None, minutes: float, seed: int) -> Counter[str]:
    """How many rounds ended how; whatever is a fault or a hang is printed with its number."""
    ends: Counter[str] = Counter()
    until, number = time.monotonic() + minutes * 60, seed
    while number - seed < count if count is not None else time.monotonic() < until:
        number += 1
        dice = random.Random(number)
        place.damage(dice)
        words = dice.choice(CALLS)
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
            signal.alarm(WAIT)
            code, said = called(words)
            if code == 3:
                print(number, words, said, file=sys.stderr, flush=True)
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        end = "hangs" if -code in (signal.SIGALRM, signal.SIGXCPU) else f"exit {code}"
        if code < 0:
            print(number, words, end, file=sys.stderr, flush=True)
        ends[end] += 1
    return ends


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    with tempfile.TemporaryDirectory(prefix="damage-") as top:
        place = Place(Path(top).resolve())
        ends = rounds(place, None, minutes, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
        print(f"{sum(ends.values())} rounds: " + ", ".join(f"{count} {end}" for end, count in sorted(ends.items())))
        os.chdir("/")


if __name__ == "__main__":
    main()
