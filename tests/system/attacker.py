"""Attacks on a sandbox, done one after the other by commands in it; run as a program, by the user who is to be attacked.

Prints what each one did to the world outside: a secret told, a file written, a process ended, a socket reached.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from spec_runner.system.process.heard import LatestLine
from spec_runner.system.sandbox.sandbox import Layout, Sandbox
from spec_runner.system.worktree import copies
from spec_runner.system.worktree.kept import Keeping
from tests.system import tricks

SECRET = "s3cret-of-the-user"
_OPEN = "import sys; [open(f'/proc/{{pid}}/mem', 'rb') for pid in sys.argv[1:]]"
_MEMORY = f'python3 -c "{_OPEN}" %s && told'
_CONNECT = "import socket, sys; socket.socket(socket.%s).connect(%s)"

# A script says `told` where it has what it wanted. Nothing here may do harm where it succeeds, as it does at `plain`.
ATTACKS = {
    "read a key": "cat {home}/.ssh/id_x",
    "read credentials": "cat {home}/.aws/credentials",
    "read a key through a link": "ln -sf {home}/.ssh/id_x l; cat l",
    "read a key through the repository's own link": "cat out/.ssh/id_x",
    "read the environment": "env",
    "read the agent's environment": "cat /proc/$PPID/environ",
    "read every environment": "cat /proc/[0-9]*/environ 2>/dev/null",
    "read another work tree": "cat {trees}/other/upper/.env",
    "read the agent's memory": _MEMORY % "$PPID",
    "read a process's memory": _MEMORY % "{victim}",
    "use the agent's files": "readlink /proc/$PPID/fd/* && told",
    "inherit a socket": "readlink /proc/self/fd/* | grep socket && told",
    "read the passwords": "cat /etc/shadow && told",
    "read the passwords that were": "cat /etc/shadow- && told",
    "find a terminal": ": </dev/tty && told",
    "write below HOME": "echo x >>{home}/.bashrc",
    "write by an absolute path": "echo x >{outside}/new",
    "write by a relative path": "echo x >../../../../../../../../../../../../..{outside}/new",
    "write through a link": "ln -sfn {outside} away; echo x >away/new",
    "write through a hard link": "ln -f {outside}/file hard && echo x >>hard",
    "cut a file short": "truncate -s 0 {outside}/file",
    "remove a file": "rm -f {outside}/file",
    "change a mode": "chmod 777 {outside}/file",
    "write the repository itself": "echo x >>{repository}/file",
    "write the repository's hooks": "echo x >{repository}/.git/hooks/post-commit",
    "write /etc": "echo x >/etc/{token}",
    "write /var/tmp": "echo x >/var/tmp/{token}",
    "write /tmp": "echo x >/tmp/{token}",
    "remount": "mount -o remount,rw,bind /; echo x >/etc/{token}",
    "mount": "mkdir -p m; mount -t tmpfs none m && umount m && told",
    "remount in another user's shoes": "unshare -Urm sh -c 'mount -o remount,rw,bind /; echo x >/etc/{token}'",
    "write where cores go": 'cd /proc/sys/kernel; was=$(cat core_pattern); echo "$was" >core_pattern && told',
    "reach the magic keys": ": >>/proc/sysrq-trigger && told",
    "reach a disk": 'for disk in /dev/[svn][dv]*; do if [ -b "$disk" ]; then : >>"$disk" && told; fi; done',
    "make a disk": "rm -f disk; mknod disk b {disk} && : >>disk && told",
    "gain privileges": "grep -q 'NoNewPrivs:.*1' /proc/self/status || told",
    "keep root's rights": "python3 -c 'import os; os.chroot(\".\")' && told",
    "make a program with rights of its owner": "cp $(command -v env) s; chmod 4755 s; test -u s && told",
    "make one by other calls": "python3 tricks.py made_with_rights",
    "keep the rights of a program": "install -m 4755 $(command -v env) s2; test -u s2 && told",
    "give one outside the rights of its owner": "chmod u+s {outside}/file; test -u {outside}/file && told",
    "read a key of the kernel's": "python3 tricks.py key {token}",
    "see the names of its keys": "grep {token} /proc/keys && told",
    "read shared memory": "python3 tricks.py segment {segment}",
    "read a file in memory": "cat /dev/shm/{token}",
    "write a file in memory": "echo x >/dev/shm/{token}; echo x >/dev/shm/{token}-new",
    "read what a tool keeps": "cat {home}/.local/share/uv/credentials/c.toml {home}/.dotnet/corefx/cryptography/x.pfx",
    "read the kernel's log": "dmesg && told",
    "see that a file is there": "test -e {home}/.ssh/id_x && told",
    "watch a folder": "python3 tricks.py watched {home}/.ssh",
    "change a time": "test -e {outside}/file && touch -c -d @1 {outside}/file && told",
    "move a file in": "mv {outside}/file moved",
    "read through another process's root": "cat /proc/{victim}/root{home}/.ssh/id_x /proc/[0-9]*/root{home}/.ssh/id_x",
    "enter another process's namespaces": "nsenter -t {victim} -m cat {home}/.ssh/id_x",
    "uncover what is covered": "unshare -Urm sh -c 'umount -l {home}; umount -l /tmp; cat {home}/.ssh/id_x'",
    "trace a process": "python3 tricks.py traced {victim}",
    "take a process's file": "python3 tricks.py file_taken {victim}",
    "set a process's limits": "python3 tricks.py limited {victim}",
    "queue calls past a filter": "python3 tricks.py ring",
    "reach the machine below by vsock": "python3 tricks.py family 40",
    "type into a terminal": "python3 tricks.py typed",
    "write settings of the kernel": (
        "for each in /proc/sys/kernel/modprobe /proc/sys/fs/binfmt_misc/register /sys/kernel/uevent_helper /sys/power/state;"
        ' do if [ -e "$each" ]; then (: >>"$each") && told; fi; done'
    ),
    "leave the control group": (
        "find /sys/fs/cgroup -maxdepth 3 -name cgroup.procs -o -maxdepth 3 -name release_agent |"
        ' while read -r each; do (: >>"$each") && told; done'
    ),
    "reach a socket in HOME": 'python3 -c "%s"' % (_CONNECT % ("AF_UNIX", "'{home}/agent'")),
    "signal a process": "kill -9 {victim}",
    "reach a socket": 'python3 -c "%s"' % (_CONNECT % ("AF_UNIX", "'{socket}'")),
    "reach an abstract socket": 'python3 -c "%s"' % (_CONNECT % ("AF_UNIX", "chr(0) + '{abstract}'")),
    "reach a local service": 'python3 -c "%s"' % (_CONNECT % ("AF_INET", "('127.0.0.1', {port})")),
}
ONLY_IN_A_NAMESPACE = {
    "kill everything": "kill -9 -1",
    "kill the agent": "kill -9 1; kill -STOP 1; kill -SEGV 1",
}
"""What would end more than the sandbox where there is none."""


class World:
    """What an attack is after."""

    def __init__(self, top: Path) -> None:
        self.top, self.token = top, f"spec-run-attack-{os.getpid()}"
        self.home, self.outside, self.repository = top / "home", top / "outside", top / "repository"
        self.trees = top / "state" / "spec-run" / "trees"
        for path, text in {
            "home/.ssh/id_x": SECRET, "home/.aws/credentials": SECRET, "home/.bashrc": "", "outside/file": "x" * 9,
            "repository/file": "", "repository/.git/hooks/post-commit.sample": "", "repository/specs/tasks.md": "",
            "state/spec-run/trees/other/upper/.env": SECRET, "home/.local/share/uv/credentials/c.toml": SECRET,
            "home/.dotnet/corefx/cryptography/x.pfx": SECRET, "repository/tricks.py": Path(tricks.__file__).read_text(),
        }.items():  # fmt: skip
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text)
        (self.repository / "out").symlink_to(self.home)
        families = (socket.AF_UNIX, socket.AF_UNIX, socket.AF_INET, socket.AF_UNIX)
        self.listeners = [socket.socket(family) for family in families]
        here = str(top / "socket"), f"\0{self.token}", ("127.0.0.1", 0), str(self.home / "agent")
        addresses: tuple[Any, ...] = here
        for listener, address in zip(self.listeners, addresses, strict=True):
            listener.bind(address)
            listener.listen()
            listener.setblocking(False)
        self.victim = self._victim()
        self.shared = Path("/dev/shm", self.token)
        self.shared.write_text(SECRET)
        self.shared.chmod(0o600)
        self.segment = tricks.make_segment(SECRET)
        tricks.add_key(self.token, SECRET)
        self.before = self._files()

    def close(self) -> None:
        """Leave nothing of it on the machine but its folder."""
        self.victim.kill()
        self.shared.unlink()
        tricks.remove_segment(self.segment)

    def _victim(self) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        given = {"PATH": os.defpath, "SECRET": SECRET}
        return subprocess.Popen(["sleep", "600"], env=given, stdin=quiet, stdout=quiet, stderr=quiet)

    def _files(self) -> dict[str, tuple[int, bytes]]:
        found: dict[str, tuple[int, bytes]] = {}
        for folder, _, names in os.walk(self.top):
            for place in (Path(folder, name) for name in names):
                is_ours = self.trees in place.parents and "other" not in place.parts
                if not is_ours and place.is_file():
                    found[str(place)] = (place.stat().st_mode, place.read_bytes())
        return found

    def script(self, attack: str) -> str:
        device = os.stat("/").st_dev
        return f"told() {{ printf s3cret; echo -of-the-user; }}\n{attack}".replace(
            attack,
            attack.format(
                home=self.home, outside=self.outside, repository=self.repository, trees=self.trees, token=self.token,
                victim=self.victim.pid, socket=self.top / "socket", abstract=self.token,
                segment=self.segment,
                port=self.listeners[2].getsockname()[1], disk=f"{os.major(device)} {os.minor(device)}",
            ),
        )  # fmt: skip

    def harm(self, output: str) -> list[str]:
        """What happened since the last time; it is mended."""
        found = ["told"] if SECRET in output else []
        left = [
            place
            for place in (*(f"/{name}/{self.token}" for name in ("etc", "var/tmp", "tmp")), f"{self.shared}-new")
            if os.path.exists(place)
        ]
        if left or self._files() != self.before or self.shared.read_text() != SECRET:
            found.append("written")
        for place in left:
            os.unlink(place)
        (self.outside / "new").unlink(missing_ok=True)
        self.shared.write_text(SECRET)
        for path, (mode, content) in self.before.items():
            Path(path).write_bytes(content)
            os.chmod(path, mode & 0o7777)
        if self._files() != self.before:
            for path in self._files().keys() - self.before.keys():
                os.unlink(path)
        if self.victim.poll() is not None:
            found.append("ended")
            self.victim = self._victim()
        return found + (["reached"] if any(map(self._was_reached, self.listeners)) else [])

    def _was_reached(self, listener: socket.socket) -> bool:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


def attack(level: str, network: str, top: Path) -> dict[str, list[str]]:
    """What each attack did."""
    world = World(top)
    attacks = {**ATTACKS, **(ONLY_IN_A_NAMESPACE if level == "bubblewrap" else {})}
    host = {"PATH": os.environ["PATH"], "HOME": str(world.home), "AWS_SECRET_ACCESS_KEY": SECRET}
    os.environ["AWS_SECRET_ACCESS_KEY"] = SECRET
    kept = Keeping(world.trees / "ours", "tasks.md", "00", "f", None, None)
    layout = Layout(
        world.repository, world.repository / "specs", host, {}, lambda: False,
        level=level, network=network, keeping=kept,
    )  # fmt: skip
    sandbox = Sandbox(layout)
    found: dict[str, list[str]] = {}
    try:
        for name, script in attacks.items():
            words = ["bash", "-c", world.script(script)]
            process = sandbox.start(
                words, cwd=sandbox.root, environment=sandbox.environment, hearing=LatestLine(lambda line: None)
            )
            ended = process.wait(30)
            found[name] = world.harm(process.capture.text) + ([] if ended and not process.is_lost else ["hung"])
    finally:
        sandbox.close()
        world.close()
        copies.remove(world.trees)
    return found


if __name__ == "__main__":
    print(json.dumps(attack(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
