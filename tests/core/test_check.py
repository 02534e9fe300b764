"""What a check finds, and what it leaves alone."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.portability import cannot_work
from spec_runner.core.decide.tasks import decide
from spec_runner.core.evidence.check import CODES, check_spec
from spec_runner.core.plan.model import Choices, ReadSpec, plan_spec
from spec_runner.core.text.document import read_document
from tests.core.looked import tree


def codes(tasks: str, guide: str | None = None) -> list[tuple[str, int]]:
    given = (("quickstart.md", guide.encode()),) if guide else ()
    read = ReadSpec(
        "specs/a", read_document(tasks.encode()), guide=read_guide(guide.encode()) if guide else None, sources=given
    )
    spec = plan_spec(read, Choices(), decide)
    return [(each.code, each.line) for each in check_spec(spec, None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [x] T001 Do it (FAILED: no)", ["SR101"]),
        ("- [x] T001 Do it (skipped - no key)", ["SR101"]),
        ("- [x] T001 Do it — DEFERRED to v2", ["SR101"]),
        ("- [x] T001 **NOT RUN** Do it", ["SR101"]),
        ("- [ ] T001 Do it (skipped)", []),
        ("- [x] T001 Show skipped rows", []),
        ("- [x] T001 Tell of partial uploads (skipped files, warnings)", []),
        ("- [x] T001 Do it (needs a database, skipped)", ["SR101"]),
        ("- [x] T001 Do it (not yet run)", ["SR101"]),
        ("- [x] T001 Fail with `(FAILED: x)`", []),
        ("- [ ] T001 a\n- [ ] T001 b", ["SR102"]),
        ("- [ ] T002 a\n- [ ] T001 b", ["SR103"]),
        ("- [ ] T" + "9" * 5000 + " a\n- [ ] T001 b", []),
        ("- [ ] T001 a\n- [ ] T003 b\n- [ ] T002a c", []),
        ("- [ ] a\n- [ ] a", []),
    ],
)
def test_marks_and_ids_are_checked(text: str, expected: list[str]) -> None:
    assert [code for code, _ in codes(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [x] T001 Do it\n  - [ ] T002 a part\n  - [ ] T003 another", [("SR108", 1)]),
        ("- [x] T001 Do it\n  - [x] T002 a part", []),
        ("- [x] T001 Do it\n  - [ ] T002 (optional) a part", []),
        ("- [ ] T001 Do it\n  - [ ] T002 a part", []),
        ("- [x] T001 Run the tests (494/499 passed)", [("SR109", 1)]),
        ("- [x] T001 Run the tests: 3/5 unit tests passing", [("SR109", 1)]),
        ("- [x] T001 Run the tests (before 494/499 passed, now 499/499 passed)", []),
        ("- [ ] T001 Run the tests (3/5 passed)", []),
        ("- [x] T001 Answer 200/404", []),
    ],
)
def test_a_tick_that_its_own_words_deny_is_told(text: str, expected: list[tuple[str, int]]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] T001 Run `true`", "true"),
        ("- [ ] T001 Add it\n  - **Verify**: `echo ok`", "echo ok"),
        ("- [ ] T001 Add it\n  - **Verify**: `make test || true`", "make test || true"),
        ("- [ ] T001 Run `npm test`", 'npm test, which is echo "no tests yet"'),
        ("- [ ] T001 Run `cd web && npm test`", None),
        ("- [ ] T001 Run `pnpm run lint` in `web/`", None),
        ("- [ ] T001 Run `pnpm run check` in `web/`", "pnpm run check, which is true"),
        ("- [ ] T001 Run `yarn build`", None),
        ("- [ ] T001 Run `echo ok` and then `make test`", None),
        ("- [ ] T001 Run `echo ok` and verify that it prints `ok`", None),
        ("- [ ] T001 Verify that `true` must fail", None),
        ("- [ ] T001 Think", None),
    ],
)
def test_a_check_that_cannot_fail_is_told(text: str, expected: str | None) -> None:
    manifests = {
        "package.json": '{"scripts": {"test": "echo \\"no tests yet\\"", "build": "tsc"}}',
        "web/package.json": '{"scripts": {"lint": "eslint .", "check": "true"}}',
    }
    spec = plan_spec(ReadSpec("specs/a", read_document(text.encode())), Choices(), decide)
    found = [each.message for each in check_spec(spec, tree(manifests)) if each.code == "SR306"]
    assert found == ([f"the check of T001 passes whatever is done: {expected}"] if expected else [])


def test_tasks_without_a_check_are_named_where_that_is_asked() -> None:
    text = "- [ ] T001 Think\n- [X] T002 Write it\n- [ ] T003 Run `make test`\n- [C] T004 Drop it\n"
    spec = plan_spec(ReadSpec("specs/a", read_document(text.encode())), Choices(), decide)
    assert [each.code for each in check_spec(spec, None)] == []
    found = check_spec(spec, None, names_unchecked=True)
    assert [(each.line, each.code) for each in found] == [(1, "SR305"), (2, "SR305")]


def test_a_ticked_guide_must_be_one_that_can_be_followed() -> None:
    guide = "# Quickstart\n## Setup\n```bash\ncurl -H 'Authorization: Bearer <token>' http://localhost:1/\n```\n"
    assert ("SR105", 1) in codes("- [x] T001 Run quickstart.md validation", guide)
    assert ("SR105", 1) not in codes("- [ ] T001 Run quickstart.md validation", guide)
    entered = "# Quickstart\n## Setup\n```bash\ngit clone <url>\ncd shop\nmake\n```\n"
    assert ("SR105", 1) not in codes("- [x] T001 Run quickstart.md validation", entered)


@pytest.mark.parametrize(
    ("fence", "heading", "expected"),
    [
        ("apt install jq", "Setup", ["SR201", "SR202"]),
        ("apt install jq  # Ubuntu", "Setup", []),
        ("# Debian\napt install jq", "Setup", []),
        ("apt install jq", "Setup (Linux)", []),
    ],
)
def test_a_command_whose_words_name_its_system_is_not_told_of_others(
    fence: str, heading: str, expected: list[str]
) -> None:
    guide = f"# Quickstart\n## {heading}\n```bash\n{fence}\n```\n"
    assert [code for code, _ in codes("- [ ] T001 a", guide)] == expected


def test_a_fence_that_is_never_closed_is_told_and_not_run() -> None:
    guide = "# Quickstart\n## Setup\n```bash\nls\n\nSome words.\n"
    assert codes("- [ ] T001 a", guide) == [("SR106", 3)]
    assert [block.action for block in read_guide(guide.encode()).blocks] == ["skip"]


@pytest.mark.parametrize(
    ("command", "language", "systems"),
    [
        ("npm test", "bash", set()),
        ("sudo make install", "bash", {"Windows"}),
        ("apt-get install -y jq", "bash", {"Windows", "macOS"}),
        ("sudo apt-get install -y jq", "bash", {"Windows", "macOS"}),
        ("Copy-Item a b", "powershell", set()),
        ("Copy-Item a b", "bash", {"macOS", "Linux"}),
        ("brew install jq", "bash", {"Windows"}),
        ("choco install jq", "powershell", {"macOS", "Linux"}),
        ("Get-ChildItem | Select-Object Name", "", {"macOS", "Linux"}),
        ("Get-ChildItem", "powershell", set()),
        ("dir", "bat", {"macOS", "Linux"}),
        ("sed -i 's/a/b/' f", "bash", {"macOS"}),
        ("sed -i '' 's/a/b/' f", "bash", {"Linux"}),
        ("sed -i.bak 's/a/b/' f", "bash", set()),
        ("open index.html", "bash", {"Windows", "Linux"}),
        ("type C:\\x\\y.txt", "", {"macOS", "Linux"}),
        ("cd a && systemctl status x", "bash", {"Windows", "macOS"}),
        ("source .venv/bin/activate", "bash", {"Windows"}),
        ("source .venv/Scripts/activate", "bash", {"macOS", "Linux"}),
    ],
)
def test_where_a_command_cannot_work_is_told(command: str, language: str, systems: set[str]) -> None:
    assert set(cannot_work(command, language)) == systems


@pytest.mark.parametrize(
    ("command", "system", "why"),
    [
        ("open a.html", "Linux", "open exists on macOS only; xdg-open does it there"),
        ("open a.html", "Windows", "open exists on macOS only; start does it there"),
        ("apt-get install jq", "macOS", "apt-get is a package manager of Linux; brew install does it there"),
        ("Get-Content a.txt", "Linux", "Get-Content is PowerShell; cat does it there"),
        ("source env/bin/activate", "Windows",
         "a virtual environment has no bin/ on Windows; env\\Scripts\\activate does it there"),
        ("systemctl status x", "Windows", "systemctl exists on Linux only; sc does it there"),
    ],
)  # fmt: skip
def test_what_would_work_instead_is_named(command: str, system: str, why: str) -> None:
    assert cannot_work(command, "")[system] == why


def test_a_guide_that_says_how_windows_activates_needs_no_finding() -> None:
    guide = "# Quickstart\n## Setup\n```bash\nsource .venv/bin/activate{}\n```\n"
    assert codes("- [ ] T001 a", guide.format("")) == [("SR201", 4)]
    assert codes("- [ ] T001 a", guide.format("  # Windows: .venv\\Scripts\\activate")) == []


def test_every_code_is_documented() -> None:
    from tests.conftest import ROOT

    text = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    assert all(f"| {code} |" in text for code in CODES)


REQUIREMENTS = """\
# Requirements

### Requirement 1: Log in

#### Acceptance Criteria

1. WHEN a user logs in THEN the system SHALL greet them
2. IF the password is wrong THEN the system SHALL refuse

### Requirement 2

Nothing here has a number.
"""


@pytest.mark.parametrize(
    ("bullet", "unknown"),
    [
        ("_Requirements: 1.1, 1.2, 2_", []),
        ("_Requirements: 1.1, 1.3_", ["1.3"]),
        ("_Requirements: 3.1, R9, R1.2_", ["3.1", "9"]),
        ("**Requirements**: 1.1-1.4", ["1.4"]),
        ("_Requirements: 2.7_", []),  # its criteria have no numbers
        ("_Requirements: all, NFR-9, `make 7`_", []),
        ("Meets the requirements of chapter 9.9", []),
    ],
)
def test_a_requirement_that_is_not_there_is_told_and_never_run(bullet: str, unknown: list[str]) -> None:
    spec = plan_spec(
        ReadSpec("a", read_document(f"- [ ] 1. Log in\n  - Write it\n  - {bullet}\n".encode())), Choices(), decide
    )
    files = {".kiro/specs/a/requirements.md": REQUIREMENTS, ".kiro/specs/a/tasks.md": ""}
    found = check_spec(spec, tree(files), ".kiro/specs/a/tasks.md")
    assert [(each.line, each.code, each.message.split()[3].rstrip(";")) for each in found] == [
        (3, "SR111", number) for number in unknown
    ]
    assert check_spec(spec, tree({}), ".kiro/specs/a/tasks.md") == []
    assert not any(task.steps for task in spec.tasks)


MUST_HAVES = r"""---
phase: 03-chat
must_haves:
  truths:
    - "Run `rm -rf src` and see"
  artifacts:
    - path: "src/Chat.tsx"
      provides: "the list of messages"
      min_lines: 3   # at least
    - path: src/api/chat.ts
      exports: ["GET", "POST"]
    - path: "prisma/schema.prisma"
      contains: "model Message"
    - path: "src/new.ts"
      exports:
        - "send"
    - path: "src/dropped.py"
  key_links:
    - from: "src/Chat.tsx"
      to: "/api/chat"
      via: "fetch"
      pattern: "fetch.*api/chat"
    - from: "src/api/chat.ts"
      to: "prisma.message"
      pattern: "prisma\\.message\\.(find|create)"
    - from: "src/api/chat.ts"
      to: "the log"
      pattern: "log\\.info"
---
"""


def test_what_a_plan_must_have_is_looked_for_when_it_is_done() -> None:
    files = {
        "src/Chat.tsx": "fetch('/chat')\n",
        "src/api/chat.ts": "export function GET() {}\n",
        "prisma/schema.prisma": "model User {}\n",
    }
    place = ".planning/phases/03-chat/03-01-PLAN.md"

    def found(text: str, more: dict[str, str]) -> list[tuple[int, str, str]]:
        spec = plan_spec(ReadSpec("a", read_document((MUST_HAVES + text).encode())), Choices(), decide)
        assert not any(task.steps for task in spec.tasks)
        return [(each.line, each.code, each.message) for each in check_spec(spec, tree(files | more), place)]

    expected = [
        (7, "SR307", "the must-have src/Chat.tsx has 1 lines, not 3"),
        (10, "SR307", "the must-have src/api/chat.ts does not name POST"),
        (12, "SR307", "the must-have prisma/schema.prisma has no 'model Message'"),
        (14, "SR112", "the must-have src/new.ts is in no commit"),
        (17, "SR307", "the must-have src/dropped.py is not there"),
        (19, "SR307", "the must-have src/Chat.tsx has no 'fetch.*api/chat'"),
        (26, "SR307", "the must-have src/api/chat.ts has no 'log\\\\.info'"),
    ]
    assert found("- [x] Think\n", {}) == expected
    assert found("- [ ] Think\n", {place.replace("PLAN", "SUMMARY"): ""}) == expected
    assert found("- [x] Think\n- [ ] More\n", {}) == []
    assert found("", {}) == []
    assert (
        found(
            "- [x] Think\n",
            {
                "src/Chat.tsx": "a\nb\nawait fetch('/api/chat')\n",
                "src/api/chat.ts": "export { GET, POST }; log.info()\n",
                "prisma/schema.prisma": "model Message {}\n",
                "src/new.ts": "export const send = 1\n",
                "src/dropped.py": "",
            },
        )
        == []
    )


def test_what_sudo_wraps_says_why_a_command_cannot_work() -> None:
    assert cannot_work("sudo apt install jq")["Windows"].startswith("apt is a package manager of Linux; winget")
    assert cannot_work("sudo make install")["Windows"].startswith("sudo does not exist on Windows")
    assert cannot_work("systemctl suspend")["macOS"] == "systemctl exists on Linux only"
