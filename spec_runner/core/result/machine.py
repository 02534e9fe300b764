"""What programs print when something is missing here → whose fault that is: the machine's, or the task's.

A program, a package, a host, a running service, a value, a display that this machine does not offer says nothing of the
task. What the repository itself should bring (its own modules, scripts, manifests) is the task's fault: no row for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from spec_runner.core.plan.events import Cause, CauseKind
from spec_runner.core.shell.programs import names

_SHOWN = 12_000
"""Characters at the end of an output in which a cause is looked for."""


class Saying(NamedTuple):
    """What is printed, and the cause that it is; the group ``what`` names the thing, else ``what`` does."""

    kind: CauseKind
    pattern: re.Pattern[str]
    what: str = ""


class Found(NamedTuple):
    """A cause, and the line that names it."""

    cause: Cause
    line: str


def _say(kind: CauseKind, pattern: str, what: str = "", flags: int = 0) -> Saying:
    return Saying(kind, re.compile(pattern, flags), what)


_I = re.IGNORECASE
_SPACE = (
    _say("space", r"No space left on device|\bENOSPC\b|Disk quota exceeded", "disk"),
    _say(
        "space",
        r"^\W*(?:\w+\.)*MemoryError\b|heap out of memory|Cannot allocate memory|\bENOMEM\b|std::bad_alloc"
        r"|java\.lang\.OutOfMemoryError|^fatal error: runtime: out of memory",
        "memory",
    ),
    _say("space", r"\bfork: (?:retry: )?Resource temporarily unavailable|Cannot fork|can't start new thread"
         r"|BlockingIOError: \[Errno 11\]|\bspawn \S+ EAGAIN|pthread_create failed|unable to create native thread",
         "processes"),
)  # fmt: skip
_VERSION = (
    _say("version", r"No interpreter found for (?P<what>Python [^\s]+(?: ?[<>=~!]=? ?[\d.]+)?)"),
    _say("version", r"python-build-standalone/\S*?c?python-(?P<what>\d[\d.]*\d)|python-build-standalone", "python {}"),
    _say("version", r"requires a different Python: .* not in '(?P<what>[^']+)'", "python {}"),
    _say("version", r"current Python version \([\d.]+\) does not satisfy Python(?P<what>[<>=!~][^\s,]*)", "python {}"),
    _say("version", r"(?:supported|required) by the project: Python (?P<what>[<>=]\S+)", "python {}"),
    _say("version", r"No module named '?(?:tomllib|distutils|imp|asyncore|zoneinfo|graphlib)'?$", "python"),
    _say("version", r"cannot import name '\w+' from '(?:typing|datetime|enum|collections|asyncio"
         r"|itertools)'", "python"),
    _say("version",
         r"engine \"node\" is incompatible with this module\. Expected version \"(?P<what>[^\"]+)\"", "node {}"),
    _say("version", r"Your Node version is incompatible with \"?(?P<what>[^\"\s]+)", "node"),
    _say("version", r"Unsupported platform for \S+: wanted \{\"os\":\"(?P<what>\w+)", "the system {}"),
    _say("version", r"ERR_PNPM_UNSUPPORTED_ENGINE|npm (?:ERR!|error) code EBADENGINE", "node"),
    _say("version", r"^(?:Wanted|Expected version): (?P<what>[<>=^~]*\d[^\s(]*)", "node {}"),
    _say("version", r"\bYou are using Node\.js [\d.]+\. .*?version (?P<what>\d[\d.+]*(?: or \d[\d.+]*)?)", "node {}"),
    _say("version", r"Node(?:\.js)? (?:version )?(?P<what>[<>=^v\"]*\d[\w.+^ |]*?)\"?,? (?:or (?:higher|later|newer) )?"
         r"(?:is|are) required", "node {}"),
    _say("version", r"requires (?:a )?Node(?:\.js)?(?: version)?[ :]*(?P<what>[<>=^v]*\d[\d.+x]*)", "node {}", _I),
    _say("version", r"ERR_UNKNOWN_BUILTIN_MODULE|No such built-in module: node:", "node"),
    _say("version", r"requested module 'node:\w+' does not provide an export", "node"),
    _say("version", r"\"packageManager\": \"(?P<what>(?:yarn|pnpm|npm)@\d+)|ERR_PNPM_BAD_PM_VERSION", "pnpm"),
    _say("version", r"go\.mod (?:file )?requires go (?P<what>>= ?[\d.]+)", "go {}"),
    _say("version", r"requires go (?P<what>>= ?[\d.]+) \(running", "go {}"),
    _say("version", r"note: module requires Go (?P<what>[\d.]+)", "go >= {}"),
    _say("version", r"invalid go version '(?P<what>[\d.]+)'", "go {}"),
    _say("version", r"download go(?P<what>[\d.]+) for .*toolchain not available", "go {}"),
    _say("version", r"package \S+ is not in (?:GOROOT|std) .*/(?:log/slog|slices|maps|cmp|iter|unique)\b", "go"),
    _say("version", r"requires rustc (?P<what>[\d.]+)", "rustc {}"),
    _say("version", r"rustc [\d.]+ is not supported by the following package", "rustc"),
    _say("version", r"feature `edition2024` is required|lock file version .* understand"
         r"|`-Znext-lockfile-bump`", "cargo"),
    _say("version", r"toolchain '(?P<what>[^']+)' is not installed", "rust {}"),
    _say("version", r"NETSDK1045|does not support targeting (?P<what>\.NET [\d.]+)", ".NET"),
    _say("version", r"Requested SDK version: (?P<what>[\d.]+)", ".NET SDK {}"),
    _say("version", r"A compatible \.NET SDK was not found|You must install or update \.NET", ".NET SDK"),
    _say("version", r"Your Ruby version is [\d.]+, but your Gemfile specified (?P<what>[^\s]+)", "ruby {}"),
    _say("version", r"requires php (?P<what>\S+) but your php version|Your php version .* does not satisfy", "php {}"),
    _say("version", r"error: release version (?P<what>\d+) not supported|invalid (?:target"
         r"|source) release: \d+", "java {}"),
    _say("version", r"UnsupportedClassVersionError|Unsupported class file major version", "java"),
    _say("version", r"SDK version (?P<what>[<>=^]+\S+) (?:is )?required|requires (?:Dart )?SDK version", "dart {}"),
)  # fmt: skip
_HOST = r"(?P<what>(?!localhost|127\.|0\.0\.0\.0)[\w-]+(?:\.[\w-]+)+)"
_NETWORK = (
    _say("network", rf"Could not resolve host(?: name)?:? '?{_HOST}"),
    _say("network", rf"(?:getaddrinfo )?(?:ENOTFOUND|EAI_AGAIN)\b[^\w]+(?:getaddrinfo \w+ )?{_HOST}"),
    _say("network", rf"lookup {_HOST}(?: on \S+)?: .*(?:no such host|server misbehaving|i/o timeout|refused)"),
    _say("network", rf"HTTPS?ConnectionPool\(host='{_HOST}'"),
    _say("network", rf"UnknownHostException: {_HOST}|Unknown host {_HOST.replace('what', 'host')}"),
    _say("network", rf"Failed to (?:fetch|download)[: ]+`?https?://{_HOST}"),
    _say("network", rf"NU1301: Unable to load the service index for source https?://{_HOST}"),
    _say("network", rf"unable to access 'https?://{_HOST}[^']*': (?!The requested URL)"),
    _say("network", rf"failed to (?:download|fetch|query)[^\n]*https?://{_HOST}", flags=_I),
    _say("network", rf"https?://{_HOST}\S*.*\b(?:ETIMEDOUT|ECONNRESET|ENETUNREACH|EAI_AGAIN|ENOTFOUND|ECONNREFUSED)\b"),
    _say("network", r"npm (?:ERR!|error) code (?:ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ECONNREFUSED|ENETUNREACH"
         r"|ERR_SOCKET_TIMEOUT|E50\d|ENOTCACHED)"),
    _say("network", r"\bENOTFOUND\b|\bEAI_AGAIN\b|Temporary failure in name resolution|Name or service not known"
         r"|nodename nor servname|Network is unreachable|\bENETUNREACH\b|No route to host|no such host"
         r"|trouble with your network connection|dns error: failed to lookup|TLS handshake timeout"
         r"|spurious network error"
         r"|Temporary failure resolving"),
    _say("network", r"(?:tunnel|proxy).{0,60}\b403\b|\b403\b.{0,60}(?:tunnel|proxy)|Proxy CONNECT aborted", flags=_I),
    _say("network", r"^curl: \((?:5|6|35|56|60)\)"),
)  # fmt: skip
_TOOL = (
    _say("tool", r"Cannot connect to the Docker daemon|docker daemon (?:is not )?running|docker\.sock"
         r"|dial unix .*docker"
         r"|error during connect:.*docker", "docker", _I),
    # Without the plugin docker takes the options of compose for its own.
    _say("tool", r"^See 'docker --help'", "docker compose"),
    _say("tool", r"docker: unknown command: docker (?P<what>\w+)", "docker {}"),
    _say("tool", r"docker: '?(?P<what>compose|buildx)'? is not a docker command"
         r"|unknown shorthand flag: 'f' in -f", "docker {}"),
    _say("tool", r"Executable doesn't exist at .*(?:chrom|firefox|webkit|playwright)"
         r"|npx playwright install", "playwright's browsers"),
    _say("tool", r"Host system is missing dependencies to run browsers", "playwright's browsers"),
    _say("tool", r"Could not find (?:Chrome|Chromium|Firefox)|cannot find Chrome binary|CHROME_BIN"
         r"|Unable to find a browser",
         "a browser", _I),
    _say("tool", r"JAVA_HOME is not (?:set|defined)|Unable to locate a Java Runtime"
         r"|no 'java' command could be found", "java"),
    _say("tool", r"No \.NET SDKs were found|SDK installation could not be found", ".NET SDK"),
    _say("tool", r"(?:ANDROID_HOME|Android SDK|SDK location) (?:is )?not (?:set|found)"
         r"|No Android SDK found", "the Android SDK"),
    _say("tool", r"linker `(?P<what>[\w+-]+)` not found"),
    _say("tool", r"exec: \"(?P<what>[\w.+-]+)\": executable file not found in \$?%?PATH"),
    _say("tool", r"cgo: C compiler \"(?P<what>[\w.+-]+)\" not found"),
    _say("tool", r"pkg-config.{0,40}(?:command )?(?:could not be|was not) (?:found|run)"
         r"|Could not find directory of (?P<what>OpenSSL)",
         "pkg-config"),
    _say("tool", r"no such command: `(?P<what>[\w-]+)`", "cargo-{}"),
    _say("tool", r"\bspawn (?P<what>[\w.+-]+) ENOENT"),
    _say("tool", r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<what>[a-z][\w+-]*)'$"),
    _say("tool", r"Failed to spawn: `(?P<what>[\w.+-]+)`"),
    _say("tool", r"^(?:make|gmake|mingw32-make)(?:\[\d+\])?: (?P<what>[\w+-]+): No such file or directory"),
    _say("tool", r"(?:^|: )(?P<what>[^\s:/.][^\s:/]*): command not found$"),
    _say("tool", r"\b(?:sh|bash|dash|zsh): (?:line )?\d+: (?P<what>[^\s:/.][^\s:/]*): not found$"),
    _say("tool", r"env: ['‘]?(?P<what>[^\s'’:/]+)['’]?: No such file or directory"),
    _say("tool", r"^(?:error|zsh|zsh:\d+): command not found: (?P<what>[^\s:/.][^\s:/]*)$"),
    _say("tool", r"'(?P<what>[\w.+-]+)' is not recognized as (?:an internal or external command|an? name of a cmdlet"
         r"|the name of a cmdlet)"),
    _say("tool", r"error Command \"(?P<what>[\w.+-]+)\" not found|Command \"(?P<other>[\w.+-]+)\" not found"),
    _say("tool", r"npx canceled due to missing packages|could not determine executable to run", "npx"),
    _say("tool", r"ext-(?P<what>\w+) (?:\*|\S+) -> it is missing from your system", "php's {}"),
    _say("tool", r"required file not found$|bad interpreter", "an interpreter"),
)  # fmt: skip
_MODULE = (
    _say("module", r"No module named '?(?P<what>[\w.]+)'?"),
    _say("module", r"Couldn't import (?P<what>Django)\."),
    _say("module", r"Cannot find type definition file for '(?P<what>[^']+)'"),
    _say("module", r"Cannot find (?:module|package) '(?P<what>[^'\"]+)'"),
    _say("module", r"Failed to resolve import \"(?P<what>[^\"]+)\"|(?:Can't|Could not) resolve '(?P<other>[^']+)'"),
    _say("module", r"ESLint couldn't find (?:the|an) (?:config|plugin) \"(?P<what>[^\"]+)\""),
    _say("module", r"cannot load such file -- (?P<what>[\w/-]+)"),
    _say("module", r"Could not find (?P<what>[\w-]+)-[\d.]+ in (?:any of the sources|locally installed gems)"),
    _say("module", r"there is no package called [‘'](?P<what>[\w.]+)"),
    _say("not prepared", r"node_modules missing, did you mean to install|vendor/autoload\.php.*(?:No such|Failed)"
         r"|run `?(?:npm|pnpm|yarn|composer|bundle) install`? first", "dependencies"),
    _say("not prepared", r"Failed to resolve entry for package \"(?P<what>[^\"]+)\"", "{} (not built)"),
    _say("not prepared", r"unable to open database (?:file\b|\"(?P<what>[^\"]+)\")", "the database"),
    _say("not prepared", r"(?P<what>[\w./-]*env[\w.-]*)/bin/activate: No such file or directory"),
    _say("not prepared", r"state file was not found|Usage Error: .*(?:lockfile|node_modules state)", "dependencies"),
)  # fmt: skip
_DISPLAY = (
    _say("display", r"no display name and no \$DISPLAY|cannot open display|Missing X server or \$DISPLAY"
         r"|Unable to open X display"
         r"|could not connect to display|Could not load the Qt platform plugin|Failed to connect to the bus.*X11"),
)  # fmt: skip
_PORTS = {
    "5432": "postgres", "5433": "postgres", "6379": "redis", "27017": "mongodb", "3306": "mysql", "5672": "rabbitmq",
    "9092": "kafka", "9200": "elasticsearch", "1433": "sqlserver", "11211": "memcached", "2375": "docker",
    "6333": "qdrant", "7687": "neo4j", "11434": "ollama", "4222": "nats", "9000": "minio",
}  # fmt: skip
"""Services that programs expect at the ports that they usually have."""
_LOCAL = r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)"
_SERVICE = (
    _say("service", rf"(?:ECONNREFUSED|connect to|connecting to|dial tcp"
         rf"|ConnectionRefused\S*)\W.*?{_LOCAL}(?:\"? \([^)]*\))?"
         r"(?:,? port|:)? ?(?P<port>\d{2,5})", flags=_I),
    _say("service", rf"{_LOCAL}[:', ]+(?:port=)?(?P<port>\d{{2,5}})\b.*(?:refused|ECONNREFUSED)", flags=_I),
    _say("service", r"connection to server (?:at|on socket) .*failed: (?!FATAL|ERROR)", "postgres"),
    _say("service", r"FATAL: +(?:role|database) \"?[\w-]+\"? does not exist", "postgres"),
    _say("service", r"No such file or directory.{0,40}\.s\.PGSQL", "postgres"),
    _say("service", r"(?:ServerSelectionTimeoutError|MongoServerSelectionError|MongoNetworkError)", "mongodb"),
    _say("service", r"Can't connect to (?:local )?(?:MySQL|MariaDB) server", "mysql"),
    _say("service", r"Could not connect to Redis at|redis\.exceptions\.ConnectionError"
         r"|RedisConnectionException", "redis"),
    _say("service", r"P1001: Can't reach database server|Can't reach database server", "the database"),
    _say("service", r"The connection to the server \S+ was refused"
         r"|Unable to connect to the server: dial", "kubernetes"),
    _say("service", r"could not translate host name \"(?P<what>[\w.-]+)\""),
)  # fmt: skip
_NAME = r"(?P<what>[A-Z][A-Z0-9]*_[A-Z0-9_]+)"
_UNSET = (
    r"(?:missing|not (?:set|found|defined|configured|provided)|required|must be set|undefined|unset|is empty|no value)"
)
_VALUE = (
    _say("value", r"Permission denied \(publickey|could not read (?:Username|Password) for|Authentication failed for"
         r"|Host key verification failed|gh auth login|Unable to locate credentials|gcloud auth login"
         r"|npm (?:ERR!|error) code E(?:401|403|NEEDAUTH)"
         r"|not logged in|az login|docker login", "credentials"),
    _say("value", r"Please tell me who you are|unable to auto-detect email address|empty ident name", "user.email"),
    _say("value", r"password authentication failed|no password supplied", "the database's password"),
    _say("value", rf"KeyError: '{_NAME}'$"),
    _say("value", rf"{_NAME}\b.{{0,60}}\b{_UNSET}", flags=0),
    _say("value", rf"\b[Mm]issing\b.{{0,60}}\b{_NAME}\b"),
    _say("value", rf"\b(?:[Ss]et|[Pp]rovide|[Dd]efine|[Ss]etting) (?:the |your "
         rf"|a )*[`'\"$]*{_NAME}\b.{{0,40}}(?:environment|env|variable)"),
    _say("value", rf"[Ee]nvironment variables?\W.{{0,40}}\b{_NAME}\b.{{0,40}}{_UNSET}"
         rf"|not found: {_NAME.replace('what', 'other')}\b"),
    _say("value", r"\d+ validation errors? for \w*Settings\b", "settings"),
)  # fmt: skip
_SANDBOX = (
    _say("sandbox", r"Failed to connect to (?:the )?(?:\w+ )?(?:scope )?bus\b|System has not been booted with systemd",
         "systemd"),
    _say("sandbox", r"No usable sandbox!|without --no-sandbox is not supported|setuid sandbox"
         r"|unshare\b.*Operation not permitted"
         r"|ptrace: Operation not permitted|inotify.*(?:limit|ENOSPC)|EMFILE|[Tt]oo many open files"),
)  # fmt: skip
_ASKS = (
    _say("held", r"^EOFError: EOF when reading a line$|the input device is not a TTY|ERR_USE_AFTER_CLOSE.*readline"
         r"|^Error: (?:Prompts can not be meaningfully rendered in non-TTY|Raw mode is not supported)", "interactive"),
)  # fmt: skip
"""A program that asks a person, who is not there."""
_TABLE = (*_SPACE, *_ASKS, *_DISPLAY, *_VERSION, *_NETWORK, *_TOOL, *_VALUE, *_SERVICE, *_MODULE, *_SANDBOX)
_FAILED_TEST = re.compile(
    r"^(?:FAILED |ERROR \S+(?:::| - )|[ \t]*--- FAIL: (?![^\n]*\n[ \t]*--- FAIL)|---- .* stdout ----"
    r"|[ \t]*● .* › |not ok )",
    re.MULTILINE,
)
_ASSERTED = re.compile(
    r"^E? *(?:assert |AssertionError\b)|- (?:assert |AssertionError)|\bAssertionError\b(?! \[ERR)|expect\(received\)"
    r"|^\s+Expected\b.*\n\s+Received\b|assertion (?:`left|failed)|Error Trace:",
    re.MULTILINE,
)
_REPOSITORY_SAYS = re.compile(
    r"Missing script:|No rule to make target|no makefile found|could not find `?Cargo\.toml|MSB1003"
    r"|NO_IMPORTER_MANIFEST"
    r"|Could not open requirements file|No `?pyproject\.toml`? found|No such remote|pathspec .* did not match"
    r"|no configuration file provided|there is no POM|npm (?:ERR!|error) code (?:ENOENT|EUSAGE|ERESOLVE"
    r"|EJSONPARSE|E404)"
    r"|ERR_PNPM_(?:NO_SCRIPT|OUTDATED_LOCKFILE)|go\.mod file not found|no required module provides"
    r"|\berror: no test target named|Error loading ASGI app|Couldn't find a script named|Couldn't find any task"
)
"""What the repository itself should bring, and does not."""
_CODE = names("py js mjs cjs ts tsx jsx rb php go rs java kt cs dart ex exs")
_SCRIPTS = re.compile(r"\.(?:sh|py|js|mjs|cjs|ts|rb|pl|ps1)$")
_TS_LINE = re.compile(r"error TS\d+: .*$", re.MULTILINE)
_TS_MISSING = re.compile(r"error TS(?:2307|7016|2688|2875|7026|2580|2582|2591|2593)\b")


def find_cause(output: str, command: str, brings: Callable[[str], bool], *, has_services: bool = False) -> Found | None:
    """What is missing here, if the output says so; None where it is the task's own fault, or nothing says so.

    ``brings`` says whether the repository has a module, folder or file of this name. ``has_services``: services of this
    run were started, so that an address that refuses is theirs.
    """
    text = output[-_SHOWN:]
    lines = text.splitlines()
    if _REPOSITORY_SAYS.search(text[-4000:]) and not _says_network(lines):
        return None
    if _TS_LINE.search(text) and not all(_TS_MISSING.search(each) for each in _TS_LINE.findall(text)):
        return None
    causes = _causes(lines, command, brings, has_services)
    return next((found for saying, found in causes if _explains_all(saying, found.cause, text, lines)), None)


def _says_network(lines: list[str]) -> bool:
    return any(saying.pattern.search(line) for saying in _NETWORK for line in lines)


def _causes(
    lines: list[str], command: str, brings: Callable[[str], bool], has_services: bool
) -> Iterator[tuple[Saying, Found]]:
    for saying in _TABLE:
        for line in reversed(lines):
            found = saying.pattern.search(line)
            cause = _cause(saying, found, command, brings, has_services) if found else None
            if cause is not None:
                yield saying, Found(cause, line)
                break


def _cause(
    saying: Saying, found: re.Match[str], command: str, brings: Callable[[str], bool], has_services: bool
) -> Cause | None:
    """The cause that a line names; None where what it names is for the repository to bring."""
    named = found.groupdict()
    what = next((value for key, value in named.items() if value and key != "port"), "").strip(" '\"`,;").rstrip(".")
    if saying.kind == "module":
        return _module(what, command, brings)
    if named.get("port"):
        return _listener(named["port"], has_services)
    if saying.kind == "tool" and (_SCRIPTS.search(what) or brings(program_called(what))):
        return None
    if saying.kind == "value" and what and not _is_setting(what, found.string):
        return None
    worded = saying.what.format(what) if what or "{}" not in saying.what else saying.what.replace("{}", "").strip()
    return Cause(saying.kind, (worded if saying.what and ("{}" in saying.what or not what) else what) or "")


def _listener(port: str, has_services: bool) -> Cause | None:
    """Who should listen at a port of this machine; None where the run has started services of its own."""
    known = _PORTS.get(port)
    return None if has_services and known is None else Cause("service", known or f"localhost:{port}")


def _module(what: str, command: str, brings: Callable[[str], bool]) -> Cause | None:
    """The package that a module is of; None where the repository's own module is not there."""
    _, within, installed = what.rpartition("node_modules/")
    what = installed if within else what
    if not what or what.startswith((".", "/", "@/", "~", "#", "src/")):
        return None
    if _SCRIPTS.search(what) and what in command:
        return None
    package = "/".join(what.split("/")[: 2 if what.startswith("@") else 1])
    top = package if "@" in package or "/" in what else package.split(".")[0]
    if brings(top) or _is_asked_of_repository(top, command):
        return None
    return Cause("module", top)


def _is_asked_of_repository(module: str, command: str) -> bool:
    """The command names a module as one of the project's own: ``python -m app.main``, ``uvicorn app:app``."""
    name = re.escape(module)
    return re.search(rf"-m {name}\.\w|(?<![\w./@-]){name}(?:\.\w+)*:\w|(?:--app|-A)[ =]{name}\b", command) is not None


def _is_setting(name: str, line: str) -> bool:
    """A name in capitals is the name of a value that people give, not of a constant in some code."""
    if re.search(r"NameError|ReferenceError|AttributeError|ImportError|error\[E|error TS|undeclared|undefined:", line):
        return False
    return "env" in line.lower() or name.endswith(
        ("KEY", "URL", "URI", "TOKEN", "SECRET", "PASSWORD", "HOST", "PORT", "_ID", "DSN", "USER", "STRING")
    )


def _explains_all(saying: Saying, cause: Cause, text: str, lines: list[str]) -> bool:
    """Whether each test that a runner reports as failed has this cause; what was compared has failed by itself."""
    if cause.kind in ("space", "version"):
        return True
    failed = len(_FAILED_TEST.findall(text))
    if _ASSERTED.search(text):
        return False
    return not failed or sum(saying.pattern.search(line) is not None for line in lines) >= failed


def program_called(name: str) -> str:
    """A program among the names that a repository brings: a folder or a module of that name is none."""
    return f"program {name}"


def names_brought(files: Iterable[str]) -> frozenset[str]:
    """What the repository's own code can be called by others: its modules, the folders that hold code, programs."""
    found: set[str] = set()
    for file in files:
        *folders, name = file.split("/")
        stem, _, kind = name.rpartition(".")
        if kind in _CODE and stem:
            found.update((stem, program_called(stem)))
            found.update(program_called(each) for above, each in pairwise(folders) if above == "cmd")
            found.update(folders[-1:] if kind not in ("py", "rb") else folders)
    return frozenset(found)
