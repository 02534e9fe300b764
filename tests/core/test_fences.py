"""A shell fence → what of it is run here, for tasks and guides alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.fences import read_script
from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import read_document


def run_of(text: str, system: str = "linux") -> list[str]:
    return [line.command for line in read_script(text, system) if line.command and not line.left_out]


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("npm ci\nadded 3 packages in 2s\n", ["npm ci"]),
        ("$ npm ci\nadded 3 packages in 2s\n$ npm test\nit's done\n", ["npm ci", "npm test"]),
        ("make\nIt's all right (mostly\nmake check\n", ["make", "make check"]),
        ("curl localhost:80/a\n{\n  \"a\": \"b\",\n  \"c\": [\n  ]\n}\nmake\n", ["curl localhost:80/a", "make"]),
        ("GET /api/users\nAuthorization: Bearer x\nmake\n", ["make"]),
        ("Backend:\nmake\n- **First**: it's needed\nPASS src/a.test.ts\n12 passed\n", ["make"]),
        ("make\n```python\nimport a\n", ["make"]),
        ("akon vpn on\nmytool --all of it\ncopy a b\n", ["akon vpn on", "mytool --all of it", "copy a b"]),
        ("for a in the of; do ls; done\n", ["for a in the of; do ls; done"]),
        ("cat <<EOF\n- It's {\n# x\nEOF\nls\n", ["cat <<EOF\n- It's {\n# x\nEOF", "ls"]),
        ("python\n>>> 1 + 1\n2\n", ["python"]),
    ],
)  # fmt: skip
def test_what_cannot_be_a_command_is_not_run_and_swallows_nothing(text: str, run: list[str]) -> None:
    assert run_of(text) == run


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("npm ci\n# or\nyarn install\n\n# Then\nmake\n", ["npm ci", "make"]),
        ("# Option 1: npm\nnpm ci\n\n# Option 2: yarn\nyarn\nyarn add x\n", ["npm ci"]),
        ("# Method A\nmake a\n# Method B\nmake b\n# Method C\nmake c\n", ["make a"]),
        ("# Option 1\nmake\n# Option 2: apart\n# Terminal 1\nmake a\n\n# Terminal 2\nmake b\n", ["make"]),
        ("# If using npm\nnpm ci\n\n# If using yarn\nyarn install\n", ["npm ci"]),
        ("# Option A: in the browser, by hand\n\n# Option B: from a shell\nmake db\n", ["make db"]),
        ("pip install -e .\n# Or with uv: uv sync\npytest\n", ["pip install -e .", "pytest"]),
        ("cat > a <<'E'\n#!/bin/sh\nE\n# Or at once\nmake\nmake b\n", ["cat > a <<'E'\n#!/bin/sh\nE"]),
    ],
)
def test_of_several_ways_in_comments_the_first_is_run(text: str, run: list[str]) -> None:
    assert run_of(text) == run


@pytest.mark.parametrize(
    "line",
    [
        "source venv/bin/activate  # On Windows: venv\\Scripts\\activate",
        "cd ../backend  # or wherever it is",
        "npm install  # or yarn",
        "git branch  # shows main (or check it out if needed)",
        "flutter run -d chrome  # or android/ios",
        "source venv/bin/activate  # Windows: venv\\Scripts\\activate.bat",
        "source venv/bin/activate  # or activate.ps1 on Windows",
    ],
)
def test_a_comment_at_the_end_of_a_line_does_not_take_the_line_away(line: str) -> None:
    assert run_of(f"{line}\nmake\n") == [line.partition("  #")[0], "make"]


def test_a_comment_at_the_end_that_only_names_another_system_takes_its_line() -> None:
    text = "source .venv/bin/activate  # macOS/Linux\n.venv\\Scripts\\activate  # Windows\nbrew install a  # macOS\n"
    assert run_of(text) == ["source .venv/bin/activate"]
    assert run_of(text, "windows") == [".venv\\Scripts\\activate"]


def test_a_comment_above_that_names_another_system_takes_only_what_it_is_for() -> None:
    text = "# Windows (via winget)\nwinget install a\n\n# Linux\napt install a\n\nmake\n"
    assert run_of(text) == ["apt install a", "make"]
    assert run_of("source a/bin/activate\n# On Windows: a\\Scripts\\activate\npip install .\n") == [
        "source a/bin/activate",
        "pip install .",
    ]
    assert run_of("# Test PowerShell execution\npwsh -File a.ps1\n") == ["pwsh -File a.ps1"]


def test_a_sign_in_quotes_begins_no_comment() -> None:
    assert run_of("echo 'a # b'\necho \"c # d\"  # said\n") == ["echo 'a # b'", 'echo "c # d"']


def test_a_fence_under_a_task_is_read_like_one_of_a_guide() -> None:
    text = "- [ ] T001 Install it\n\n  ```bash\n  npm ci\n  added 3 packages in 2s\n  # or\n  yarn install\n  ```\n"
    (task,) = read_document(text.encode()).tasks
    assert [step.command for step in decide(task).steps] == ["npm ci"]


@given(st.lists(st.sampled_from(["# or", "make", "- a", "it's", "", "cat <<E", "E", "(", "$ ls", "}", "# Windows"])))
def test_every_line_of_a_fence_keeps_its_place(rows: list[str]) -> None:
    lines = list(read_script("\n".join(rows), "linux"))
    assert [line.line for line in lines] == sorted({line.line for line in lines})
    assert all(0 <= line.line < max(len(rows), 1) for line in lines)


@pytest.mark.parametrize(
    ("command", "kind", "hold"),
    [
        ("ng test", "service", None),
        ("ng test --watch=false", "command", None),
        ("locust -f load.py --host=http://localhost:1", "service", None),
        ("locust --headless -u 1", "command", None),
        ("./mvnw -pl api spring-boot:run", "service", None),
        ("./gradlew bootRun", "service", None),
        ("minikube tunnel", "service", None),
        ("bun run cosmos", "service", None),
        ("dotnet run --project src/Shop.API", "service", None),
        ("dotnet run --project src/Tool", "command", None),
        ("firebase emulators:start", "service", None),
        ("node --watch server.js", "service", None),
        ("npm run dev:watch", "service", None),
        ("npm test -- --watch", "command", "interactive"),
        ("pnpm --filter @a/web test:watch", "command", "interactive"),
        ("cargo watch -x test", "command", "interactive"),
        ("vitest --watch=false", "command", None),
    ],
)
def test_what_serves_is_a_service_and_what_only_watches_files_waits_for_nobody(
    command: str, kind: str, hold: str | None
) -> None:
    guide = read_guide(f"# G\n\n## Check\n\n```sh\n{command}\n```\n".encode())
    (step,) = guide.blocks[0].steps
    assert (step.kind, step.hold) == (kind, hold)
    assert ("service" in guide.blocks[0].flags) == (kind == "service" or hold is not None)
