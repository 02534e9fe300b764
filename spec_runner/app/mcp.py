"""A server that lets a model ask, over the Model Context Protocol: what would run, is it true, prove this task.

A tool takes names of specs and tasks, never commands, options or other paths. What is held stays held: there is no word
here that allows it. Each question is a process of this program, so that one which is called off is stopped as by a
person, and nothing that is printed gets between the messages.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from spec_runner import __version__
from spec_runner.errors import SpecError
from spec_runner.system.repository import SpecPaths, find_specs, repository_root
from spec_runner.views.answers import short_answer

try:
    import anyio
    from anyio.abc import ByteReceiveStream
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ResourceError, ToolError
    from mcp.types import ContentBlock, ResourceLink, TextContent, ToolAnnotations
except ImportError:
    problem = "the MCP server needs the library mcp, version 2 or newer"
    raise SpecError(problem, todo="pip install 'spec-run[mcp]'") from None

_KEPT = 20
"""Results that can be read as resources, the last ones."""
_TASK = re.compile(r"\w[\w.'’–-]{0,79}")
_PROGRAM = """\
import sys
sys.path[:] = [place for place in sys.path if place]
from spec_runner.__main__ import main
sys.exit(main())
"""
"""The server is started in the repository: no module there may stand in for one of ours or of Python's."""
_GUIDANCE = (
    "spec-run judges the checkboxes of tasks.md by running what the tasks say, in a sandbox. Do not tick checkboxes by "
    "hand: call prove, which ticks a task whose check passes. Before you say that you are done, call verify with "
    "only_uncommitted. What is held is for a person to allow. 'Present' and 'nothing to go by' are not proof."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_RUNS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=True)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)


class Desk:
    """Where questions about the specs of one repository are asked, one after the other."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._results: dict[str, str] = {}
        self._count = 0
        self._turn = anyio.Lock()

    async def ask(self, *words: str, specs: Sequence[str] = (), rest: Sequence[str] = ()) -> list[ContentBlock]:
        """The answer of a command, short, with a link to the whole. Raises ToolError where there is none."""
        paths = [self._path(name) for name in specs] or [each.path for each in self.specs()]
        if not paths:
            raise ToolError(f"there is no spec in {self._root}")
        async with self._turn:
            code, out, err = await self._run(*words, "--json", "--", *paths, *rest)
        if code not in (0, 1, 4) or not out:
            raise ToolError(err.decode("utf-8", "replace").strip()[-2000:] or f"spec-run ended with exit code {code}")
        self._count += 1
        address = f"spec-run://results/{self._count}"
        self._results[str(self._count)] = out.decode("utf-8", "replace")
        for old in list(self._results)[:-_KEPT]:
            del self._results[old]
        link = ResourceLink(name=f"{words[0]} {self._count}", uri=address, mime_type="application/json")
        return [TextContent(text=short_answer(json.loads(out), code)), link]

    def result(self, number: str) -> str:
        """A whole result. Raises ResourceError for one that is not kept."""
        if number not in self._results:
            raise ResourceError(f"only the last {_KEPT} results are kept; ask again")
        return self._results[number]

    def specs(self) -> Iterator[SpecPaths]:
        """The specs of the repository; what a link leads to, or another repository in it has, is none of them."""
        for each in find_specs((".",), self._root, os.environ):
            if isinstance(each, SpecPaths) and each.root == self._root:
                yield each

    def _path(self, name: str) -> str:
        """The path of the spec that a name means: its path, or its folder's name, or what that begins with."""
        known = [each.path for each in self.specs()]
        word = name.strip("/").removeprefix("./")
        for found in (
            [path for path in known if path == word or (word in ("", ".") and path == ".")],
            [path for path in known if os.path.basename(path) == word],
            [path for path in known if word and os.path.basename(path).startswith(word)],
        ):
            if len(found) == 1:
                return found[0]
        raise ToolError(f"no spec of this repository is called {name!r}; there are: {', '.join(known[:50]) or 'none'}")

    async def _run(self, *words: str) -> tuple[int, bytes, bytes]:
        """The exit code, and what it printed. Called off, it is asked to end, and waited for."""
        async with await anyio.open_process(
            [sys.executable, "-c", _PROGRAM, *words], cwd=self._root, stdin=subprocess.DEVNULL
        ) as process:
            parts: dict[str, bytes] = {}
            assert process.stdout and process.stderr
            try:
                async with anyio.create_task_group() as readers:
                    readers.start_soon(_gather, process.stdout, parts, "out")
                    readers.start_soon(_gather, process.stderr, parts, "err")
                await process.wait()
            except BaseException:
                with anyio.CancelScope(shield=True):
                    process.send_signal(signal.SIGTERM)
                    await process.wait()
                raise
            return process.returncode or 0, parts["out"], parts["err"]


async def _gather(stream: ByteReceiveStream, parts: dict[str, bytes], name: str) -> None:
    parts[name] = b"".join([part async for part in stream])


def _chosen(tasks: Sequence[str]) -> list[str]:
    """The options that select tasks. Raises ToolError for what names none."""
    for each in tasks:
        if not _TASK.fullmatch(each):
            raise ToolError(f"{each!r} is not the name of a task; write T012, T001-T010, US1 or L14")
    return [f"--only={each}" for each in tasks]


def server(root: Path) -> MCPServer[Any]:
    """The server for the specs of a repository."""
    desk = Desk(root)
    made: MCPServer[Any] = MCPServer(
        "spec-run", version=__version__, instructions=_GUIDANCE, log_level="WARNING", subscriptions=False
    )
    _add_reading(made, desk)
    _add_running(made, desk)
    return made


def _add_reading(made: MCPServer[Any], desk: Desk) -> None:
    """The tools that run nothing, and the whole results."""

    @made.tool(title="What would run", annotations=_READS)
    async def plan(spec: str, tasks: list[str] | None = None) -> list[ContentBlock]:
        """What running a spec, or some of its tasks, would do: each task with its commands. Nothing is run."""
        return await desk.ask("run", "--dry-run", *_chosen(tasks or ()), specs=[spec])

    @made.tool(title="What contradicts itself", annotations=_READS)
    async def check(specs: list[str] | None = None) -> list[ContentBlock]:
        """What contradicts itself in specs, all of them if none is named. Nothing is run."""
        return await desk.ask("check", specs=specs or ())

    @made.tool(title="Show the evidence", annotations=_READS)
    async def show(spec: str, task: str | None = None) -> list[ContentBlock]:
        """What earlier runs saw of a spec, or of one of its tasks: commands, exit codes, output, and whether that still
        applies."""
        return await desk.ask("show", specs=[spec], rest=[task] if task and _chosen([task]) else [])

    @made.resource("spec-run://results/{number}", mime_type="application/json")
    def result(number: str) -> str:
        """A whole result as JSON: one of the last twenty."""
        return desk.result(number)


def _add_running(made: MCPServer[Any], desk: Desk) -> None:
    """The tools that run commands, in a sandbox."""

    @made.tool(title="Are the ticks true?", annotations=_RUNS)
    async def verify(
        specs: list[str] | None = None, tasks: list[str] | None = None, only_uncommitted: bool = False
    ) -> list[ContentBlock]:
        """Replay ticked tasks in a sandbox: is each tick proven, false, or can it not be told here? No document is
        written. only_uncommitted: judge the ticks that are not committed, with the files as they are."""
        since = ["--ticked-since=working-tree"] if only_uncommitted else []
        return await desk.ask("verify", *since, *_chosen(tasks or ()), specs=specs or ())

    @made.tool(title="Prove a task", annotations=_WRITES)
    async def prove(spec: str, task: str) -> list[ContentBlock]:
        """Run the check of one task in a sandbox, and before it those that it needs and that are not proven. What
        passes is ticked; what fails is opened with the reason. Nothing else in the document changes."""
        return await desk.ask("run", *_chosen([task]), specs=[spec])


def serve(place: Path) -> None:
    """Answer on stdin and stdout until the client goes. Raises SpecError where the SDK is not installed."""
    anyio.run(server(repository_root(place)).run_stdio_async)
