"""What the words of a task state of its command, once true and once false."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.claims import claims_of
from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.events import Exited, Listening, StepResult
from spec_runner.core.plan.model import PlannedStep, PlannedTask
from spec_runner.core.result.cause import Evidence
from spec_runner.core.result.judge import judge
from spec_runner.core.result.verdicts import judge_task
from spec_runner.core.text.document import read_document

PYTEST = "==== {} in 0.1s ===="
COVERAGE = "Name  Stmts  Miss  Cover\nTOTAL    90     9    {}%\n==== 12 passed in 1s ===="

OUTCOMES: list[tuple[str, tuple[int, str], tuple[int, str]]] = [
    # Words, what makes them true, what makes them false: exit status and output.
    ("Run `python app.py` and confirm it exits 3", (3, ""), (0, "")),
    ("Run `python app.py` and confirm it exits 3", (3, "boom"), (1, "boom")),
    ("Run `./x bad` and verify it exits with code 2", (2, ""), (0, "")),
    ("Run `./x bad` and verify that the exit code is 2", (2, ""), (1, "")),
    ("Run `./x good`; it must exit with status 0", (0, ""), (1, "")),
    ("Verify `./x bad` exits non-zero", (1, ""), (0, "")),
    ("Run `python app.py --check`, should exit with code 4", (4, ""), (3, "")),
    ('Run `python app.py` and check that it prints "hello"', (0, "hello\n"), (0, "bye\n")),
    ('Run `python app.py` and verify it outputs "hello world"', (0, "hello world\n"), (0, "hello\n")),
    ("Run `python app.py`; the output contains `ready`", (0, "now ready\n"), (0, "starting\n")),
    ("Run `python app.py` and confirm that the output includes `42 users`", (0, "42 users\n"), (0, "41 users\n")),
    ('Run `python app.py --help` and verify it shows "usage"', (0, "usage: app"), (0, "x")),
    ("Run `./report` and confirm it reports “all green”", (0, "all green"), (0, "all red")),
    ("Run `./report` and verify that it displays the message `Done now`", (0, "Done now"), (0, "Failed")),
    ("Run `./report` - should print \"ok then\"", (0, "ok then"), (0, "")),
    ("Run `./report`, which says `fine here`", (0, "fine here"), (0, "nothing")),
    ("Run `pytest --cov` and confirm that coverage is above 80%", (0, COVERAGE.format(90)), (0, COVERAGE.format(79))),
    ("Run `pytest --cov` and confirm coverage ≥ 80%", (0, COVERAGE.format(80)), (0, COVERAGE.format(79))),
    ("Run `pytest --cov`; coverage must be at least 85 %", (0, COVERAGE.format(85)), (0, COVERAGE.format(84))),
    ("Run `npx vitest run --coverage` and verify coverage > 70%", (0, "All files | 71.2 | 60"), (0, "All files | 69.9 | 60")),
    ("Run `go test -cover ./...` and verify coverage is over 50%", (0, "ok a 0.1s coverage: 61.0% of statements"),
     (0, "ok a 0.1s coverage: 41.0% of statements")),
    ("Run `npx jest --coverage` and check coverage is at least 80%", (0, "All files |  80 | 1"), (0, "All files |  12 | 1")),
    ("Run `pytest` and verify all 12 tests pass", (0, PYTEST.format("12 passed")), (0, PYTEST.format("11 passed"))),
    ("Run `pytest` and confirm that all 3 unit tests pass", (0, PYTEST.format("3 passed")), (0, PYTEST.format("2 passed"))),
    ("Run `npm test` and verify 5 tests pass", (0, "Tests:       5 passed, 5 total"), (0, "Tests:       4 passed, 4 total")),
    ("Run `npx mocha` and expect all 7 tests pass", (0, "  7 passing (1s)"), (0, "  6 passing (1s)")),
    ("Run `cargo test`, expect all 4 tests pass", (0, "running 4 tests\ntest result: ok. 4 passed; 0 failed"),
     (0, "running 3 tests\ntest result: ok. 3 passed; 0 failed")),
    ("Run `pytest` and verify at least 10 tests pass", (0, PYTEST.format("10 passed")), (0, PYTEST.format("9 passed"))),
    ("Run `pytest` and confirm 0 failures", (0, PYTEST.format("9 passed")), (0, PYTEST.format("2 failed, 9 passed"))),
    ("Run `npm test` - 0 failures", (0, "  9 passing\n  0 failing"), (0, "  9 passing\n  1 failing")),
    ("Run `./suite` and verify no failures", (0, "9 passed, 0 failed"), (0, "9 passed, 3 failed")),
    ("Run `./suite` and verify zero failed tests", (0, "9 passed, 0 failed"), (0, "9 passed, 3 failed")),
    ("Run `cargo clippy` with no warnings", (0, "    Finished dev"), (0, "warning: unused variable\n    Finished dev")),
    ("Run `npm run lint` and confirm no errors", (0, "all fine"), (0, "a.js: error no-undef")),
    ("Run `npm run lint` and confirm 0 errors", (0, "✖ 3 problems (0 errors, 3 warnings)"),
     (0, "✖ 3 problems (2 errors, 1 warning)")),
    ("Run `npm run lint` and confirm no warnings", (0, "✖ 1 problem (1 errors, 0 warnings)"),
     (0, "✖ 3 problems (0 errors, 3 warnings)")),
    ("Run `sphinx-build docs out` and verify no warnings", (0, "build succeeded."), (0, "a.rst:3: WARNING: boom")),
    ("Run `wc -l < a.txt` and confirm it is at least 10", (0, "10\n"), (0, "9\n")),
    ("Run `wc -l < a.txt` and confirm it is below 300", (0, "299\n"), (0, "300\n")),
    ("Run `./count users` and confirm the count is 3", (0, "3\n"), (0, "4\n")),
    ("Run `./count users` and verify that the number is 12", (0, "12\n"), (0, "0\n")),
    ("Run `./count users` and check the output is 7", (0, "7\n"), (0, "8\n")),
    ("Run `./score` and verify it is more than 90", (0, "score: 91\n"), (0, "score: 90\n")),
    ("Run `./score` and verify it is at most 90", (0, "score: 90\n"), (0, "score: 91\n")),
    ("Run `./score`; it must be under 5", (0, "4\n"), (0, "5\n")),
    ("Run `./score` and verify the total is 2.5", (0, "2.5\n"), (0, "2\n")),
    ("Verify `grep -r foo src` returns no results", (1, ""), (0, "src/a:foo\n")),
    ("Confirm that `grep -rn TODO src` contains no matches", (1, ""), (0, "src/a:1:TODO\n")),
    ("Verify `rg oldName` finds nothing", (1, ""), (0, "a: oldName\n")),
    ("Check `git grep legacy` returns zero results", (1, ""), (0, "legacy\n")),
    ("Verify `grep -r newName src` finds at least one match", (0, "src/a:newName\n"), (0, "")),
    ("Run `pytest tests/new.py` and confirm it must FAIL first", (1, "FAILED a::b - assert 0\n1 failed in 1s"),
     (0, PYTEST.format("1 passed"))),
    ("Run `pytest` and verify that all tests pass", (0, PYTEST.format("4 passed")), (1, "FAILED a::b - assert 0\n1 failed in 1s")),
    ("Run `npm run build` to make sure that everything works", (0, "built"), (1, "boom")),
    ("Run `make lint` and verify it succeeds", (0, ""), (2, "a.c:1: error: x\nmake: *** [lint] Error 1")),
    ("Run `pytest` - expect 8 tests pass and coverage ≥ 80%", (0, COVERAGE.format(80).replace("12", "8")),
     (0, COVERAGE.format(70).replace("12", "8"))),
    ("Run `python -m app` and verify it prints `hi there` and exits 0", (0, "hi there"), (0, "ho")),
    ("Run `./x bad` and verify it prints `bad input` and exits with 2", (2, "bad input"), (2, "oops")),
    ("Run `./x` and confirm that it exits with code 0", (0, ""), (1, "")),
    # The command is what the sentence speaks of.
    ("`wc -l < out.csv` should be 12", (0, "12\n"), (0, "11\n")),
    ("`wc -l < out.csv` is 12", (0, "12\n"), (0, "11\n")),
    ("Check `wc -l out.csv` = 12", (0, "12 out.csv\n"), (0, "120 out.csv\n")),
    ("`wc -l < out.csv` (expect 12)", (0, "12\n"), (0, "0\n")),
    ("`wc -l < out.csv` (should be at least 12)", (0, "13\n"), (0, "11\n")),
    ("`wc -l < out.csv` gives more than 12", (0, "13\n"), (0, "12\n")),
    ("`ls migrations | wc -l` equals 4", (0, "4\n"), (0, "3\n")),
    ("Verify `grep -rn foo src | wc -l` must be 0", (0, "0\n"), (0, "3\n")),
    ("Verify `grep -c foo src/a.py` returns 0", (1, "0\n"), (0, "3\n")),
    ("Verify `grep -rc foo src` shows no matches", (1, "a:0\nb:0\n"), (0, "a:0\nb:1\n")),
    ('`jq .version package.json` is "2.0.0"', (0, '"2.0.0"\n'), (0, '"1.9.0"\n')),
    ("`python -m app --version` prints 2.1.0", (0, "app 2.1.0\n"), (0, "app 2.0.0\n")),
    ("`ls migrations` contains `0004_add.py`", (0, "0003.py\n0004_add.py\n"), (0, "0003.py\n")),
    ("Run `alembic current`, shows `015`", (0, "015 (head)\n"), (0, "014\n")),
    ("`pytest -q` (41 passed)", (0, PYTEST.format("41 passed")), (0, PYTEST.format("40 passed"))),
    ("`pytest -q`: 41 tests, all pass", (0, PYTEST.format("42 passed")), (0, PYTEST.format("40 passed"))),
    ('`node cli.js foo` fails with "unknown command"', (1, "unknown command: foo\n"), (0, "unknown command")),
    ('`node cli.js foo` fails with "unknown command"', (2, "unknown command: foo\n"), (1, "TypeError: x")),
    ("`node cli.js foo` fails", (1, "no foo"), (0, "")),
    ("Run `./x` and ensure the result is 100", (0, "100\n"), (0, "99\n")),
    # Before the command, and in the lines below it.
    ("Verify coverage is above 80% with `pytest --cov`", (0, COVERAGE.format(90)), (0, COVERAGE.format(79))),
    ("Verify coverage >80%: `go tool cover -func=c.out`", (0, "total: (statements) 81.0%"), (0, "total: (statements) 80.0%")),
    ("Expect 3 lines: `cat a.txt`", (0, "a\nb\nc\n"), (0, "a\nb\n")),
    ("Expect 3 lines: `wc -l a.txt`", (0, "3 a.txt\n"), (0, "4 a.txt\n")),
    ("Expect exit code 2: `./x bad`", (2, "bad"), (0, "")),
    ('Expected output "hello": `./x`', (0, "hello\n"), (0, "bye\n")),
    ("Run full test suite to confirm all 9 tests pass: `npm test`", (0, "Tests: 9 passed, 9 total"), (0, "Tests: 8 passed")),
    ('Run `./x`\n  - prints "hello"\n  - exits 0', (0, "hello"), (0, "bye")),
    ("Run `./x bad`\n  - Expected: exit code 3", (3, ""), (0, "")),
    ('Run `./x bad`\n  - Acceptance: it prints "bad input"\n  - Acceptance: exit code is 2', (2, "bad input"), (2, "odd")),
    ("Run the tool\n  - Verify `./x bad` exits with code 2", (2, "x"), (1, "x")),
    ("Run the tool\n  ```console\n  $ ./x\n  hello you\n  ```", (0, "hello you\n"), (0, "bye\n")),
    ("Run `./x`\n\n  Expected output:\n\n  ```text\n  hello you\n  ```", (0, "hello you\n"), (0, "bye\n")),
    ("Search with `grep -rn foo src`; it finds exactly 2 matches", (0, "a:1:foo\nb:2:foo\n"), (0, "a:1:foo\n")),
]  # fmt: skip

SEVERAL: list[tuple[str, list[tuple[int, str]], list[tuple[int, str]]]] = [
    ("Run `./a`, `./b` and `./c`; all exit 0", [(0, ""), (0, ""), (0, "")], [(0, ""), (1, ""), (0, "")]),
    ("Run `./a` and `./b`; both exit 3", [(3, "x"), (3, "x")], [(3, "x"), (0, "")]),
    ('Run `./a` and `./b` and verify that both print "ok"', [(0, "ok"), (0, "ok")], [(0, "no"), (0, "ok")]),
    ("Run `./a` and confirm it exits 3, then run `./b`", [(3, "x"), (0, "")], [(0, ""), (0, "")]),
    ("Run the tool\n  ```bash\n  ./a\n  ./b\n  ```\n\n  Output:\n\n  ```text\n  hello you\n  bye now\n  ```",
     [(0, "hello you"), (0, "bye now")], [(0, "hello him"), (0, "bye now")]),
    ("Run the tool\n  ```console\n  $ ./a\n  hello you\n  $ ./b\n  bye now\n  ```",
     [(0, "hello you"), (0, "bye now")], [(0, "hello you"), (0, "hello you")]),
    ("Check it\n  - Run `./a`, which exits with code 2\n  - Run `./b`, which prints `fine here`", [(2, "x"), (0, "fine here")], [(2, "x"), (0, "odd")]),
]  # fmt: skip

UNJUDGED = [
    ("Run `pytest --cov` and confirm that coverage is above 80%", 0, "12 passed in 1s"),
    ("Run `pytest` and confirm only the known failures remain", 1, "FAILED a::b - assert 0\n1 failed, 9 passed in 1s"),
    ("Run `./score` and verify it is more than 90", 0, "scores: 91, 92, 93"),
    ("`make docs` produces `site/index.html`", 0, ""),
    ("`python gen.py` is idempotent", 0, ""),
    ("`python gen.py` finishes in under 2 seconds", 0, ""),
    ("`node --version` prints v20.1.0", 0, "v22.1.0"),
    ("`make up` fails with a clear error when the port is taken", 0, ""),
    ("`make up` fails with a clear error when the port is taken", 2, "Error 2"),
]


def verdict(words: str, *ends: tuple[int, str]) -> str:
    """What is said of a ticked task whose commands ended so, each with its output."""
    task = read_document(f"- [x] T001 {words}\n".encode()).tasks[0]
    steps = decide(task).steps
    assert len(steps) == len(ends), steps
    results: dict[int, StepResult] = {}
    for number, (step, (code, output)) in enumerate(zip(steps, ends, strict=True)):
        before = tuple((each.output, each.output) for each in results.values())
        seen = Evidence(step.command, Exited(code), output, step.expect, expectations=step.expectations)
        said = judge(seen._replace(before=before, answer=step.answer))
        results[number] = StepResult(
            said.outcome, said.reason, said.exit, output=output, cause=said.cause, unmet=said.unmet, unseen=said.unseen
        )
        if said.outcome != "passed":
            break
    planned = tuple(PlannedStep(step, "run", ".", 300.0) for step in steps)
    made = PlannedTask(task, "command", "run", "", "claimed", planned)
    return judge_task(made, claims_of(steps, task.title), results).verdict


@pytest.mark.parametrize(("words", "true", "false"), OUTCOMES)
def test_a_stated_outcome_is_judged(words: str, true: tuple[int, str], false: tuple[int, str]) -> None:
    assert (verdict(words, true), verdict(words, false)) == ("proven", "false")


@pytest.mark.parametrize(("words", "true", "false"), SEVERAL)
def test_an_outcome_of_several_commands_is_judged_of_each(
    words: str, true: list[tuple[int, str]], false: list[tuple[int, str]]
) -> None:
    assert (verdict(words, *true), verdict(words, *false)) == ("proven", "false")


HTTPIE = "\nhttp: warning: HTTP {} Not so\n\n{{}}"


@pytest.mark.parametrize(
    ("words", "end", "expected"),
    [
        ("Check the list with `http :8000/users`", (4, HTTPIE.format(404)), "false"),
        ("Check the list with `http :8000/users`", (5, HTTPIE.format(500)), "false"),
        ("Check the list with `http :8000/users`", (0, "[]"), "proven"),
        ("Check that a request without a token is refused: `http :8000/users`", (4, HTTPIE.format(401)), "proven"),
        ("Verify that `http :8000/none` returns 404", (4, HTTPIE.format(404)), "proven"),
        ("Verify that `http :8000/none` returns 404", (4, HTTPIE.format(401)), "false"),
    ],
)
def test_httpie_is_judged_as_curl_is(words: str, end: tuple[int, str], expected: str) -> None:
    assert verdict(words, end) == expected


@pytest.mark.parametrize(
    ("words", "ports", "expected"),
    [
        ("Start the server with `python main.py` on port 9000", (8000,), "false"),
        ("Start the server with `python main.py` on port 9000", (8000, 9000), "proven"),
        ("Start the server with `python main.py` (http://localhost:9000)", (8000,), "false"),
        ("Start the server with `python main.py`", (8000,), "proven"),
    ],
)
def test_a_service_listens_where_words_say(words: str, ports: tuple[int, ...], expected: str) -> None:
    task = read_document(f"- [x] T001 {words}\n".encode()).tasks[0]
    (step,) = decide(task).steps
    said = judge(Evidence(step.command, Listening(ports), "", is_service=True, ports=step.ports))
    planned = PlannedTask(task, "service", "run", "", "claimed", (PlannedStep(step, "run", ".", 300.0),))
    result = StepResult(said.outcome, said.reason, cause=said.cause)
    assert judge_task(planned, claims_of((step,), task.title), {0: result}).verdict == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("frontend/node_modules/zod/a.ts:1:TaskItem\nBinary file web/.next/x.js matches\n", "proven"),
        ("web/node_modules/a.ts:1:TaskItem\nweb/src/a.ts:1:TaskItem\n", "false"),
    ],
)
def test_what_is_installed_is_no_find(output: str, expected: str) -> None:
    assert verdict("Verify that `grep -r TaskItem .` returns nothing", (0, output)) == expected


@pytest.mark.parametrize(("words", "code", "output"), UNJUDGED)
def test_an_outcome_that_cannot_be_judged_is_neither_proven_nor_false(words: str, code: int, output: str) -> None:
    assert verdict(words, (code, output)) not in ("proven", "false")


def test_a_service_and_the_address_behind_it_are_both_claimed() -> None:
    words = "Start the API with `uvicorn app:app` and verify that `http://localhost:8000/docs` returns 404"
    steps = decide(read_document(f"- [ ] T001 {words}\n".encode()).tasks[0]).steps
    assert [(step.kind, step.expect) for step in steps] == [("service", "ok"), ("url", "404")]


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ('returns `{"status": "ok"}`', [("ok", "json")]),
        ('returns 200 with {"status": "ok"}', [("200", "json")]),
        ("responds with status 503", [("503", None)]),
        ('shows "Swagger"', [("ok", "text")]),
        ("and `http://localhost:1/b` return 200", [("200", None), ("200", None)]),
        ("returns 200 and `http://localhost:1/b` returns 404", [("200", None), ("404", None)]),
        (", which redirects to http://localhost:1/b", [("ok", None)]),
    ],
)
def test_what_an_address_answers_is_judged(words: str, asked: list[tuple[str, str | None]]) -> None:
    steps = decide(read_document(f"- [ ] T001 Verify that `http://localhost:1/a` {words}\n".encode()).tasks[0]).steps
    assert [(step.expect, next((each.kind for each in step.expectations), None)) for step in steps] == asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Run `npm run build` and verify the bundle size is acceptable", "the bundle size is acceptable"),
        ("Run `npm run build` and confirm that `dist/` has no source maps", "`dist/` has no source maps"),
        ("Run `shop make button` in the root\n  - Ensure two files appear in `src/`", "two files appear in `src/`"),
        ("Verify `npm run build` produces a component with icons", "produces a component with icons"),
        ("Run `npm run build` and verify it passes", None),
        ("Create the parser\n  - **Verify**: `python3 parse.py`", None),
        ("Run `npm run build` and confirm that all builds succeed", None),
        ("Run `npm run build` to verify the bundle is small", None),
        ("Run `npm test` and confirm the parser still reads old files", None),
    ],
)
def test_what_is_asked_besides_passing_is_kept_as_words(text: str, asked: str | None) -> None:
    task = read_document(f"- [ ] T001 {text}\n".encode()).tasks[0]
    (step,) = decide(task).steps
    assert [each.text for each in step.expectations] == ([asked] if asked else [])
    assert step.expect == ("other" if asked else "ok")


@pytest.mark.parametrize("command", ["docker compose ps", "git log --oneline", "psql shop -c 'SELECT * FROM users'"])
def test_what_only_shows_something_proves_nothing_by_passing(command: str) -> None:
    task = read_document(f"- [ ] T001 Start it and verify with `{command}`\n".encode()).tasks[0]
    assert decide(task).steps[-1].expect == "other"
