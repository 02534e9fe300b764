"""What the levels promise, attacked: by root and by an ordinary user, with every attack shown to be one where nothing
stands in its way."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from spec_runner.system.process.heard import LatestLine
from spec_runner.system.sandbox import landlock
from spec_runner.system.sandbox.inside import Inside
from spec_runner.system.sandbox.proxy import Proxy, address_of
from spec_runner.system.sandbox.sandbox import Layout, Sandbox
from spec_runner.system.worktree import copies
from spec_runner.system.worktree.changes import changes
from spec_runner.system.worktree.kept import Keeping, load
from tests.conftest import OFFERED, ROOT, Project, no_strays
from tests.system.attacker import ATTACKS, ONLY_IN_A_NAMESPACE

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these levels are Linux'")
LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]
ISOLATING = [level for level in LEVELS if level != "plain"]
needs_bubblewrap = pytest.mark.skipif("bubblewrap" not in OFFERED, reason="no bubblewrap here")
needs_root = pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may do this")

USER = 54321
"""An ordinary user, who needs no account."""
SCOPED = {"reach an abstract socket": ["reached"]} if landlock.abi() < 6 else {}
UNSCOPED = {**SCOPED, "signal a process": ["ended"]} if landlock.abi() < 6 else {}
NOT_PROMISED = {
    "bubblewrap": {"reach a local service": ["reached"], **SCOPED},
    "landlock": {
        "reach a local service": ["reached"], "reach a socket": ["reached"], "change a mode": ["written"], **UNSCOPED,
        "reach a socket in HOME": ["reached"], "change a time": ["told"], "see that a file is there": ["told"],
        "watch a folder": ["told"], "see the names of its keys": ["told"],
    },
}  # fmt: skip
SHARED = {"read a file in memory": ["told"], "write a file in memory": ["written"]}
"""What landlock does not keep where it may make no /dev/shm of its own."""
REAL = {
    "read a key": "told", "read credentials": "told", "read a key through a link": "told",
    "read a key through the repository's own link": "told", "read another work tree": "told",
    "read every environment": "told", "gain privileges": "told", "write below HOME": "written",
    "write by an absolute path": "written", "write by a relative path": "written", "write through a link": "written",
    "write through a hard link": "written", "cut a file short": "written", "remove a file": "written",
    "change a mode": "written", "write the repository itself": "written", "write the repository's hooks": "written",
    "write /var/tmp": "written", "write /tmp": "written", "signal a process": "ended", "reach a socket": "reached",
    "reach an abstract socket": "reached", "reach a local service": "reached", "reach a socket in HOME": "reached",
    "make a program with rights of its owner": "told", "make one by other calls": "told",
    "keep the rights of a program": "told", "give one outside the rights of its owner": "told",
    "read a key of the kernel's": "told", "see the names of its keys": "told", "read shared memory": "told",
    "read a file in memory": "told", "write a file in memory": "written", "read what a tool keeps": "told",
    "see that a file is there": "told", "watch a folder": "told", "change a time": "told", "move a file in": "written",
    "read through another process's root": "told", "set a process's limits": "told",
}  # fmt: skip
"""What succeeds without isolation, so that where it fails something stands in its way."""


def python_path() -> str:
    """This project, and where what it needs is installed."""
    return os.pathsep.join([str(ROOT), str(Path(click.__file__).parents[1])])


def as_user(*words: str) -> list[str]:
    # What setpriv itself starts is still opened with root's rights.
    return ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "env", *words]


@cache
def users_python() -> str | None:
    """An interpreter that an ordinary user can run, and that finds this project and what it needs."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        return None
    for program in (os.path.realpath(sys.executable), shutil.which("python3", path="/usr/local/bin:/usr/bin")):
        words = as_user(str(program), "-c", "import click, dotenv, httpx, spec_runner, tests.system.attacker")
        given = {"PATH": os.defpath, "PYTHONPATH": python_path()}
        if program and subprocess.run(words, env=given, cwd="/", capture_output=True, check=False).returncode == 0:
            return program
    return None


@cache
def may_mount(who: str) -> bool:
    """Whether this user may have mounts of its own without a user namespace: root, outside a container."""
    words = ["unshare", "--mount", "true"]
    return who == "this user" and subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module", params=["this user", "an ordinary user"])
def who(request: pytest.FixtureRequest) -> str:
    if request.param == "an ordinary user" and users_python() is None:
        pytest.skip("not root, or no interpreter that an ordinary user can run")
    who: str = request.param
    return who


@pytest.fixture
def happened(who: str, request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """What each attack did at a level."""
    found: dict[str, list[str]] = attacked(who, *request.param)
    return found


@cache
def attacked(who: str, level: str, network: str) -> Any:
    """The same; attacks are done once."""
    top = Path(tempfile.mkdtemp(prefix="attack-"))
    path = os.pathsep.join(each for each in os.get_exec_path() if not each.startswith("/root")) or os.defpath
    given = {"PATH": path, "PYTHONPATH": python_path(), "PYTHONDONTWRITEBYTECODE": "1"}
    words = ["-m", "tests.system.attacker", level, network, str(top)]
    if who == "this user":
        words = [sys.executable, *words]
        given["PATH"] = os.environ["PATH"]
    else:
        os.chown(top, USER, USER)
        words = as_user(str(users_python()), *words)
    done = subprocess.run(words, env=given, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    copies.remove(top)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("happened", [(level, "host") for level in ISOLATING], indirect=True, ids=ISOLATING)
@pytest.mark.parametrize("attack", [*ATTACKS, *ONLY_IN_A_NAMESPACE])
def test_an_attack_does_only_what_the_level_does_not_promise(
    happened: dict[str, list[str]], who: str, attack: str, request: pytest.FixtureRequest
) -> None:
    level = request.node.callspec.params["happened"][0]
    if attack in ONLY_IN_A_NAMESPACE and level != "bubblewrap":
        pytest.skip("it would end more than the sandbox")
    open_here = {**NOT_PROMISED[level], **(SHARED if level == "landlock" and not may_mount(who) else {})}
    assert happened[attack] == open_here.get(attack, [])


@pytest.mark.parametrize("happened", [("plain", "host")], indirect=True, ids=["plain"])
@pytest.mark.parametrize("attack", REAL)
def test_an_attack_is_one(happened: dict[str, list[str]], attack: str) -> None:
    assert REAL[attack] in happened[attack]


@needs_bubblewrap
@pytest.mark.parametrize(
    "happened", [("bubblewrap", "none"), ("bubblewrap", "registries")], indirect=True, ids=["none", "registries"]
)
def test_without_the_hosts_network_no_attack_does_anything(happened: dict[str, list[str]]) -> None:
    assert {attack: did for attack, did in happened.items() if did} == {}


def sandbox_of(project: Project, level: str, *, in_place: bool = False, network: str = "host") -> Sandbox:
    folder = project.root / "specs"
    folder.mkdir(exist_ok=True)
    return Sandbox(
        Layout(project.root, folder, dict(os.environ), {}, lambda: False, level, network, in_place=in_place)
    )  # fmt: skip


def said(sandbox: Sandbox, script: str) -> str:
    """What a script prints in a sandbox."""
    words = ["bash", "-c", script]
    process = sandbox.start(
        words, cwd=sandbox.root, environment=sandbox.environment, hearing=LatestLine(lambda line: None)
    )
    assert process.wait(60), "it hangs"
    return process.capture.text


# Networks.


@needs_bubblewrap
@pytest.mark.parametrize("network", ["none", "registries"])
def test_no_name_is_resolved_and_no_address_reached(project: Project, network: str) -> None:
    sandbox = sandbox_of(project, "bubblewrap", network=network)
    reached = (
        "python3 -c \"import socket; socket.create_connection(('{}', {}), 5)\" 2>/dev/null && echo reached {}; true"
    )
    script = ";".join(
        reached.format(host, port, host) for host, port in (("pypi.org", 443), ("1.1.1.1", 53), ("github.com", 22))
    )
    try:
        assert said(sandbox, script) == ""
    finally:
        sandbox.close()


def asked(proxy: Proxy, request: bytes) -> bytes:
    """What a proxy answers to a request, until it closes the connection."""
    ours, theirs = socket.socketpair()
    proxy.serve(theirs)
    answer = b""
    with ours:
        ours.settimeout(20)
        ours.sendall(request)
        ours.shutdown(socket.SHUT_WR)
        while data := ours.recv(65536):
            answer += data
    return answer


@pytest.mark.parametrize(
    "request_",
    [
        b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n",
        b"CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n",
        b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: pypi.org\r\n\r\n",
        b"CONNECT pypi.org.example.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT pypi.org@example.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT github.com:22 HTTP/1.1\r\n\r\n",
        b"GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nHost: pypi.org\r\n\r\n",
        b"GET http://pypi.org@169.254.169.254/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: pypi.org\r\n\r\n",
    ],
)
def test_the_proxy_refuses_what_is_not_listed(request_: bytes) -> None:
    assert asked(Proxy(["pypi.org", "github.com"], {}), request_).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fd00:ec2::254"])
def test_a_registry_is_not_reached_at_a_private_address(name: str) -> None:
    with pytest.raises(OSError, match="private"):
        address_of(name, 443, is_public=True)
    assert address_of(name, 443, is_public=False)


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("name", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"])
def test_no_host_is_reached_at_a_link_local_address(name: str, is_public: bool) -> None:
    with pytest.raises(OSError, match="link-local"):
        address_of(name, 80, is_public=is_public)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET http://pypi.org/ HTTP/1.1\r\n\r\nGET http://evil.example/ HTTP/1.1\r\n\r\n",
        b"GET http://pypi.org/ HTTP/1.1\r\nA: b\n\nGET http://evil.example/ HTTP/1.1\r\n\r\n",
        b"GET http://pypi.org/ HTTP/1.1\r\nA: b\r\rGET http://evil.example/ HTTP/1.1\r\n\r\n",
        b"GET http://pypi.org/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST http://pypi.org/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET http://evil.example/ HTTP/1.1\r\n\r\n",
        b"POST http://pypi.org/ HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 99\r\n\r\nGET http://evil.example/ HTTP/1.1\r\n\r\n",
        b"POST http://pypi.org/ HTTP/1.1\r\nContent-Length: 2\r\n\r\nxxGET http://evil.example/ HTTP/1.1\r\n\r\n",
    ],
)
def test_no_second_request_is_smuggled_to_the_users_own_proxy(request_: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.settimeout(20)
            while b"\r\n\r\n" not in b"".join(seen):
                seen.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                seen.append(data)

    thread = threading.Thread(target=serve)
    thread.start()
    asked(Proxy(["pypi.org"], {"HTTPS_PROXY": f"http://127.0.0.1:{listener.getsockname()[1]}"}), request_)
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(20)
    listener.close()
    assert b"evil.example" not in b"".join(seen)


# What spec-run itself reads and writes beside the commands.


@pytest.mark.parametrize("level", ISOLATING)
def test_a_file_of_the_document_is_not_written_through_a_link(project: Project, level: str, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    sandbox = sandbox_of(project, level)
    try:
        said(sandbox, f"ln -s {tmp_path} folder; ln -s {tmp_path}/victim file; mkfifo pipe; mkdir is-folder")
        for name in ("folder/victim", "folder/new", "file", "pipe", "is-folder", "../over", "/etc/over", "a\0b"):
            with pytest.raises(OSError, match=r"\S"):
                sandbox.write(sandbox.root / name, b"x")
            with suppress(OSError):
                assert b"mine" not in (sandbox.read(sandbox.root / name) or b"")
        sandbox.write(sandbox.root / "own" / "file", b"x")
        assert sandbox.read(sandbox.root / "own" / "file") == b"x"
    finally:
        sandbox.close()
    assert {place.name: place.read_text() for place in tmp_path.iterdir() if place.is_file()} == {"victim": "mine"}


@pytest.mark.parametrize("level", LEVELS)
def test_a_long_command_is_not_laid_down_through_a_link(project: Project, level: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    sandbox = sandbox_of(project, level)
    try:
        said(sandbox, f"for n in $(seq 9); do ln -s {victim} {sandbox.scratch}/command-$n; done")
        with suppress(OSError):
            sandbox.lay(sandbox.scratch / "command-2", b"evil")
        assert victim.read_text() == "mine"
    finally:
        sandbox.close()


def written(folder: Path) -> dict[str, bytes]:
    return {str(place.relative_to(folder)): place.read_bytes() for place in folder.rglob("*") if place.is_file()}


@needs_bubblewrap
def test_in_place_what_git_obeys_later_and_what_proves_a_task_is_not_written(project: Project) -> None:
    project.write("file", "x")
    project.commit()
    project.write("nested/file", "x")
    nested = Project(project.root / "nested")
    nested.commit()
    for git in (project.root / ".git", nested.root / ".git"):
        shutil.rmtree(git / "hooks")
        shutil.rmtree(git / "info")
    project.write(".spec-run/journal", "proof")
    kept = ("config", "hooks", "info", "objects/info", "commondir", "modules", "config.worktree", "rebase-merge")
    before = {
        name: text for name, text in written(project.root).items() if any(f".git/{each}" in name for each in kept)
    }
    sandbox = sandbox_of(project, "bubblewrap", in_place=True)
    tries = (
        "echo evil >.git/hooks/post-commit", "mkdir -p .git/hooks/x", "git config core.fsmonitor evil", "rm .git/config",
        "mv .git other", "echo evil >>.spec-run/journal", "rm -r .spec-run", "mv .spec-run other",
        "echo /evil >.git/commondir", "mv .git/commondir .git/x", "rm -f .git/commondir", "ln -sfn /evil .git/commondir",
        "mkdir -p .git/objects/info", "echo /evil >.git/objects/info/alternates", "mv .git/objects .git/other",
        "echo '* filter=evil' >.git/info/attributes", "mv .git/info .git/other", "mv .git/hooks .git/other",
    )  # fmt: skip
    try:
        said(sandbox, "; ".join((*tries, "cd nested", *tries)))
        for folder in (".", "nested"):
            made = f"cd {folder}; touch new && git add new && git commit -qm New && git branch b && git log --format=%s"
            assert said(sandbox, made).split()[0] == "New"
    finally:
        sandbox.close()
    after = {name: text for name, text in written(project.root).items() if any(f".git/{each}" in name for each in kept)}
    assert after == before
    assert (project.root / ".spec-run" / "journal").read_text() == "proof"
    assert project.git("log", "--format=%s").split()[0] == nested.git("log", "--format=%s").split()[0] == "New"


@needs_bubblewrap
def test_what_is_made_to_look_like_the_overlays_own_marks_deletes_nothing(project: Project, tmp_path: Path) -> None:
    project.write("kept/file", "x")
    kept = Keeping(tmp_path / "trees" / "one", "specs/tasks.md", "00", "f", None, None)
    (project.root / "specs").mkdir()
    sandbox = Sandbox(
        Layout(project.root, project.root / "specs", dict(os.environ), {}, lambda: False, "bubblewrap", keeping=kept)
    )
    mark = 'import os; os.setxattr("kept", "user.overlay.opaque", b"y")'
    said(sandbox, f"python3 -c '{mark}'; mknod kept/file c 0 0; mknod other c 0 0; mkfifo pipe; ln -s / link")
    sandbox.close()
    tree = load(tmp_path / "trees" / "one")
    assert tree is not None
    assert [change.path for change in changes(tree.files)] == ["link"]


# A sandbox that is not what it seems.

_FORGER = """
import os, socket, struct, sys
line = socket.socket(fileno=int(sys.argv[1]))
line.recv(65536)
def say(data): line.sendall(struct.pack("!I", len(data)) + data)
say(b'{"ready": 1}')
line.recv(65536)
WHAT
line.recv(65536)
"""


@pytest.mark.parametrize(
    "what",
    [
        """say(b'nonsense')""",
        """say(b'{"guest": true}')""",
        """say(b'{"ended": 99, "status": 0}')""",
        """say(b'{"id": 99}')""",
        """say(b'[1]')""",
        """say(b'[' * 100000)""",
        """line.sendall(b'\\xff\\xff\\xff\\xff')""",
        """line.close(); sys.exit()""",
    ],
)
def test_a_forged_message_ends_the_sandbox_and_nothing_waits(what: str) -> None:
    inside = Inside(lambda number: [sys.executable, "-c", _FORGER.replace("WHAT", what), str(number)], None)
    with pytest.raises(OSError, match="the sandbox has ended"):
        inside.is_folder(Path("/"))
    inside.end()


@needs_bubblewrap
def test_a_bomb_of_processes_ends_with_the_sandbox(project: Project, forever: str) -> None:
    sandbox = sandbox_of(project, "bubblewrap")
    bomb = "b() { sleep 0.01; if [ $1 -gt 0 ]; then b $(($1 - 1)) & b $(($1 - 1)) & fi; (trap '' TERM; exec -a BOMB sleep 607); }; b 6 & sleep 1"
    name = f"bomb-{forever}"
    said(sandbox, bomb.replace("BOMB", name))
    assert sandbox.close() is None
    assert no_strays(name)


@pytest.mark.parametrize("level", LEVELS)
def test_an_agent_that_is_killed_is_told_and_leaves_nothing(project: Project, level: str, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `setsid sleep {forever} & kill -9 $PPID; sleep {forever}`\n")
    done = project.run_spec("--sandbox", level, "--timeout", "2", "--no-write")
    assert done.code == 1
    # In a namespace of its own nothing inside can end it.
    expected = ("timed out",) if level == "bubblewrap" else ("killed", "the sandbox has ended")
    assert any(words in done.out for words in expected), done.out
    assert no_strays(f"sleep {forever}")


# The end of spec-run.

_DAEMONS = """\
trap '' HUP
setsid sleep {0} &
(setsid sleep {0} & ) &
nohup sleep {0} >/dev/null 2>&1 &
sleep {0} & disown
(trap '' TERM INT HUP; sleep {0} & sleep {0}) &
python3 -c "
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '{0}'])
"
wait
"""


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_survives_when_spec_run_is_killed(project: Project, level: str, forever: str) -> None:
    project.write("daemons.sh", _DAEMONS.format(forever))
    project.tasks("- [ ] T001 Run `bash daemons.sh`\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = project.started("run", "--sandbox", level, project.spec, **quiet)
    while not _are_there(forever, 7):
        assert process.poll() is None, "it ended before all of them were there"
    watched = _found(forever)
    assert len(watched) >= 7
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    for descriptor in watched:
        assert select.select([descriptor], [], [], 30)[0], "a process goes on"
        os.close(descriptor)


def _found(seconds: str) -> list[int]:
    """A descriptor for each process of this name: readable once it has ended."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                if Path(f"/proc/{entry.name}/cmdline").read_bytes() == b"sleep\0" + seconds.encode() + b"\0":
                    found.append(os.pidfd_open(int(entry.name)))
    return found


def _are_there(seconds: str, count: int) -> bool:
    found = _found(seconds)
    for descriptor in found:
        os.close(descriptor)
    return len(found) >= count


# Much output.


@pytest.mark.parametrize("through", ["cat", "tr -d '\\n'"], ids=["lines", "one line"])
def test_a_gigabyte_of_output_takes_little_memory(project: Project, through: str) -> None:
    project.write("much.sh", f"yes $(printf %0999d 0) | {through} | head -c 1073741824\n")
    project.tasks("- [ ] T001 Run `bash much.sh`\n")
    code = (
        "import sys; from spec_runner.__main__ import main\n"
        # What getrusage tells holds the memory of whoever started it.
        "try:\n    main()\nfinally:\n    print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, "run", "--no-write", project.spec]
    given = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(project.root.parent / "state")}
    done = subprocess.run(words, cwd=project.root, env=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert int(done.stderr.split()[-1]) < 60 * 1024


# What the system refuses spec-run itself.


@needs_root
@pytest.mark.skipif(not shutil.which("prlimit"), reason="no prlimit")
def test_a_limit_of_processes_is_no_fault_of_spec_run() -> None:
    python = users_python()
    if python is None:
        pytest.skip("no interpreter that an ordinary user can run")
    # Where an ordinary user may go.
    project = Project(Path(tempfile.mkdtemp(prefix="attack-")))
    project.root.chmod(0o755)
    project.tasks("- [ ] T001 Run `test -d .`\n")
    given = {"PATH": os.defpath, "PYTHONPATH": python_path(), "PYTHONDONTWRITEBYTECODE": "1"}
    codes = {}
    for limit in (1, 2, 4, 6, 8, 10, 14):
        words = ["prlimit", f"--nproc={limit}", python, "-m", "spec_runner", "--no-write", project.spec]
        done = subprocess.run(
            as_user(*words), env=given, cwd=project.root, capture_output=True, text=True, timeout=60, check=False
        )
        codes[limit] = done.returncode
        assert "fault of spec-run" not in done.stdout + done.stderr, (limit, done.stderr)
    copies.remove(project.root)
    assert set(codes.values()) <= {0, 1, 2}, codes
    assert codes[1] == 2
