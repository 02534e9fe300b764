"""The documentation is true: what it tells to type is typed, what it shows is compared, its JSON holds to the schemas.

What a fence is for is said by its language, and where that is not enough by a comment before it:

- ``console``: what stands behind ``$ `` is run (``> `` goes on), in a scratch folder and one shell for each page; the lines
  below it are what comes out, ``…`` standing for any letters, or alone on a line for any lines. A command that fails is
  followed by ``$ echo $?``.
- ``bash``: run as a whole, in a shell of its own; it has to pass.
- ``<!-- file: PATH -->`` before a fence: its text is written there.
- ``<!-- not run: REASON -->`` before a fence: skipped, with that reason.
- ``json`` holds to the schema that it names; ``toml`` is read as a configuration.
- All other fences, and code in a line, are read for ``spec-run …``: such a command and its options exist.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from jsonschema import Draft202012Validator

from spec_runner.cli import _spec_run as program
from spec_runner.core.evidence.check import CODES
from spec_runner.system.config import read_config
from tests.app.test_schemas import FOLDER, schema
from tests.conftest import OFFERED, ROOT

PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions")]
LANGUAGES = {"console", "bash", "json", "toml", "yaml", "text", "markdown", "groovy"}
"""``sh`` and the like are not among them: what looks as if it were run is run."""
_FENCE = re.compile(r"( *)(`{3,})(\w*)\s*$")
_COMMENT = re.compile(r"<!-- (file|not run): (.+) -->$")
_GITCONFIG = (
    "[user]\nname = Reader\nemail = reader@localhost\n[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n"
)


class Fence(NamedTuple):
    """A fence of a page, and what the comment before it says."""

    page: Path
    line: int
    language: str
    text: str
    note: str
    said: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Typed(NamedTuple):
    """A command, and what it is to print; None where that is not said."""

    fence: Fence
    command: str
    expected: str | None


def fences(page: Path) -> Iterator[Fence]:
    """The fences of a page, in order."""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), 1))
    before = ""
    for number, line in lines:
        if opened := _FENCE.match(line):
            indent, ticks, language = opened.groups()
            inside: list[str] = []
            for _, text in lines:
                if text.strip() == ticks:
                    break
                inside.append(text.removeprefix(indent))
            comment = _COMMENT.match(before.strip())
            note, said = comment.groups() if comment else ("", "")
            yield Fence(page, number, language, "".join(f"{each}\n" for each in inside), note, said)
            before = ""
        elif line.strip():
            before = line


FENCES = [fence for page in PAGES for fence in fences(page)]


def typed(fence: Fence) -> Iterator[Typed]:
    """What a fence tells to type."""
    if fence.note == "file":
        path = shlex.quote(fence.said)
        # A fence that repeats a file replaces it, as the reader's editor would.
        write = f"mkdir -p $(dirname {path}) && printf %s {shlex.quote(fence.text)} > {path}"
        yield Typed(fence, write, "")
    elif fence.language == "bash":
        yield Typed(fence, f"(set -e\n{fence.text})", None)
    elif fence.language == "console":
        for part in re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]:
            first, *rest = part.splitlines()
            while rest and rest[0].startswith("> "):
                first += "\n" + rest.pop(0)[2:]
            yield Typed(fence, first, "".join(f"{line}\n" for line in rest))


def pattern(expected: str) -> re.Pattern[str]:
    """What is expected, as a pattern of what is printed."""
    lines = [
        r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + r"\s*\n"
        for line in expected.splitlines()
    ]
    return re.compile("".join(lines))


def run_page(commands: list[Typed], scratch: Path) -> list[tuple[int, str]]:
    """Type all of it into one shell; how each ended and what it printed."""
    home, outputs = scratch / "home", scratch / "outputs"
    for folder in (home, outputs, scratch / "here", scratch / "bin"):
        folder.mkdir()
    (home / ".gitconfig").write_text(_GITCONFIG)
    shim = scratch / "bin" / "spec-run"
    shim.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m spec_runner "$@"\n')
    shim.chmod(0o755)
    lines = ["code=0"]
    for number, each in enumerate(commands):
        out = outputs / str(number)
        lines.append(
            f"(exit $code); eval {shlex.quote(each.command)} >{out} 2>&1 </dev/null; code=$?; echo $code >{out}.code"
        )
    environment = {
        "PATH": f"{scratch / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb",
        "COLUMNS": "80", "XDG_STATE_HOME": str(scratch / "state"),
    }  # fmt: skip
    subprocess.run(["bash", "-c", "\n".join(lines)], cwd=scratch / "here", env=environment, timeout=120, check=False)
    return [
        (int((outputs / f"{number}.code").read_text()), (outputs / str(number)).read_text(encoding="utf-8"))
        for number in range(len(commands))
        if (outputs / f"{number}.code").exists()
    ]


RUN = {
    page: found
    for page in PAGES
    if (found := [each for fence in FENCES if fence.page == page and fence.note != "not run" for each in typed(fence)])
}


@pytest.fixture
def port_8123() -> Iterator[None]:
    """The tutorial's port: pages wait for those of another checkout that is tested beside this one."""
    with open(Path(tempfile.gettempdir()) / "spec-run-tests-port-8123", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("port_8123")
@pytest.mark.skipif(OFFERED == ["plain"], reason="a run without isolation asks first; the pages are written with it")
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    commands = RUN[page]
    seen = run_page(commands, tmp_path)
    asked = [each.command for each in commands[1:]] + [""]
    for (fence, command, expected), (code, out), following in zip(commands, seen, asked, strict=False):
        told = f"{fence.place}: $ {command}\n{out}exit {code}"
        assert code == 0 or following == "echo $?", told
        is_as_told = expected is None or bool(pattern(expected).fullmatch(out))
        assert is_as_told, told
    assert len(seen) == len(commands)


@pytest.mark.parametrize("fence", [each for each in FENCES if each.note == "not run"], ids=lambda fence: fence.place)
def test_what_is_not_run_says_why(fence: Fence) -> None:
    pytest.skip(fence.said)


def test_every_fence_is_of_a_kind_that_is_known() -> None:
    assert [each.place for each in FENCES if each.language not in LANGUAGES and not each.note] == []


@pytest.mark.parametrize("fence", [each for each in FENCES if each.language == "json"], ids=lambda fence: fence.place)
def test_json_is_what_the_program_prints(fence: Fence) -> None:
    told = json.loads(fence.text)
    if "schema" in told:
        published = schema(told["schema"].removeprefix("spec-run/").removesuffix("@1"))
        assert [each.message for each in Draft202012Validator(published).iter_errors(told)] == []


@pytest.mark.parametrize("fence", [each for each in FENCES if each.language == "toml"], ids=lambda fence: fence.place)
def test_toml_is_a_configuration(fence: Fence, tmp_path: Path) -> None:
    (tmp_path / "sample").mkdir()
    (tmp_path / "spec-run.toml").write_text(fence.text, encoding="utf-8")
    read_config(tmp_path, tmp_path, None)


def spoken(page: Path) -> Iterator[list[str]]:
    """Every ``spec-run …`` on a page, as words."""
    for found in re.finditer(r"(?<![\w/.-])spec-run((?: (?! )[^\n`|&;>#)]*)?)", page.read_text(encoding="utf-8")):
        line = re.split(r"  +", found[1].strip())[0]
        if re.search(
            r"(?:^|[`$>:&|;]) *$|^ *$|- run: $", page.read_text(encoding="utf-8")[: found.start()].rpartition("\n")[2]
        ):
            try:
                yield shlex.split(line)
            except ValueError:
                yield line.split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    assert isinstance(program, click.Group)
    context = click.Context(program)
    for words in spoken(page):
        named = words[0] if words and words[0] in program.list_commands(context) else "run"
        command = program.get_command(context, named)
        assert command is not None
        known = {name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)}
        known |= {"--version"}
        used = [word.split("=")[0].rstrip(",.") for word in words if re.match(r"-\w|--\w", word)]
        assert [each for each in used if each not in known] == [], (named, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^( *)(`{3,}).*?^ *\2$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(("https://", "http://")):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.strip().lower()).replace(" ", "-") for each in headings}


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / link.split("#")[0]).resolve() for link in re.findall(r"\]\(([^)\s]+)\)", index)}
    assert [str(page) for page in PAGES[1:] if page.name != "README.md" and page not in linked] == []


def test_the_commands_are_told_as_they_are() -> None:
    generate = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(generate, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, "python docs/generate.py writes it again"


def test_every_code_of_check_is_told() -> None:
    told = re.findall(r"^\| (SR\d+) \|", (ROOT / "docs" / "check.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert told == list(CODES)


def test_every_schema_is_told() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert [path.name for path in FOLDER.glob("*.json") if f"schema/{path.name}" not in page] == []
