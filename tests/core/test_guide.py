"""What each fence of a quickstart is for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.steps import Guide, GuideBlock
from spec_runner.errors import SpecError


def guide_of(text: str, *, system: str = "linux") -> Guide:
    return read_guide(text.encode(), system=system)


def only(text: str, *, system: str = "linux") -> GuideBlock:
    """The only block of a guide."""
    (block,) = guide_of(text, system=system).blocks
    return block


def fence(content: str, language: str = "bash", *, heading: str = "## Setup", words: str = "") -> str:
    return f"# Guide\n\n{heading}\n\n{words}\n\n```{language}\n{content}\n```\n"


def test_a_guide_is_read_from_clone_to_check() -> None:
    guide = guide_of(
        "# Guide\n\n## Setup\n\n1. **Clone it:**\n    ```bash\n    git clone https://example.org/shop.git\n"
        "    cd shop/api\n    ```\n\n"
        "2. **Delete what is not needed:**\n    ```bash\n    rm a.py b.py\n    ```\n\n"
        "3. **Configure it:**\n    Create a `.env` file in the `api` directory:\n"
        "    ```env\n    SHOP_KEY=your_key\n    ```\n\n"
        "4. **Run it:**\n    ```bash\n    python main.py\n    ```\n    The server should start on `http://localhost:8000`.\n\n"
        "## Verification\n\nOpen your browser and navigate to `http://localhost:8000/docs`. You should see it.\n"
    )
    assert guide.cwd == "carry"
    assert [(block.line, block.label, block.action) for block in guide.blocks] == [
        (6, "step", "run"),
        (12, "step", "run"),
        (18, "env", "run"),
        (23, "step", "run"),
        (30, "step", "run"),
    ]
    steps = [step for block in guide.blocks for step in block.steps]
    assert [(step.kind, step.command, step.line, step.moves) for step in steps] == [
        ("command", "git clone https://example.org/shop.git", 7, False),
        ("command", "cd shop/api", 8, True),
        ("command", "rm a.py b.py", 13, False),
        ("env", ".env", 18, False),
        ("service", "python main.py", 24, False),
        ("url", "http://localhost:8000/docs", 30, False),
    ]
    assert (steps[3].keys, steps[3].content, steps[3].cwd) == (("SHOP_KEY",), "SHOP_KEY=your_key\n", "api")


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("## Setup", "step"),
        ("## Verification", "step"),
        ("## Build for Production", "step"),
        ("### Step 4: View Logs", "step"),
        ("## Error Handling", "step"),
        ("## Request a Password Reset", "step"),
        ("## Validation Commands", "step"),
        ("## Troubleshooting", "troubleshooting"),
        ("## Common Issues", "troubleshooting"),
        ("### Issue: port in use", "troubleshooting"),
        ("## トラブルシューティング", "troubleshooting"),
        ("## Deployment", "deploy"),
        ("## Cleanup", "cleanup"),
        ("## 6. Reset the database", "cleanup"),
        ("### Step 5: Stop Services", "cleanup"),
        ("## Seed data (optional)", "optional"),
        ("## Useful Commands", "reference"),
        ("## Next Steps", "reference"),
        ("## Daily Workflow", "reference"),
        ("## Alternative: Podman", "alternative"),
        ("## Option B: Docker", "alternative"),
        ("## Option A: Local", "step"),
        ("### Windows", "alternative"),
        ("### macOS/Linux", "step"),
    ],
)
def test_a_heading_says_what_its_section_is_for(heading: str, label: str) -> None:
    block = only(fence("make build", heading=heading))
    assert (block.label, block.action) == (label, "run" if label == "step" else "skip")
    assert block.why


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("Install the packages:", "step"),
        ("Or with pip:", "alternative"),
        ("**Alternative** (one line):", "alternative"),
        ("If you see an error:", "troubleshooting"),
        ("When you're done:", "cleanup"),
        ("For production:", "deploy"),
        ("Optionally, warm the cache:", "optional"),
        ("Expected output:", "step"),
        ("On Windows:", "alternative"),
        ("Tests use SQLite by default. For PostgreSQL:", "alternative"),
    ],
)
def test_the_words_before_a_fence_say_what_it_is_for(words: str, label: str) -> None:
    assert only(fence("make build", words=words)).label == label


def test_a_quick_start_makes_reference_of_its_own_siblings_alone() -> None:
    text = "# G\n\n## A\n\n### Quick start\n\n```sh\na\n```\n\n### Odds\n\n```sh\nb\n```\n\n## Rolls\n\n### Two dice\n\n```sh\nc\n```\n"
    assert [block.label for block in guide_of(text).blocks] == ["step", "reference", "step"]


@pytest.mark.parametrize(
    ("above", "heading", "label"),
    [
        ("minikube start", "4. Deploy with Helm", "step"),
        ("minikube start", "Deploy with Helm", "deploy"),
        ("minikube start", "5. Deploy to production", "deploy"),
        ("make", "4. Deploy with Helm", "deploy"),
        ("make", "4. Deploy on localhost", "step"),
        ("kind create cluster", "Quick deploy (3 steps)", "step"),
    ],
)
def test_a_numbered_deployment_to_this_machine_is_a_step(above: str, heading: str, label: str) -> None:
    text = f"# G\n\n## 1. Start\n\n```sh\n{above}\n```\n\n## {heading}\n\n```sh\nmake up\n```\n"
    assert guide_of(text).blocks[-1].label == label


def test_a_line_that_only_another_shell_understands_is_held() -> None:
    (block,) = guide_of("# G\n\n## Setup\n\n```powershell\nnpm install\n$a = 1\nls `\n  b\n```\n").blocks
    assert [step.hold for step in block.steps] == [None, "os", "os", *[None] * (len(block.steps) - 3)]


def test_a_section_inside_another_keeps_its_role() -> None:
    guide = guide_of(
        "# G\n\n## Troubleshooting\n\n### Check it\n\n```sh\nmake check\n```\n\n## Test\n\n```sh\nmake test\n```\n"
    )
    assert [block.label for block in guide.blocks] == ["troubleshooting", "step"]


def test_what_follows_a_quick_start_is_reference_unless_it_goes_on() -> None:
    parts = [("Quick Start", "make"), ("Branches", "make x"), ("Running Tests", "make test")]
    text = "# G\n\n" + "\n\n".join(f"## {heading}\n\n```sh\n{content}\n```" for heading, content in parts)
    assert [block.label for block in guide_of(text).blocks] == ["step", "reference", "step"]


def test_fences_without_a_language_are_not_run() -> None:
    assert only(fence("make build", "")).action == "none"


@pytest.mark.parametrize(
    ("content", "commands"),
    [
        ("# install\nnpm ci\n\n# build\nnpm run build", ["npm ci", "npm run build"]),
        ("curl -s \\\n  http://localhost/a", ["curl -s \\\n  http://localhost/a"]),
        ("cat > a.txt <<'EOF'\nrm -rf /\nEOF\nls", ["cat > a.txt <<'EOF'\nrm -rf /\nEOF", "ls"]),
        ("$ npm ci\nadded 3 packages\n$ npm test", ["npm ci", "npm test"]),
        ("npm ci\n# or\nyarn install", ["npm ci"]),
        ("make run-checks  # all of them", ["make run-checks"]),
        (". .venv/bin/activate  # Linux\n.venv\\Scripts\\activate  # Windows", [". .venv/bin/activate"]),
        ("# Windows\ncopy a b\n\n# macOS/Linux\ncp a b", ["cp a b"]),
        ("# optional\nmake docs\n\n# needed\nmake", ["make"]),
        ("psql -U shop\n\nSELECT * FROM users;\n\\q", ["psql -U shop"]),
        ("for f in a b; do\n  echo $f\ndone", ["for f in a b; do\n  echo $f\ndone"]),
        ("/agent.plan now\nmake", ["make"]),
        ("make\n→ ok", ["make"]),
    ],
)
def test_a_fence_is_split_into_its_statements(content: str, commands: list[str]) -> None:
    assert [step.command for step in only(fence(content)).steps] == commands


@pytest.mark.parametrize(
    ("content", "flags"),
    [
        ("npm run dev", {"service"}),
        ("git clone <url>", {"placeholder"}),
        ("git push", {"outward"}),
        ("sudo make install", {"privileged"}),
        ("rm -rf ~", {"destructive"}),
        ("psql shop\nSELECT 1;", {"interactive", "repl"}),
        ("$ make", {"prompt"}),
        ("make\n# Expected: done", {"expects"}),
        ("make test:watch\nnpm run test:watch", {"service"}),
    ],
)
def test_flags_say_what_is_in_a_fence(content: str, flags: set[str]) -> None:
    assert flags <= set(only(fence(content)).flags)


def test_a_fence_is_held_as_a_whole_only_if_all_its_lines_are() -> None:
    block = only(fence("git push\nmake"))
    assert (block.action, [step.hold for step in block.steps]) == ("run", ["outward", None])
    assert only(fence("git push")).action == "hold"


@pytest.mark.parametrize("after", ["# Press CTRL+C to quit", "# (press Ctrl-C)", "# Press `^C`"])
def test_the_way_to_stop_a_server_is_no_work_by_hand(after: str) -> None:
    assert only(fence(f"npm run dev\n{after}")).steps[0].hold is None
    assert only(fence("npm run dev\n# Press the green button")).steps[0].hold == "interactive"


@pytest.mark.parametrize(
    ("language", "content", "words", "label", "action"),
    [
        ("env", "KEY=a", "Create `.env.local`:", "env", "run"),
        ("env", "KEY=a", "It looks like this:", "env", "none"),
        ("yaml", "a: 1", "Create `shop.yml`:", "file", "run"),
        ("yaml", "a: 1", "Update `shop.yml`:", "file", "none"),
        ("python", "import a\n...", "Create `a.py`:", "file", "none"),
        ("yaml", "# shop.yml\na: 1", "", "file", "run"),
        ("toml", "# pyproject.toml\na = 1", "", "file", "none"),
        ("yaml", "a: 1", "Create `chapter-XX/a.yml`:", "file", "none"),
        ("yaml", "a: 1", "Create `~/shop.yml`:", "file", "none"),
        ("python", "print(1)", "", "code", "none"),
        ("json", "{}", "Expected response:", "output", "none"),
        ("http", "GET /a", "", "request", "none"),
        ("text", "a/\n└── b", "", "other", "none"),
    ],
)
def test_other_fences_are_told_apart(language: str, content: str, words: str, label: str, action: str) -> None:
    block = only(fence(content, language, words=words))
    assert (block.label, block.action) == (label, action)


@pytest.mark.parametrize(("words", "line"), [("Create a `.env` file:", 5), ("", 8)])
def test_an_environment_in_a_shell_fence_is_written_and_not_run(words: str, line: int) -> None:
    blocks = guide_of(fence("# .env\nKEY=a\nURL=b", words=words)).blocks
    assert {block.line: (block.label, block.action) for block in blocks} == {line: ("env", "run"), 7: ("env", "none")}
    assert [step.kind for block in blocks for step in block.steps] == ["env"]


@pytest.mark.parametrize(
    ("line", "hold"),
    [
        ("# Replace <TOKEN> with your own\ncurl -H TOKEN http://localhost/a", "placeholder"),
        ("# Replace USER_ID with the ID from above\ncurl http://localhost/a", "placeholder"),
        ("# replace the old settings with the new ones\ncp new.yml old.yml", None),
        ("curl http://localhost/tasks/TASK_ID", "placeholder"),
        ("curl http://localhost/tasks/$TASK_ID", None),
        ("curl http://localhost/NOWHERE", None),
    ],
)
def test_what_is_to_be_filled_in_is_held(line: str, hold: str | None) -> None:
    assert only(fence(line)).steps[0].hold == hold


def test_a_file_is_written_with_what_the_fence_holds() -> None:
    (step,) = only(fence("a: 1\n\nb: 2", "yaml", words="Create `conf/shop.yml`:")).steps
    assert (step.kind, step.command, step.content) == ("file", "conf/shop.yml", "a: 1\n\nb: 2\n")


@pytest.mark.parametrize(
    ("fences", "cwd"),
    [
        (["cd api\nmake", "make test"], "carry"),
        (["cd api\nmake", "cd api\nmake test"], "root"),
        (["cd api\nmake", "cd web\nmake"], "root"),
        (["cd api\nmake", "cd ..\ncd web\nmake"], "carry"),
        (["git clone https://example.org/a.git\ncd a", "make"], "carry"),
        (["cd api", "a", "b", "c", "d", "cd api"], "carry"),
        ([], "root"),
        (["cd api\nmake", "ls api/a", "cat b"], "root"),
        (["cd api\nmake", "curl a", "kubectl b", "cd api\nmake"], "root"),
        (["cd C:\\me\\a", "make"], "carry"),
    ],
)
def test_the_guide_says_where_its_fences_start(fences: list[str], cwd: str) -> None:
    text = "# G\n\n## Setup\n\n" + "\n\n".join(f"```sh\n{content}\n```" for content in fences)
    assert guide_of(text).cwd == cwd


def test_what_keeps_its_terminal_goes_on_running() -> None:
    text = "## Run\n\n```bash\npython src/app.py\n```\n\n{}\n\n```bash\ncurl http://localhost:8765/health\n```\n"
    for words, kind in (("In another terminal:", "service"), ("Then:", "command")):
        first = guide_of(text.format(words)).blocks[0]
        assert [step.kind for step in first.steps] == [kind]


def test_a_second_terminal_is_told_apart() -> None:
    block = only(fence("make serve\n\n# Terminal 2\ncurl http://localhost/a"))
    assert [step.terminal for step in block.steps] == [1, 2]


@pytest.mark.parametrize(
    ("content", "heading", "expect"),
    [
        ("make", "## Test", "ok"),
        ("make  # MUST exit non-zero", "## Test", "fail"),
        ("make", "## Run the tests (they should fail)", "fail"),
        ("grep -r old src/\n# Expected: no results", "## Test", "empty"),
        ("make\n# Expected: a table", "## Test", "other"),
    ],
)
def test_comments_judge_a_command(content: str, heading: str, expect: str) -> None:
    assert only(fence(content, heading=heading)).steps[0].expect == expect


def test_on_another_system_the_other_fences_are_taken() -> None:
    text = "# G\n\n## Setup\n\n### Windows\n\n```powershell\ncopy a b\n```\n\n### Linux\n\n```sh\ncp a b\n```\n"
    assert [block.action for block in guide_of(text).blocks] == ["skip", "run"]
    assert [block.action for block in guide_of(text, system="windows").blocks] == ["run", "skip"]


def test_a_fence_of_another_system_is_taken_line_by_line_where_its_part_has_none_for_this_one() -> None:
    text = "# G\n\n## Setup\n\n```sh\nmake\n```\n\n## Test\n\n```powershell\nnpm test\nTest-Path a\n```\n"
    assert [[step.hold for step in block.steps] for block in guide_of(text).blocks] == [[None], [None, "os"]]
    twin = text.replace("## Test\n", "## Test\n\n```sh\nnpm run it\n```\n\nOr:\n")
    assert [block.action for block in guide_of(twin).blocks] == ["run", "run", "skip"]


@pytest.mark.parametrize(
    "words",
    [
        "The server should start on http://localhost:8000.",
        "- Frontend: http://localhost:3000",
        "If it hangs, open http://localhost:1",
    ],
)
def test_an_address_that_is_only_told_is_not_checked(words: str) -> None:
    assert guide_of(f"# G\n\n## Test\n\n{words}\n").blocks == ()


def test_line_endings_change_nothing() -> None:
    text = fence("npm ci\nnpm test") + "\nOpen http://localhost:1/a\n"
    changed = read_guide(("\ufeff" + text.replace("\n", "\r\n")).encode())
    assert changed == guide_of(text)


BREAKS = ["```", "```bash\n", "\n", "# ", "## Test\n", "- ", "> ", "$ ", "`", "'", "("]
WORDS = ["npm test", "cd a", "<x>", "Expected:", "A=1", "http://localhost/a ", "EOF", "<<EOF", "Open "]


@given(st.lists(st.sampled_from(BREAKS) | st.sampled_from(WORDS) | st.text(max_size=3), max_size=40).map("".join))
def test_any_text_is_read_or_refused_and_holds_no_other_command(text: str) -> None:
    try:
        guide = guide_of(text)
    except SpecError:
        return
    flat = " ".join(text.replace(">", " ").split())
    for block in guide.blocks:
        for step in block.steps:
            if step.kind in ("command", "service"):
                assert " ".join(step.command.replace(">", " ").split()) in flat


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("If not installed:", "run"),
        ("Apply them (use `--yes` to skip the questions):", "run"),
        ("If you want a clean state:", "hold"),
        ("To skip the seed:", "hold"),
        ("Tear down (by hand or by the timer):", "skip"),
    ],
)
def test_a_condition_is_one_only_where_it_says_when_a_step_is_done(words: str, action: str) -> None:
    guide = guide_of(f"# G\n\n## Notes\n\n```bash\nmake a\n```\n\n{words}\n\n```bash\nmake b\n```\n")
    assert guide.blocks[-1].action in (("hold", "skip") if action == "hold" else (action,))


def test_a_window_that_a_command_opens_is_for_somebody_to_look_at() -> None:
    guide = guide_of("# G\n\n## Run\n\n```bash\nzig build\n./out/paint\n```\n\nAn SDL2 window opens.\n")
    assert [step.hold for step in guide.blocks[-1].steps] == [None, "interactive"]
