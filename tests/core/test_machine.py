"""What real programs print when they fail → the machine's fault with its cause, or the task's own."""

from __future__ import annotations

import pytest

from spec_runner.core.plan.events import Exited
from spec_runner.core.result.cause import Evidence
from spec_runner.core.result.judge import judge
from spec_runner.core.result.machine import names_brought
from spec_runner.core.result.quoting import telling_line

OURS = names_brought(
    [
        "app/main.py", "app/routers/users.py", "src/lib/money.ts", "tests/test_app.py", "web/server.js", "db/sqlc/query.go",
        "cmd/shopctl/main.go",
    ]
)  # fmt: skip

MACHINE = [
    # npm, pnpm, yarn, node
    ("npm ci", 1, "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\n"
     "npm error network request to https://registry.example.org/left-pad failed, reason: getaddrinfo ENOTFOUND registry.example.org\n"
     "npm error A complete log of this run can be found in: /home/me/.npm/_logs/x-debug-0.log", "network registry.example.org"),
    ("npm install", 1, "npm ERR! code EBADENGINE\nnpm ERR! engine Unsupported engine\nnpm ERR! notsup Required: {\"node\":\">=22\"}", "node"),
    ("npm install", 1, "npm error code EBADPLATFORM\nnpm error notsup Unsupported platform for oxide@4: wanted {\"os\":\"win32\",\"cpu\":\"x64\"}"
     " (current: {\"os\":\"linux\",\"cpu\":\"x64\"})", "the system win32"),
    ("python -m todo", 1, "Traceback (most recent call last):\n  File \"todo.py\", line 3, in <module>\n    input('> ')\n"
     "EOFError: EOF when reading a line", "held: interactive"),
    ("docker exec -it db psql", 1, "the input device is not a TTY", "held: interactive"),
    ("npm publish", 1, "npm error code ENEEDAUTH\nnpm error need auth This command requires you to be logged in", "value credentials"),
    ("npm run build", 127, "> shop@1.0.0 build\n> tsc -p .\n\nsh: 1: tsc: not found", "tsc"),
    ("npm test", 1, "> vitest run\n\nYou are using Node.js 18.19.0. Vite requires Node.js version 20.19+ or 22.12+. Please upgrade.", "node 20.19+ or 22.12+"),
    ("node app.js", 1, "node:internal/modules/cjs/loader:1143\n  throw err;\n  ^\n\nError: Cannot find module 'express'\n"
     "Require stack:\n- /srv/app.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1140:15)\n\nNode.js v18.19.0", "module express"),
    ("node a.mjs", 1, "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@acme/ui' imported from /srv/a.mjs\n\nNode.js v20.1.0", "module @acme/ui"),
    ("node a.mjs", 1, "node:internal/errors:496\nError [ERR_UNKNOWN_BUILTIN_MODULE]: No such built-in module: node:sqlite", "node"),
    ("pnpm test", 254, " ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL  Command \"vitest\" not found", "vitest"),
    ("pnpm install", 1, " ERR_PNPM_META_FETCH_FAIL  GET https://registry.example.org/react: request to https://registry.example.org/react failed,"
     " reason: getaddrinfo ENOTFOUND registry.example.org", "network registry.example.org"),
    ("pnpm install", 1, " ERR_PNPM_UNSUPPORTED_ENGINE  Unsupported environment (bad pnpm and/or Node.js version)\n\nExpected version: >=22\nGot: v18.19.0", "node"),
    ("pnpm build", 1, " WARN  Local package.json exists, but node_modules missing, did you mean to install?", "not prepared: dependencies"),
    ("yarn", 1, "error vite@7.0.0: The engine \"node\" is incompatible with this module. Expected version \"^20.19.0 || >=22.12.0\". Got \"18.19.0\"\n"
     "error Found incompatible module.\ninfo Visit https://yarnpkg.com/en/docs/cli/install", "node ^20.19.0 || >=22.12.0"),
    ("yarn jest", 1, "error Command \"jest\" not found.\ninfo Visit https://yarnpkg.com/en/docs/cli/run", "jest"),
    ("npx tsc --noEmit", 2, "src/a.ts(1,23): error TS2307: Cannot find module 'react' or its corresponding type declarations.", "module react"),
    ("npm test", 1, "Error: Failed to resolve entry for package \"@acme/ui\". The package may have incorrect main/module/exports\n"
     "FAIL  tests/a.test.ts", "not prepared: @acme/ui (not built)"),
    ("cd db && sqlc generate", 127, "bash: line 1: sqlc: command not found", "sqlc"),
    ("sqlite3 data/shop.db .tables", 1, "Error: unable to open database \"data/shop.db\": unable to open database file",
     "not prepared: data/shop.db"),
    ("source .venv/bin/activate", 1, "bash: line 1: .venv/bin/activate: No such file or directory", "not prepared: .venv"),
    ("systemctl --user status shop", 1, "Failed to connect to bus: Host is down", "sandbox systemd"),
    ("docker compose config", 1, "docker: unknown command: docker compose\n\nRun 'docker --help' for more information", "docker compose"),
    # python, pytest, uvicorn, django, pip, uv
    ("pytest", 127, "bash: line 1: pytest: command not found", "pytest"),
    ("pytest", 127, "error: command not found: pytest", "pytest"),
    ("sqlc", 1, "sqlc : The term 'sqlc' is not recognized as the name of a cmdlet, function, script file", "sqlc"),
    ("python -m pytest", 1, "/usr/bin/python: No module named pytest", "module pytest"),
    ("pytest tests", 2, "ImportError while importing test module '/srv/tests/test_app.py'.\nE   ModuleNotFoundError: No module named 'fastapi'\n"
     "ERROR tests/test_app.py\n!!!!!!!! Interrupted: 1 error during collection !!!!!!!!\n1 error in 0.12s", "module fastapi"),
    ("pytest tests", 1, "FAILED tests/test_db.py::test_a - sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at"
     " \"localhost\" (127.0.0.1), port 5432 failed: Connection refused\n1 failed, 9 passed in 1.2s", "postgres"),
    ("uvicorn app.main:app", 1, "  File \"/srv/app/main.py\", line 1, in <module>\n    import fastapi\nModuleNotFoundError: No module named 'fastapi'", "module fastapi"),
    ("uvicorn app.main:app", 1, "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use", "port 8000"),
    ("python manage.py check", 1, "ImportError: Couldn't import Django. Are you sure it's installed and available on your PYTHONPATH?", "module Django"),
    ("python manage.py migrate", 1, "django.db.utils.OperationalError: could not translate host name \"db\" to address: Name or service not known", "network"),
    ("python manage.py check", 1, "django.core.exceptions.ImproperlyConfigured: Set the DATABASE_URL environment variable", "value DATABASE_URL"),
    ("python -m app.main", 1, "  File \"/srv/app/main.py\", line 9, in <module>\n    key = os.environ['OPENAI_API_KEY']\nKeyError: 'OPENAI_API_KEY'", "value OPENAI_API_KEY"),
    ("python app/main.py", 1, "openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the"
     " OPENAI_API_KEY environment variable", "value OPENAI_API_KEY"),
    ("python app/main.py", 1, "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\nopenai_api_key\n  Field required", "value settings"),
    ("pip install -e .", 1, "ERROR: Package 'shop' requires a different Python: 3.11.2 not in '>=3.13'", "python >=3.13"),
    ("pip install flask", 1, "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection."
     "HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/flask/\n"
     "ERROR: No matching distribution found for flask", "network"),
    ("uv sync", 2, "error: No interpreter found for Python >=3.13 in virtual environments, managed installations, or search path", "Python >=3.13"),
    ("uv sync", 1, "  × Failed to fetch: `https://index.example.org/simple/httpx/`\n  ├─▶ Request failed after 3 retries\n  ╰─▶ dns error: failed to lookup"
     " address information: Temporary failure in name resolution", "network index.example.org"),
    ("uv sync", 1, "error: Failed to download https://github.com/astral-sh/python-build-standalone/releases/download/2025/cpython-3.13.1-x86_64.tar.gz\n"
     "  Caused by: dns error", "python 3.13.1"),
    ("uv run pytest", 2, "error: Failed to spawn: `pytest`\n  Caused by: No such file or directory (os error 2)", "pytest"),
    ("uv sync", 1, "  × No solution found when resolving dependencies:\n  ╰─▶ Because the current Python version (3.11.2) does not satisfy Python>=3.12 and x"
     " depends on Python>=3.12, we can conclude that x's requirements are unsatisfiable.", "python >=3.12"),
    # go, cargo, dotnet, java, ruby, php
    ("go build ./...", 1, "go: go.mod requires go >= 1.24.0 (running go 1.19.8; GOTOOLCHAIN=local)", "go >= 1.24.0"),
    ("go build ./...", 1, "go: errors parsing go.mod:\n/srv/go.mod:3: invalid go version '1.24.0': must match format 1.23", "go 1.24.0"),
    ("go mod download", 1, "go: example.org/x@v1.0.0: Get \"https://goproxy.example.org/x\": dial tcp: lookup goproxy.example.org on 10.0.0.1:53: no such host",
     "network goproxy.example.org"),
    ("go test ./...", 1, "# runtime/cgo\ncgo: C compiler \"gcc\" not found: exec: \"gcc\": executable file not found in $PATH", "gcc"),
    ("go test ./store", 1, "--- FAIL: TestStore (0.01s)\n    store_test.go:12: dial tcp 127.0.0.1:5432: connect: connection refused\nFAIL\nFAIL\tshop/store\t0.01s", "postgres"),
    ("cargo build", 101, "error: package `clap v4.5.0` cannot be built because it requires rustc 1.74 or newer, while the currently active rustc version is 1.63.0",
     "rustc 1.74"),
    ("cargo build", 101, "error: failed to parse lock file at: /srv/Cargo.lock\n\nCaused by:\n  lock file version `4` was found, but this version of Cargo does not"
     " understand this lock file, perhaps Cargo needs to be updated?", "cargo"),
    ("cargo build", 101, "warning: spurious network error (3 tries remaining): [6] Could not resolve host: index.example.org\nerror: failed to get `serde`",
     "network index.example.org"),
    ("cargo nextest run", 101, "error: no such command: `nextest`\n\nhelp: view all installed commands with `cargo --list`", "cargo-nextest"),
    ("cargo build", 101, "error: linker `cc` not found\n  |\n  = note: No such file or directory (os error 2)", "cc"),
    ("dotnet build", 1, "A compatible .NET SDK was not found.\n\nRequested SDK version: 9.0.100\nglobal.json file: /srv/global.json", ".NET SDK 9.0.100"),
    ("dotnet restore", 1, "error NU1301: Unable to load the service index for source https://index.example.org/v3/index.json.", "network index.example.org"),
    ("./gradlew test", 1, "ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.", "java"),
    ("mvn test", 1, "[ERROR] Failed to execute goal: Could not transfer artifact a:b:pom:1 from/to central: repo.example.org: Name or service not known", "network"),
    ("mvn compile", 1, "[ERROR] Fatal error compiling: error: release version 21 not supported", "java 21"),
    ("bundle exec rspec", 1, "Your Ruby version is 3.1.2, but your Gemfile specified 3.3.0", "ruby 3.3.0"),
    # docker, git, curl, psql, playwright, make, displays
    ("docker compose up -d", 1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", "docker"),
    ("docker compose up -d", 125, "unknown shorthand flag: 'd' in -d\nSee 'docker --help'.", "docker compose"),
    ("git clone https://github.com/a/b", 128, "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com", "network github.com"),
    ("git push", 128, "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "value credentials"),
    ("git commit -m x", 128, "*** Please tell me who you are.\n\nRun\n\n  git config --global user.email \"you@example.com\"", "value user.email"),
    ("curl -fsS https://example.org/x", 6, "curl: (6) Could not resolve host: example.org", "network example.org"),
    ("curl -s http://localhost:8000/health", 7, "curl: (7) Failed to connect to localhost port 8000 after 0 ms: Connection refused", "localhost:8000"),
    ("psql -c 'select 1'", 2, "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory\n"
     "\tIs the server running locally and accepting connections on that socket?", "postgres"),
    ("psql -h db", 2, "psql: error: connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  password authentication failed for user \"shop\"",
     "value the database's password"),
    ("npx playwright test", 1, "  1) [chromium] › a.spec.ts:3:1 › loads\n\n    Error: browserType.launch: Executable doesn't exist at /home/me/.cache/ms-playwright/"
     "chromium-1140/chrome-linux/chrome\n    ║     npx playwright install    ║\n\n  1 failed", "playwright's browsers"),
    ("make up", 2, "docker compose up\nmake: docker: No such file or directory\nmake: *** [Makefile:3: up] Error 127", "docker"),
    ("make lint", 2, "ruff check .\n/bin/sh: 1: ruff: not found\nmake: *** [Makefile:2: lint] Error 127", "ruff"),
    ("python gui.py", 1, "_tkinter.TclError: no display name and no $DISPLAY environment variable", "display"),
    ("make all", 2, "cc: error writing to a.o: No space left on device\nmake: *** [a.o] Error 1", "space disk"),
    ("redis-cli ping", 1, "Could not connect to Redis at 127.0.0.1:6379: Connection refused", "redis"),
]  # fmt: skip
"""Command, exit status, output, cause."""

TASK = [
    ("npm run deploy", 1, "npm error Missing script: \"deploy\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run"),
    ("npm ci", 1, "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync."),
    ("npm test", 254, "npm error code ENOENT\nnpm error syscall open\nnpm error path /srv/package.json\nnpm error enoent Could not read package.json"),
    ("node web/server.js", 1, "Error: Cannot find module './routes'\nRequire stack:\n- /srv/web/server.js\n\nNode.js v18.19.0"),
    ("node web/gone.js", 1, "Error: Cannot find module '/srv/web/gone.js'\n    at Module._resolveFilename\n\nNode.js v18.19.0"),
    ("node missing.js", 1, "Error: Cannot find module 'missing.js'\n\nNode.js v18.19.0"),
    ("npx tsc", 2, "src/a.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.\nsrc/a.ts(1,2): error TS2307: Cannot find module 'react'."),
    ("npx jest", 1, "  ● money › adds\n\n    expect(received).toBe(expected)\n\n    Expected: 3\n    Received: 4\n    connect ECONNREFUSED 127.0.0.1:5432"),
    ("pnpm lint", 1, " ERR_PNPM_NO_SCRIPT  Missing script: lint"),
    ("yarn build", 1, "src/x.js: SyntaxError: Unexpected token (1:2)\nerror Command failed with exit code 1.\ninfo Visit https://yarnpkg.com/en/docs/cli/run"),
    ("pytest", 1, "E   assert 3 == 4\nFAILED tests/test_app.py::test_a - assert 3 == 4\n1 failed, 2 passed in 0.10s"),
    ("pytest", 2, "E   ModuleNotFoundError: No module named 'app.services'\nERROR tests/test_app.py\n1 error in 0.10s"),
    ("pytest", 1, "FAILED tests/a.py::a - ConnectionError: dial localhost:5432 refused\nFAILED tests/b.py::b - ValueError: 3\n2 failed in 1s"),
    ("uvicorn app.main:api", 1, "ERROR:    Error loading ASGI app. Attribute \"api\" not found in module \"app.main\"."),
    ("uvicorn backend.main:app", 1, "ModuleNotFoundError: No module named 'backend'"),
    ("python manage.py migrate", 2, "python: can't open file '/srv/manage.py': [Errno 2] No such file or directory"),
    ("python app/main.py", 1, "NameError: name 'API_KEY' is not defined"),
    ("pip install -r requirements.txt", 1, "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'"),
    ("uv sync", 2, "error: No `pyproject.toml` found in current directory or any parent directory"),
    ("go build ./...", 1, "# shop/cmd\ncmd/main.go:7:2: undefined: serve"),
    ("go build ./...", 1, "main.go:4:2: no required module provides package github.com/gin-gonic/gin; to add it:\n\tgo get github.com/gin-gonic/gin"),
    ("go test ./...", 1, "--- FAIL: TestAdd (0.00s)\n    add_test.go:9: got 3, want 4\nFAIL\nFAIL\tshop/add\t0.002s"),
    ("cargo build", 101, "error: could not find `Cargo.toml` in `/work` or any parent directory"),
    ("cargo test", 101, "---- tests::adds stdout ----\nthread 'tests::adds' panicked at src/lib.rs:9:9:\nassertion `left == right` failed\n"
     "test result: FAILED. 0 passed; 1 failed; 0 ignored"),
    ("dotnet build", 1, "MSBUILD : error MSB1003: Specify a project or solution file."),
    ("dotnet build", 1, "/srv/a.cs(3,9): error CS1002: ; expected [/srv/a.csproj]"),
    ("docker compose config", 14, "no configuration file provided: not found"),
    ("git checkout feature", 1, "error: pathspec 'feature' did not match any file(s) known to git"),
    ("curl -f http://localhost:8000/x", 22, "curl: (22) The requested URL returned error: 404"),
    ("make deploy", 2, "make: *** No rule to make target 'deploy'.  Stop."),
    ("./scripts/seed.sh", 127, "bash: line 1: ./scripts/seed.sh: No such file or directory"),
    ("test.sh", 127, "bash: line 1: test.sh: command not found"),
    ("shopctl serve", 127, "bash: line 1: shopctl: command not found"),
    ("cat never-there", 1, "cat: never-there: No such file or directory"),
    ("false", 1, ""),
]  # fmt: skip
"""Command, exit status, output of what is the task's own fault."""


def judged(command: str, code: int, output: str, **more: object) -> tuple[str, str | None]:
    said = judge(Evidence(command, Exited(code), output, brings=OURS.__contains__, **more))  # type: ignore[arg-type]
    return said.outcome, None if said.cause is None else str(said.cause)


@pytest.mark.parametrize(("command", "code", "output", "cause"), MACHINE)
def test_what_is_missing_here_is_not_the_tasks_fault(command: str, code: int, output: str, cause: str) -> None:
    assert judged(command, code, output) == ("failed", cause)


@pytest.mark.parametrize(("command", "code", "output"), TASK)
def test_what_the_repository_should_bring_is_the_tasks_fault(command: str, code: int, output: str) -> None:
    assert judged(command, code, output) == ("failed", None)


def test_an_address_that_refuses_is_the_tasks_fault_once_it_started_a_service() -> None:
    refused = "curl: (7) Failed to connect to localhost port 8000 after 0 ms: Connection refused"
    assert judged("curl http://localhost:8000", 7, refused) == ("failed", "localhost:8000")
    assert judged("curl http://localhost:8000", 7, refused, has_services=True) == ("failed", None)


def test_what_must_fail_must_fail_by_what_it_does() -> None:
    assert judged("pytest", 1, "FAILED a.py::a - assert 0\n1 failed in 1s", expect="fail") == ("passed", None)
    uncollected = "E   ModuleNotFoundError: No module named 'app.new'\nERROR tests/test_new.py\n1 error in 1s"
    assert judged("pytest", 2, uncollected, expect="fail") == ("failed", "module ModuleNotFoundError")
    assert (
        judged("pytest", 2, "E   ModuleNotFoundError: No module named 'flask'\n1 error", expect="fail")[1]
        == "module flask"
    )
    usage = "usage: pytest [options]\npytest: error: unrecognized arguments: --cov"
    assert judged("pytest --cov", 4, usage, expect="fail") == ("failed", None)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("> a\n\nsrc/a.ts(1,2): error TS2322: wrong\nnpm error Lifecycle script `build` failed with error:\nnpm error code 2\n"
         "npm error path /work\nnpm error workspace shop@1.0.0", "src/a.ts(1,2): error TS2322: wrong"),
        ("npm error code E404\nnpm error 404 Not Found - GET https://a.b/c\nnpm error A complete log of this run can be found in:"
         " /home/me/.npm/_logs/x.log", "npm error code E404: 404 Not Found - GET https://a.b/c"),
        ("npm error Missing script: \"x\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run",
         "npm: Missing script: \"x\""),
        ("Boom at line 3\nerror Command failed with exit code 1.\ninfo Visit https://yarnpkg.com/en/docs/cli/run", "Boom at line 3"),
        ("a.py:1:8: F401 `os` imported but unused\nFound 4 errors.\n[*] 3 fixable with the `--fix` option.", "Found 4 errors."),
        ("docker: no such thing\nSee 'docker run --help'.", "docker: no such thing"),
        ("error: Failed to spawn: `x`\n  Caused by: No such file or directory (os error 2)", "error: Failed to spawn: `x`"),
        ("cc a.c\na.c:3: error: boom\nmake[1]: *** [a.o] Error 1\nmake: *** [all] Error 2", "a.c:3: error: boom"),
        ("make: *** No rule to make target 'x'.  Stop.", "make: *** No rule to make target 'x'.  Stop."),
        ("  3:7  error  'x' is assigned a value but never used\n\n✖ 1 problem (1 error, 0 warnings)\n",
         "✖ 1 problem (1 error, 0 warnings)"),
        ("FAILED t.py::a - assert 1 == 2\n==== 1 failed, 2 passed in 0.1s ====", "FAILED t.py::a - assert 1 == 2"),
        ("error[E0425]: cannot find value `y`\n --> src/main.rs:2:5\nerror: aborting due to 1 previous error\n"
         "For more information about this error, try `rustc --explain E0425`.\nerror: could not compile `a` (bin \"a\") due to 1 previous error",
         "error[E0425]: cannot find value `y`"),
        ("# a\n./main.go:4:2: undefined: y\nFAIL\ta [build failed]", "./main.go:4:2: undefined: y"),
        ("/w/a.cs(3,9): error CS1002: ; expected [/w/a.csproj]\n    0 Warning(s)\n    1 Error(s)", "/w/a.cs(3,9): error CS1002: ; expected"),
        ("FAILURE: Build failed with an exception.\n\n* What went wrong:\nTask 'x' not found in root project 'a'.\n\n* Try:\n> Run gradlew tasks"
         "\n\nBUILD FAILED in 1s", "Task 'x' not found in root project 'a'."),
        ("Error: Cannot find module './a'\n    at Module._load (node:internal)\n\nNode.js v18.19.0", "Error: Cannot find module './a'"),
        ("first\nlast words\n\n", "last words"),
    ],
)  # fmt: skip
def test_a_reason_quotes_the_line_that_says_what_is_wrong(output: str, line: str) -> None:
    assert telling_line(output) == line
