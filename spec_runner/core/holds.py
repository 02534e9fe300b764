"""Why a command should not run unattended: a table of reasons over the programs in it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping

from spec_runner.core.patterns import Lazy
from spec_runner.core.programs import Program, names, programs_of
from spec_runner.core.steps import Hold

_PLACEHOLDER = Lazy(
    r"/(?:absolute/)?path/to/|\bpath\\to\\|(?<![\w\]])\[[a-z]+(?:[-_ ][a-z]+)+\](?![\w*?])"
    r"|(?:(?<=[\s'\"=(])|^)\.\.\.(?=[\s'\")]|$)|(?<![\w/.])…|…(?!\w)"
    r"|https?://[^\s'\"]{0,200}(?:(?<!\$)\{[a-z][\w-]{0,40}\}|/(?:[A-Z]+_)+ID\b)|://user(?:name)?:pass(?:word)?@",
    needs="_id|...|://user|[|{|path/to/|path\\to\\|…",
)
_HOME = Lazy(r"/(?:home|Users|mnt/[a-z])/[^/]+/.", needs="/home/|/mnt/|/users/")
_FEEDS = Lazy(r"<(?![<(])\s*\S|<<", needs="<")
_ANGLED = Lazy(r"(?<![\w<])<(?![<(])[A-Za-z][^<>\n|;&]{0,60}>(?!\w)", needs="<")
_FILL_IN = Lazy(
    r"(?i:\byour[-_][a-z]|\byour(?:org|name|user|username|repo|company|domain|project|account|password"
    r"|token|key|host|email)\b)"
    r"|\bYOUR[A-Z_]{2,}|\b(?:REPLACE|CHANGE|INSERT)[-_]?(?:ME|WITH|THIS|HERE)\b|(?i:\bchangeme\b)|\bX{3,}\b|\bx{3,}\b",
    needs="change|insert|replace|xxx|your",
)
_CUT_OFF = Lazy(r"\.\.\.(?=['\"\s]|$)", needs="...")
_SHORTENED = Lazy(r"(?:\b(?:sk|pk|gh[pousr]|xox[bp])[-_]\w*|(?=[\w+/=-]*\d)[\w+/=-]{6,})$")
_READS_ANGLES = names("grep rg ag sed awk echo printf perl")
_REMOTE = Lazy(
    r"https?://(?!localhost\b|127\.|0\.0\.0\.0|\[::1?\]|\$|[\w-]+(?::\d+)?(?:/|$)|host\.docker\.internal)",
    re.IGNORECASE,
    needs="http",
)
_SAFE_WRITES = ("/tmp/", "/var/tmp/", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/")
_DROPS = Lazy(
    r"\b(?:drop\s+(?:table|database|schema|collection)|truncate\s+table)\b|\.(?:drop|dropDatabase)\(\)",
    re.IGNORECASE,
    needs="drop|truncate",
)
_WINDOWS_START = Lazy(
    r"\s*(?:&\s*)?[\"']?(?:\.{0,2}[\w.-]*\\[\w.]|[A-Za-z]:\\|\$env:|\$PSV|set [A-Z_]+=)", needs="\\|$env:|$psv|set "
)
_WINDOWS_FILE = Lazy(r"\.(?:exe|ps1|bat|cmd)$", re.IGNORECASE, needs=".exe|.ps1|.bat|.cmd")
_WINDOWS_PROGRAMS = names(
    "powershell cmd msbuild choco winget scoop regedit reg robocopy xcopy copy del dir move type cls setx"
    " tasklist taskkill "
    "net sc iex irm where.exe invoke-webrequest invoke-restmethod invoke-expression get-content set-content"
    " get-childitem "
    "remove-item new-item copy-item move-item set-location set-executionpolicy start-process write-host test-path "
    "get-command select-string out-file where-object foreach-object start-job stop-process get-process"
)
_MAC_PROGRAMS = names(
    "launchctl defaults xcodebuild xcrun xcode-select codesign osascript pbcopy pbpaste sw_vers ditto"
)
_LINUX_PROGRAMS = names("systemctl journalctl apt apt-get yum dnf pacman apk snap xdg-open ufw modprobe")
_ROOT_PROGRAMS = names(
    "sudo su doas runas pkexec systemctl service apt apt-get yum dnf pacman zypper snap apk dpkg modprobe"
    " insmod mount umount "
    "iptables ufw nmcli useradd usermod userdel groupadd visudo chroot reboot shutdown poweroff halt sysctl"
    " launchctl setcap"
)
_EDITORS = names("vi vim nvim nano emacs pico code cursor subl gedit notepad $editor ${editor} $visual")
_SCREENS = names(
    "less more most top htop btop k9s lazygit tig tmux screen man watch ssh-keygen inspector open xdg-open"
    " start explorer"
)
_REPLS = names(
    "python python3 py node deno bun irb iex lua php ghci scala ipython bpython claude copilot aider codex gemini"
)
_CLOUD = names(
    "gh aws gcloud gsutil az kubectl oc helm vercel netlify fly flyctl heroku railway render wrangler firebase"
    " eas doctl "
    "linode-cli hcloud pulumi serverless sls cdk sam amplify terraform tofu terragrunt ansible"
    " ansible-playbook ssh scp sftp "
    "twine goreleaser ngrok cloudflared gh-pages surge mail sendmail telnet ftp argocd flux eksctl kops skopeo"
)
_LOCAL_CLOUD = names("fmt validate version lint template synth init completion build package local dev help")
_PUBLISHES = {
    "git": {"push", "send-email"},
    "npm": {"publish", "login", "adduser", "deprecate", "unpublish"},
    "pnpm": {"publish", "login"},
    "yarn": {"publish", "login"},
    "bun": {"publish"},
    "lerna": {"publish"},
    "changeset": {"publish"},
    "cargo": {"publish", "login", "yank"},
    "gem": {"push", "yank", "signin"},
    "docker": {"push", "login"},
    "podman": {"push", "login"},
    "uv": {"publish"},
    "poetry": {"publish"},
    "hatch": {"publish"},
    "flit": {"publish"},
    "mvn": {"deploy"},
    "dart": {"publish"},
    "supabase": {"link", "login", "push", "deploy"},
    "prisma": {"deploy-remote"},
    "expo": {"publish"},
}
_SCRIPT_RUNNERS = names("npm pnpm yarn bun make just task rake nx turbo composer deno")
_OUTWARD_SCRIPT = Lazy(r"(?:^|:|-)(?:deploy|publish|release|push)(?:$|:|-)", needs="deploy|publish|push|release")
_DEFAULTS = (
    "-y",
    "--yes",
    "--defaults",
    "--default",
    "--template",
    "--no-interactive",
    "--no-interaction",
    "--non-interactive",
    "--ci",
)


def hold_of(command: str, *, system: str = "linux", variables: Mapping[str, str] | None = None) -> Hold | None:
    """The gravest reason for which ``command`` waits for a person; None if it may run unattended.

    ``variables`` are those that earlier lines of the same text have set.
    """
    programs = programs_of(command, variables)
    for reason, applies in _REASONS:
        if applies(programs, command):
            return reason
    if _wants_other_system(programs, command, system):
        return "os"
    if any(_is_elsewhere(program) for program in programs):
        return "placeholder"
    if has_placeholder(command) and not (
        programs and programs[0].name in _READS_ANGLES and not _is_unfinished(command)
    ):
        return "placeholder"
    fed = _FEEDS.search(command) is not None
    return "interactive" if any(_asks(program, fed) for program in programs) else None


def _is_elsewhere(program: Program) -> bool:
    """A change into the home of somebody: the author's own clone, which is not here."""
    return program.name in ("cd", "pushd") and any(_HOME.match(word) for word in program.operands)


def has_placeholder(text: str) -> bool:
    """Whether something in the text is to be filled in by a person."""
    return _ANGLED.search(_without_heredoc(text)) is not None or _is_unfinished(text)


def _is_unfinished(text: str) -> bool:
    if _FILL_IN.search(text):
        return True
    text = _without_heredoc(text)
    if _PLACEHOLDER.search(text):
        return True
    return any(_SHORTENED.search(text[max(found.start() - 80, 0) : found.start()]) for found in _CUT_OFF.finditer(text))


def _without_heredoc(text: str) -> str:
    """The text up to the body of a here-document: what it holds is content, not a command."""
    start = text.find("<<")
    end = text.find("\n", start) if start >= 0 else -1
    return text[:end] if end >= 0 else text


def _destroys(programs: tuple[Program, ...], command: str) -> bool:
    base = ""
    for program in programs:
        if program.name in ("cd", "pushd") and program.operands:
            base = posixpath.join(base, program.operands[0])
        if any(_is_foreign(path) for path in program.command.writes) or _destroys_alone(program, base):
            return True
    return False


def _destroys_alone(program: Program, base: str) -> bool:
    name, args = program.name, program.args
    if name in ("rm", "rmdir", "unlink", "remove-item"):
        swept = program.has("-r", "-R", "--recursive", "-Recurse")
        return any(_is_precious(posixpath.join(base, path), swept) for path in program.operands)
    if name == "git":
        return _git_discards(program)
    if name in (
        "dd",
        "shred",
        "wipefs",
        "dropdb",
        "dropuser",
        "killall",
        "pkill",
        "taskkill",
        "fdisk",
    ) or name.startswith("mkfs"):
        return name != "dd" or any(word.startswith("of=/dev/") for word in args)
    if name == "find" and "-delete" in args:
        return any(_is_precious(path, True) for path in program.operands[:1])
    if name in ("chmod", "chown"):
        return program.has("-R", "--recursive") and any(_is_foreign(path) for path in program.operands[1:])
    if name in ("docker", "docker-compose", "podman"):
        return "prune" in args or ("down" in args and program.has("-v", "--volumes")) or args[:2] == ("volume", "rm")
    return _drops_data(program)


def _git_discards(program: Program) -> bool:
    words = program.operands
    verb = words[0] if words else ""
    if verb == "checkout":
        return "--" in program.args or words[1:2] == (".",) or program.has("-f", "--force")
    if verb in ("restore", "clean", "filter-branch", "filter-repo"):
        return not program.has("-n", "--dry-run", "--staged")
    if verb == "stash":
        return words[1:2] not in (("list",), ("show",))
    if verb == "branch":
        return "-D" in program.args
    return verb == "reset" and "--hard" in program.args


def _drops_data(program: Program) -> bool:
    """Databases that are emptied or rolled back, by the subcommands that migration tools share."""
    words = program.operands
    if any(re.search(r"(?:^|:)(?:drop|reset|fresh|wipe|down|rollback|flush)$", word) for word in words if ":" in word):
        return True
    if program.name in (
        "prisma",
        "migrate",
        "knex",
        "goose",
        "alembic",
        "sequelize-cli",
        "dbmate",
        "supabase",
        "diesel",
    ):
        return (
            bool({"reset", "down", "downgrade", "drop", "rollback", "down-to"} & set(words))
            or "--force-reset" in program.args
        )
    if "manage.py" in words:
        return "flush" in words
    if words[-1:] in (("down",), ("reset",)) or words[-2:-1] == ("down",):
        return any(re.search(r"(?:^|[/:])migrat\w*$|^db$", word) for word in words[:-1])
    return any(_DROPS.search(word) for word in program.args)


def _is_precious(path: str, swept: bool) -> bool:
    """Whether removing this reaches beyond what a work tree can spare."""
    bare = path.strip("'\"").removesuffix("/*") or "/"
    if bare in (".", "*", ".git", "./", "./*", ".*") or bare.startswith(".git/"):
        return swept
    if swept and re.match(r"\$(?!\{?(?:TMP|TEMP|tmp|temp))", bare) and not bare.startswith("$("):
        return True
    return _is_foreign(bare)


def _is_foreign(path: str) -> bool:
    """Whether a path leads out of the work tree, temporary folders aside."""
    path = path.strip("'\"")
    if path.startswith(("~", "$HOME", "${HOME}")) or re.match(r"[A-Za-z]:[\\/]", path):
        return True
    if path.startswith("/"):
        return path != "/tmp" and not posixpath.normpath(path).startswith(
            tuple(safe.rstrip("/") for safe in _SAFE_WRITES)
        )
    return posixpath.normpath(path.replace("\\", "/")).startswith("..")


def _reaches_out(programs: tuple[Program, ...], command: str) -> bool:
    return any(_reaches_out_alone(program) for program in programs)


def _reaches_out_alone(program: Program) -> bool:
    name, words = program.name, program.operands
    verb = words[0] if words else ""
    if name in _CLOUD:
        return (
            bool(words or program.args)
            and verb not in _LOCAL_CLOUD
            and not program.has("--version", "--help", "--local")
        )
    if name in _PUBLISHES and (verb in _PUBLISHES[name] or (name == "supabase" and set(words[:2]) & _PUBLISHES[name])):
        return not program.has("--dry-run")
    if name in ("docker", "podman") and program.has("--push"):
        return True
    if name == "dotnet" and words[:2] == ("nuget", "push"):
        return True
    if name == "rsync":
        return any(re.match(r"[\w.@-]+:", word) for word in words)
    if name in _SCRIPT_RUNNERS:
        script = words[1] if verb in ("run", "run-script") and len(words) > 1 else verb
        return _OUTWARD_SCRIPT.search(script) is not None and not program.has("--dry-run", "-n")
    if name in ("curl", "wget", "http", "https", "xh"):
        return _sends(program) and any(_REMOTE.match(word) for word in words)
    return False


def _sends(program: Program) -> bool:
    """Whether a request changes something on the other side."""
    if program.has("-d", "--data", "--data-raw", "--data-binary", "--json", "--form", "-T", "--upload-file"):
        return True
    return any(
        method in program.args
        for method in ("POST", "PUT", "PATCH", "DELETE", "-XPOST", "-XPUT", "-XPATCH", "-XDELETE")
    )


def _is_production(programs: tuple[Program, ...], command: str) -> bool:
    for program in programs:
        pairs = zip(program.args, (*program.args[1:], ""), strict=False)
        for option, value in pairs:
            name, _, given = option.partition("=")
            if name in ("--env", "--environment", "--stage", "--target-env", "--context") and (
                given or value
            ).lower().startswith("prod"):
                return True
        if (
            program.args
            and program.args[-1] in ("--prod",)
            and program.name not in ("npm", "pnpm", "yarn", "ng", "ionic")
        ):
            return True
    return False


def _needs_root(programs: tuple[Program, ...], command: str) -> bool:
    for program in programs:
        if program.name in _ROOT_PROGRAMS and not program.has("--version", "--help", "-v"):
            if program.name == "apt" and program.operands[:1] in (("list",), ("show",), ("search",)):
                continue
            if program.name in ("systemctl", "service") and "status" in program.operands:
                continue
            return True
    return False


def _wants_other_system(programs: tuple[Program, ...], command: str, system: str) -> bool:
    names = {program.name for program in programs}
    if system == "windows":
        return bool(names & (_MAC_PROGRAMS | _LINUX_PROGRAMS))
    if (system == "linux" and names & _MAC_PROGRAMS) or (system == "macos" and names & _LINUX_PROGRAMS):
        return True
    if names & _WINDOWS_PROGRAMS or any(
        "-" in name and re.match(r"(?:get|set|new|remove|invoke|start|stop|test|write)-[a-z]+$", name) for name in names
    ):
        return True
    words = [program.command.words[0] for program in programs if program.command.words]
    if any(program.name == "cd" and re.match(r"[A-Za-z]:", "".join(program.operands[:1])) for program in programs):
        return True
    return any(_WINDOWS_FILE.search(word) for word in words) or is_windows_path(command)


def is_windows_path(command: str) -> bool:
    """Whether the first word is a path with backslashes, or a drive, or an environment variable of PowerShell."""
    return _WINDOWS_START.match(command) is not None


def _asks(program: Program, fed: bool) -> bool:
    """Whether a program waits for somebody at a keyboard or a screen, unless it is ``fed`` from a file or a text."""
    name, words = program.name, program.operands
    if program.has("--version", "--help", "-V"):
        return False
    if name in _EDITORS:
        return not (name in ("code", "cursor") and program.has("--install-extension", "--list-extensions"))
    if name in _SCREENS:
        return name not in ("ssh-keygen",) or not program.has("-N")
    if name in _REPLS and not program.args:
        return not program.command.operator.startswith("|") and not fed
    if name in ("docker", "docker-compose", "podman"):
        return bool(words) and words[0] in ("exec", "run", "attach", "compose") and _has_terminal(program)
    if (name in ("playwright", "vitest", "cypress") or name in _SCRIPT_RUNNERS) and _shows(program):
        return True
    return _asks_for_input(program) or _opens_database(program, fed) or _opens_shell(program)


def _shows(program: Program) -> bool:
    """Whether a test runner or a script opens a window or an emulator."""
    if program.has("--ui", "--headed", "--debug"):
        return True
    return any(re.search(r":(?:ui|headed|android|ios)$|^(?:android|ios)$", word) for word in program.operands)


def _has_terminal(program: Program) -> bool:
    return any(word in ("-it", "-ti", "-t", "--tty", "-itd") and word != "-itd" for word in program.args[:4])


def _asks_for_input(program: Program) -> bool:
    name, words = program.name, program.operands
    verb = words[0] if words else ""
    if name in ("npm", "pnpm", "yarn", "bun") and verb in ("init", "create"):
        return not program.has(*_DEFAULTS) and (verb == "create" or len(words) > 1 or name in ("npm", "yarn", "bun"))
    if re.match(r"(?:create|degit)-[\w-]+", name.rpartition("/")[2].partition("@")[0]):
        return not program.has(*_DEFAULTS) and not any(word.startswith("--no-") for word in program.args)
    if name == "git":
        return _git_asks(program)
    if "login" in words[:2] or name in ("mysql_secure_installation", "passwd", "read", "adduser"):
        return True
    return "createsuperuser" in words and not program.has("--noinput", "--no-input")


def _git_asks(program: Program) -> bool:
    verb = program.operands[0] if program.operands else ""
    if verb == "commit":
        return not program.has("-m", "--message", "-F", "--file", "--no-edit", "-C")
    return verb in ("add", "rebase", "checkout", "stash") and program.has("-p", "--patch", "-i", "--interactive")


def _opens_database(program: Program, fed: bool) -> bool:
    name = program.name.partition("@")[0]
    if fed or program.command.operator.startswith("|"):
        return False
    if name == "psql":
        return not program.has("-c", "-f", "-l", "--command", "--file", "--list")
    if name in ("mysql", "mariadb"):
        return not program.has("-e", "--execute")
    if name in ("mongosh", "mongo"):
        return not program.has("--eval", "--file", "-f") and not any(word.endswith(".js") for word in program.args)
    if name in ("sqlite3", "duckdb"):
        return len(program.operands) < 2
    return name in ("redis-cli", "valkey-cli") and not _past_address(program)


def _past_address(program: Program) -> tuple[str, ...]:
    """The words of a redis command, without the address of its server."""
    words, skip = [], False
    for word in program.args:
        if not skip and not word.startswith("-"):
            words.append(word)
        skip = word in ("-h", "-p", "-a", "-n", "-u", "-s")
    return tuple(words)


def _opens_shell(program: Program) -> bool:
    name, words = program.name, program.operands
    last = words[-1] if words else ""
    if "manage.py" in words or name == "flask":
        return last in ("shell", "dbshell", "shell_plus") and not program.has("-c", "--command")
    if name in ("rails", "artisan", "php", "heroku", "bin/rails"):
        return last in ("console", "c", "tinker", "dbconsole")
    if name in ("bash", "sh", "zsh", "fish", "pwsh", "powershell"):
        return (
            not program.args
            and not program.command.operator.startswith("|")
            and program.command.words[0] != program.name + "<"
        )
    return False


_REASONS: tuple[tuple[Hold, Callable[[tuple[Program, ...], str], bool]], ...] = (
    ("destructive", _destroys),
    ("production", _is_production),
    ("outward", _reaches_out),
    ("privileged", _needs_root),
)


def opens_prompt(command: str) -> bool:
    """Whether a command opens a prompt, so that the lines after it are typed into that."""
    if _FEEDS.search(command):
        return False
    return any(
        (program.name in _REPLS and not program.args)
        or (program.name in ("docker", "docker-compose", "podman") and _has_terminal(program))
        or _opens_database(program, False)
        or _opens_shell(program)
        for program in programs_of(command)
    )


def gravest(holds: Iterable[Hold | None]) -> Hold | None:
    """The first of several reasons in the order in which they weigh."""
    order: tuple[Hold, ...] = ("destructive", "production", "outward", "privileged", "os", "placeholder", "interactive")
    found = set(holds)
    return next((reason for reason in order if reason in found), None)
