"""What the words of a task mean to be run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.steps import Intent
from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import read_document
from spec_runner.errors import SpecError


def intent_of(text: str, *, system: str = "linux") -> Intent:
    """The decision on the first task of a document with this text behind ``- [ ] T001``."""
    return decide(read_document(f"- [ ] T001 {text}\n".encode()).tasks[0], system=system)


def commands_of(text: str) -> list[str]:
    return [step.command for step in intent_of(text).steps if step.kind in ("command", "service")]


RUN = [
    ("Run `npm test`", ["npm test"]),
    ("Run `for i in $(seq 1 3); do echo $i; done`", ["for i in $(seq 1 3); do echo $i; done"]),
    ("Run `if [ -f x ]; then echo a; fi`", ["if [ -f x ]; then echo a; fi"]),
    ("Run `[ -f README.md ]` and `[[ -d src ]] && echo yes`", ["[ -f README.md ]", "[[ -d src ]] && echo yes"]),
    ("Re-run `pytest -q` and confirm that nothing broke", ["pytest -q"]),
    ("Run the linter: `ruff check .`", ["ruff check ."]),
    ("Fetch the sample project `git clone https://example.org/shop.git`", ["git clone https://example.org/shop.git"]),
    ("Remove the old files from the server folder `rm old.py older.py`", ["rm old.py older.py"]),
    (
        "Install the packages of `requirements.txt` `pip install -r requirements.txt`",
        ["pip install -r requirements.txt"],
    ),
    ("Verify that it compiles with `go build ./...`", ["go build ./..."]),
    ("Ensure `make lint` passes", ["make lint"]),
    ("Check the types (`mypy src`) and the style (`ruff check src`)", ["mypy src", "ruff check src"]),
    ("Create the schema by running `alembic upgrade head`", ["alembic upgrade head"]),
    ("Add the client library: `go get example.org/client@latest`", ["go get example.org/client@latest"]),
    ("Write the queries in `db/users.sql` and run `make queries`", ["make queries"]),
    ("`cargo fmt --check`", ["cargo fmt --check"]),
    ("`npm run build` succeeds", ["npm run build"]),
    ("V2. `go vet ./...` passes", ["go vet ./..."]),
    ("Run `pytest`", ["pytest"]),
    ("Run `frobnicate check`", ["frobnicate check"]),
    ("Run `frobnicate`", ["frobnicate"]),
    ("Run `yes | head -3` and `seq 5 | wc -l`", ["yes | head -3", "seq 5 | wc -l"]),
    ("Créer le schéma avec `alembic upgrade head`", ["alembic upgrade head"]),
    ("Run `scripts/smoke.sh`", ["scripts/smoke.sh"]),
    ("Full gate: `make check`, then `make bench`", ["make check", "make bench"]),
    ("Run `pnpm lint`, `pnpm types`, and `pnpm test`", ["pnpm lint", "pnpm types", "pnpm test"]),
    ("Compare `probe --fast` and `probe`: run `probe --fast` and `probe`", ["probe --fast", "probe"]),
    ("Run `npm ci` or `pnpm install`", ["npm ci"]),
    ("Run `npm\n  test`", ["npm test"]),
    ("Check the whole\n  with `make all`", ["make all"]),
    ("執行 `uv run pytest`", ["uv run pytest"]),
    ("`uv run pytest` を実行", ["uv run pytest"]),
    ("在`server`运行`dotnet build`", ["dotnet build"]),
    ("Запустить тесты — `make test`", ["make test"]),
    ("Ejecutar `npm test`", ["npm test"]),
    ("Przeprowadź `./gradlew test`", ["./gradlew test"]),
    ("Refactor the parser\n  - **Verify**: `npm run compile` passes", ["npm run compile"]),
    ("Test everything\n  - Execute: `cargo test` from the repository root", ["cargo test"]),
    ("Install it\n  ```bash\n  npm ci\n  npm run build\n  ```", ["npm ci", "npm run build"]),
    ("Install it\n  ```console\n  echo one \\\n    two\n  ```", ["echo one \\\n  two"]),
    ("Create `lib/gate.sh`\n  ```accept\n  bash lib/gate.sh\n  ```", ["bash lib/gate.sh"]),
]

NOT_RUN = [
    "Create `ci.yml` with the steps `npm ci` and `npm test`",
    "Add a job to the workflow: on a push, run `npm test`",
    "Verify that the guide mentions `npm install`",
    "Test file created: `backend/tests/test_models.py`",
    "Document the levels: `from shop.sql import query`",
    "Implement the `Stop-Box` function using `docker stop` in `scripts/stop.ps1`",
    "The job gets its image; workflows now run `npm test`",
    "Create the login page with `claude login` guidance in src/Login.tsx",
    "Add a `build` target (`go build -o app .`) to `Makefile`",
    "Document the `make check` workflow in `README.md`",
    "Implement `shop list` command in `cmd/list.go`",
    "Update the guide with the commands: `make up`, `make down`",
    "Replace `npm run lint` with `pnpm lint` in `package.json`",
    "The hook calls `git status` before each commit",
    "Verify that the guide mentions `npm install`",
    "Use `pytest-mock` instead of `unittest.mock`",
    "Implement the guard: reject payloads such as `rm -rf /`",
    "If it is needed: run `cargo fmt`",
    "Set up `pnpm test` scaffolding in the root",
    "`app.yml`: a new step that runs `npm test`",
    "Write tests for `make install`",
    "Add CI step running `cargo test --all` in the test job",
    "Create the user model in `src/models/user.py`",
    "Check the runner in `scripts/run.ps1`",
    "Verify `just` is installed",
    "Run `frobnicate` on `/login` and `/home`",
    "Run `docker stop`, then `docker rm`",
    "Read the flags (`true`, `false`)",
    "Add a doc page\n  - step: `docker run --rm shop`",
    "Create `run.sh`:\n  ```bash\n  set -e\n  npm test\n  ```",
    "Show an example\n  ```python\n  print(1)\n  ```",
    "Read **Result**: `npm test` gave 3 failures",
    "Keep <!-- run `npm test` --> quiet",
    "",
]

UNSURE = [
    "Optionally run `npm test`",
    "Benchmark `make build-all` and capture the time",
]


@pytest.mark.parametrize("text", UNSURE)
def test_what_may_or_may_not_be_meant_to_run_is_held_as_unsure(text: str) -> None:
    (step,) = intent_of(text).steps
    assert "unsure" in step.holds
    assert " but " in step.why


@pytest.mark.parametrize(("text", "commands"), RUN, ids=[text[:60] for text, _ in RUN])
def test_what_the_words_ask_to_run_is_run(text: str, commands: list[str]) -> None:
    assert commands_of(text) == commands


@pytest.mark.parametrize("text", NOT_RUN, ids=[text[:60] for text in NOT_RUN])
def test_what_is_only_mentioned_is_not_run(text: str) -> None:
    intent = intent_of(text)
    assert (intent.kind, intent.steps) == ("none", ())
    assert intent.why


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Start the server using the command `python main.py`", "service"),
        ("Start the frontend with `cd web && npm run dev`", "service"),
        ("Verify that the API starts: `uv run uvicorn shop.main:app`", "service"),
        ("Run `python manage.py runserver`", "service"),
        ("Run `docker compose up -d`", "command"),
        ("Run `npm run build`", "command"),
        ("Run `python main.py` to convert the data", "command"),
        ("Open http://localhost:3000/cart and see the list", "url"),
        ("Verify the documentation at `http://localhost:8000/docs` (manual verification)", "url"),
        ("Configure CORS for http://localhost:3000", "none"),
        ("Configure the variables (`SHOP_KEY`, `SHOP_URL`) in a `.env` file", "env"),
        ("Set SHOP_KEY in backend/.env", "env"),
        ("Add `.env` to `.gitignore`", "none"),
        ("Create `.env.example` with `SHOP_KEY`", "none"),
        ("Load `SHOP_KEY` from `.env` in `config.py`", "none"),
        ("Run quickstart.md validation", "quickstart"),
        ("Validate the quickstart scenarios end-to-end", "quickstart"),
        ("Run the quickstart `powershell.exe -File D:\\work\\specs\\001\\quickstart.md`", "quickstart"),
        ("Test the admin pages per quickstart.md checklist", "quickstart"),
        ("运行 quickstart.md 验证", "quickstart"),
        ("Rodar os cenários 1–5 de `quickstart.md`", "quickstart"),
        ("Проверить quickstart.md", "quickstart"),
        ("Update quickstart.md with the new commands", "none"),
        ("Document the limits in `quickstart.md`", "none"),
        ("Fix `tests/test_quickstart_guide.py`", "none"),
        ("Run `scripts/check.sh` and record the result in `quickstart.md`", "command"),
    ],
)
def test_the_kind_follows_from_the_words(text: str, kind: str) -> None:
    assert intent_of(text).kind == kind


@pytest.mark.parametrize(
    ("text", "cwd"),
    [
        ("Run `uv sync` in `backend/`", "backend"),
        ("Run `uv sync` from the cli/ directory", "cli"),
        ("Run `uv sync` to install the packages in backend/", "backend"),
        ("From `packages/api/`, run `uv sync`", "packages/api"),
        ("Delete a file `rm a.py` (relative to backend directory)", "backend"),
        ("Run `uv sync` at the repository root", "."),
        ("Run `uv sync` in ./shop/", "shop"),
        ("在`src/Api`运行`dotnet build`", "src/Api"),
        ("Run `uv sync` inside the container", None),
        ("Run `npm test` and record the outcome in `docs/`", None),
        ("Change a file in `core/`, run `npm test`", None),
        ("Run `uv sync`", None),
        ("Test it\n  - Run `uv sync` in `api/`", "api"),
        ("Configure `SHOP_KEY` in a `.env` file (relative to backend directory)", "backend"),
    ],
)
def test_a_directory_named_in_words_is_the_place(text: str, cwd: str | None) -> None:
    assert intent_of(text).steps[0].cwd == cwd


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("Run `npm test`", "ok"),
        ("Run `npm test` and confirm that the new tests FAIL", "fail"),
        ("Confirm `make types` exits non-zero", "fail"),
        ("Verify that `cat nofile` fails", "fail"),
        ("Verify `make up` fails gracefully when the port is in use", "ok"),
        ("Run `npm test` and fix any that fail", "ok"),
        ("Search with `grep -r oldName src/` (expect no results)", "empty"),
        ("Verify no imports remain with `grep -r oldName src/`", "empty"),
        ("Verify coverage above 80% with `make coverage`", "other"),
        ("Run `npm run build` and visually check the page", "other"),
        ("Verify the targets with `make help`", "other"),
        ("Confirm that `git status` shows no build artifact staged", "other"),
        ("Audit with `grep -rn oldName src/` to find all callers", "other"),
        ("Check: `grep -r oldName src/` returns nothing or only fixtures", "other"),
        ("Start the gallery with `npm run cosmos` and verify all fixtures display", "other"),
        ("Run `tool init` and verify:\n  - Files in `.tool/` contain the new prefix", "other"),
        ("Rode `npm run build` e verifique que o pacote ficou pequeno", "other"),
        ("Ejecutar `npm run build` y confirmar que el paquete es pequeño", "other"),
        ("运行 `npm run build` 并验证包的大小没有变化", "other"),
        ("执行 `npm run build` 确认构建通过", "ok"),
        ("Verify http://localhost:8000 is accessible", "reachable"),
        ("Verify http://localhost:8000/docs", "ok"),
        ("Verify that http://localhost:8000/none returns 404", "404"),
    ],
)
def test_success_is_judged_as_the_words_say(text: str, expect: str) -> None:
    assert intent_of(text).steps[0].expect == expect


def test_a_change_of_folder_moves_what_follows() -> None:
    assert [step.moves for step in intent_of("Navigate to the folder `cd shop/api`").steps] == [True]
    assert [step.moves for step in intent_of("Run `cd shop && npm test`").steps] == [False]


def test_a_held_step_holds_its_whole_task() -> None:
    held = intent_of("Run `npm version patch`, then `npm publish`")
    assert (held.kind, [step.hold for step in held.steps]) == ("command", ["outward", "outward"])


@pytest.mark.parametrize(
    ("text", "hold"),
    [
        ("Run the migration on production: `alembic upgrade head`", "production"),
        ("Run `npx expo start`, press `a` for the emulator", "interactive"),
        ("Run `go mod init example.org/your-org/shop`", "placeholder"),
        ("Open http://localhost:3000/users/{id}", "placeholder"),
    ],
)
def test_the_words_can_hold_a_command(text: str, hold: str) -> None:
    assert intent_of(text).steps[0].hold == hold


def test_an_environment_names_its_keys_and_its_file() -> None:
    step = intent_of("Set `SHOP_KEY=abc` and `SHOP_URL` in `web/.env.local`").steps[0]
    assert (step.kind, step.command, step.keys, step.content) == (
        "env",
        "web/.env.local",
        ("SHOP_KEY", "SHOP_URL"),
        "SHOP_KEY=abc",
    )


def test_a_task_that_says_it_was_left_out_is_not_run() -> None:
    assert intent_of("Run `make bench` (skip for now)").kind == "none"


def test_a_command_named_twice_is_run_once() -> None:
    assert commands_of("Command: `make types`\n  - Acceptance: `make types` completes with no warnings") == [
        "make types"
    ]


def test_a_script_runs_as_it_stands_whatever_an_earlier_one_has_in_common() -> None:
    fence = "  ```sh\n  set -eu\n  make {}\n  ```\n"
    text = f"Run `make a` and the checks\n{fence.format('a')}{fence.format('b')}"
    assert commands_of(text) == ["set -eu", "make a", "set -eu", "make b"]


def test_each_step_knows_its_line() -> None:
    steps = intent_of(
        "Run `npm ci` and\n  `npm test`\n  - Check: `npm run lint`\n  ```sh\n  # first\n  ls -l\n  ```"
    ).steps
    assert [step.line for step in steps] == [1, 2, 3, 6]


def test_another_system_holds() -> None:
    assert intent_of("Run `.\\build.ps1`").steps == () or intent_of("Run `pwsh -c ls`").kind == "command"
    assert intent_of("Run `./build.ps1`", system="windows").steps[0].hold == "os"
    assert intent_of("Run `./build.ps1`").steps[0].hold == "os"


WORDS = ["`", "``", "npm test", "run ", "Run ", "Verify ", "quickstart.md ", ".env ", "A_KEY ", "http://localhost/a "]
SIGNS = list(" \n-()[]:;.,*_~#<>/|&$'\"\\{}=\tä中")
TEXTS = st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS), max_size=60).map("".join)


@given(TEXTS)
def test_a_plan_holds_only_what_the_document_holds(text: str) -> None:
    try:
        document = read_document(f"- [ ] T001 {text}\n".encode())
    except SpecError:
        return
    for task in document.tasks:
        flat = " ".join(document.source.text.split())
        for step in decide(task).steps:
            if step.kind in ("command", "service", "url"):
                assert " ".join(step.command.split()) in flat


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verify that `curl http://localhost:8000/a` returns 200", [("status", "200")]),
        ("Run `curl http://localhost:8000/a` → 404 Not Found", [("status", "404")]),
        ("Confirm `./check.sh` exits 3", [("exit", "3")]),
        ("Verify that `curl -s http://localhost:8000/a` answers 404", [("status", "404")]),
        ('Verify `curl -s http://localhost/a` returns `{"a": 1, "b": 2}`', [("json", '{"a": 1, "b": 2}')]),
        ('Check that `curl -s http://localhost/a` prints "hello, you"', [("text", "hello, you")]),
        ("Check `ls src | wc -l` shows 5", [("number", "output = 5")]),
        ("Run `ls` in `src/`, it prints `zzz`", [("text", "zzz")]),
        ('Check that `cat a.txt` shows "hello"', [("text", "hello")]),
        ("Check that `echo hi` outputs `bye` (see the README)", [("text", "bye")]),
        ("Run `./check.sh`; the page returns 200", []),
        ("Run `curl http://localhost:8000/a` and check that the log returns to normal", []),
        ("Run `make` and see that it returns quickly", []),
    ],
)
def test_words_behind_a_command_say_what_comes_of_it(text: str, expected: list[tuple[str, str]]) -> None:
    (step,) = intent_of(text).steps
    assert [(each.kind, each.text) for each in step.expectations if each.checked] == expected


def test_words_that_nobody_can_check_are_told_as_such() -> None:
    (step,) = intent_of("Run `pytest`, expect 3 failures").steps
    assert [(each.kind, each.text, each.checked) for each in step.expectations] == [
        ("words", "expect 3 failures", False)
    ]
