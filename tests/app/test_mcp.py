"""The server for coding agents, driven by the client of the protocol's own library."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ResourceLink, TextContent

from spec_runner.app import mcp
from spec_runner.views.answers import MOST, short_answer
from tests.conftest import ROOT, Project, no_strays

TASKS = """\
- [ ] T001 Run `test -f made`
- [ ] T002 Run `git push`
- [X] T003 Run `false`
- [ ] T004 Think about names
"""


def asked(project: Project, questions: Callable[[Client], Awaitable[None]], *words: str) -> None:
    """Ask the real server, as an agent starts it."""

    async def main() -> None:
        command = project.command("mcp", *words)
        started = StdioServerParameters(command=command[0], args=command[1:], env=project.world, cwd=project.root)
        async with Client(started) as client:
            await questions(client)

    anyio.run(main)


def text(result: CallToolResult) -> str:
    return "\n".join(each.text for each in result.content if isinstance(each, TextContent))


def test_an_agent_plans_proves_verifies_and_reads_the_whole(project: Project) -> None:
    project.tasks(TASKS)
    project.commit()

    async def questions(client: Client) -> None:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        assert set(tools) == {"plan", "check", "verify", "prove", "show"}
        assert tools["plan"].annotations and tools["plan"].annotations.read_only_hint
        free = {"command", "cmd", "options", "allow", "sandbox", "path", "env"}
        assert not any(free & set(each.input_schema["properties"]) for each in tools.values())

        planned = text(await client.call_tool("plan", {"spec": "001"}))
        assert "T001 [ ] command: test -f made" in planned and "T002 [ ] command: held" in planned

        failed = await client.call_tool("prove", {"spec": "001-case", "task": "T001"})
        assert text(failed).startswith("exit code 1") and "T001 failed, false: exit 1" in text(failed)
        link = next(each for each in failed.content if isinstance(each, ResourceLink))
        whole = (await client.read_resource(link.uri)).contents[0]
        assert json.loads(getattr(whole, "text", ""))["schema"] == "spec-run/run@1"

        project.write("made", "")
        proven = await client.call_tool("prove", {"spec": "specs/001-case", "task": "T001"})
        assert text(proven).startswith("exit code 0") and project.marks[0] == "X"
        held = await client.call_tool("prove", {"spec": "001", "task": "T002"})
        assert text(held).startswith("exit code 4") and "T002 held" in text(held) and project.marks[1] == " "

        verified = text(await client.call_tool("verify", {"only_uncommitted": True}))
        assert "T001 in specs/001-case is proven" in verified and "T003" not in verified
        assert "T001 passed" in text(await client.call_tool("show", {"spec": "001", "task": "T001"}))

    asked(project, questions)


def desk(project: Project) -> mcp.Desk:
    return mcp.Desk(project.root)


@pytest.mark.parametrize(
    "name",
    [
        "../other",
        "/etc",
        "specs/../..",
        "elsewhere",
        "001-linked",
        "inner/specs/001-theirs",
        "--help",
        "0",
        "specs",
        "\0",
        "*",
    ],
)
def test_only_a_spec_of_this_repository_is_asked_about(project: Project, name: str) -> None:
    project.tasks(TASKS)
    project.write("specs/002-more/tasks.md", TASKS)
    project.write("inner/specs/001-theirs/tasks.md", TASKS)
    project.write("inner/.git/HEAD", "ref: refs/heads/main\n")
    project.write("../other/specs/001-out/tasks.md", TASKS)
    (project.root / "specs" / "001-linked").symlink_to(project.root.parent / "other/specs/001-out")
    project.commit() if name != "inner/specs/001-theirs" else project.git("init", "-q")
    with pytest.raises(ToolError, match="no spec of this repository is called"):
        desk(project)._path(name)
    assert desk(project)._path("specs/001-case/") == desk(project)._path("001-c") == "specs/001-case"


@pytest.mark.parametrize(
    "task", ["T001,T002", "--allow=outward", "-x; rm", "", " ", "T001 --fresh", "`id`", "T001\nT002"]
)
def test_only_the_name_of_a_task_chooses_one(task: str) -> None:
    with pytest.raises(ToolError, match="is not the name of a task"):
        mcp._chosen([task])


def test_an_answer_is_short_and_tells_what_is_wrong_first() -> None:
    tick = {"id": "T001", "line": 1, "verdict": "proven", "reason": None}
    ticks = [{**tick, "id": f"T{number:03}"} for number in range(400)] + [{**tick, "id": "T999", "verdict": "false"}]
    report = {"schema": "spec-run/verify@1", "counts": {"proven": 400, "false": 1, "missing": 0}}
    answer = short_answer({**report, "specs": [{"path": "s", "error": None, "ticks": ticks}]}, 1)
    head, counted, first, *_, last = answer.splitlines()
    assert head.startswith("exit code 1") and counted == "400 proven, 1 false" and first == "T999 in s is false"
    assert len(answer) < MOST + 100 and last.startswith("… and 2") and last.endswith("more lines: read the resource")


def test_without_its_library_the_server_says_what_to_install(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from spec_runner.cli import main

    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.delitem(sys.modules, "spec_runner.app.mcp")
    said: list[str] = []
    monkeypatch.setattr("spec_runner.cli._say", said.append)
    assert main(["mcp", str(ROOT)]) == 2
    assert said == ["spec-run: the MCP server needs the library mcp, version 2 or newer; pip install 'spec-run[mcp]'"]


def test_a_question_that_is_called_off_leaves_nothing_running(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `sleep {forever}`\n")

    async def called_off() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(partial(desk(project).ask, "run", "--only=T001", specs=["001"]))
            while no_strays(f"sleep {forever}"):
                await anyio.sleep(0.02)
            group.cancel_scope.cancel()

    anyio.run(called_off)
    assert no_strays(forever) and project.marks == " "


def test_results_are_kept_for_a_while(project: Project) -> None:
    project.tasks(TASKS)
    place = desk(project)

    async def fake(*words: str) -> tuple[int, bytes, bytes]:
        return 0, b'{"schema": "spec-run/check@1", "specs": []}', b""

    place._run = fake  # type: ignore[method-assign]

    async def many() -> Any:
        return [await place.ask("check") for _ in range(21)]

    anyio.run(many)
    assert place.result("21").startswith("{")
    with pytest.raises(Exception, match="only the last 20"):
        place.result("1")
