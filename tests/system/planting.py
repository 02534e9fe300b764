"""Things laid where spec-run reads and writes with its own rights: links, pipes, devices, folders, forged files."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

SECRET = b"s3cret-of-the-user"
FORGED = b"0123456789abcdef" * 8 + b"\n[[[[{{{{\x00\xff\n- [ ] T001 Run `test -d .`\n"


class World:
    """A repository, the user's state folder and HOME beside it, and files that are nobody's business."""

    def __init__(self, top: Path) -> None:
        self.top, self.home, self.outside = top, top / "home", top / "outside"
        self.root, self.state = top / "repository", top / "state"
        for path in (
            "home/.profile",
            "home/.ssh/a/b/id",
            "outside/photos/one",
            "outside/photos/two.txt",
            "outside/video",
        ):
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(SECRET)
        tasks = b"- [ ] T009 Run `test -d .`\n" + SECRET + b"\n"
        (self.outside / "tasks.md").write_bytes(tasks)
        self.victims = {
            "a link to a file": self.home / ".profile", "a link to a folder": self.outside / "photos",
            "a link to a document": self.outside / "tasks.md", "a link to nothing": self.outside / "new",
        }  # fmt: skip
        self.root.mkdir()

    def watch(self) -> None:
        """From now on whatever is read or written outside is seen."""
        for place in self._files():
            seen = place.stat()
            # A reader moves the time of access on where it is before that of the last change.
            os.utime(place, ns=(1, seen.st_mtime_ns))
        self.before = self._seen()

    def _files(self) -> Iterator[Path]:
        yield from (place for top in (self.home, self.outside) for place in sorted(top.rglob("*")) if place.is_file())

    def _seen(self) -> dict[str, tuple[object, ...]]:
        found: dict[str, tuple[object, ...]] = {}
        for place in self._files():
            seen = place.stat()
            found[str(place)] = (
                seen.st_ino,
                seen.st_mode,
                seen.st_uid,
                seen.st_mtime_ns,
                seen.st_size,
                seen.st_atime_ns,
            )
        return found

    @property
    def harm(self) -> list[str]:
        """The files outside that were read, written, made or removed since."""
        now = self._seen()
        return sorted(path for path in now.keys() | self.before.keys() if now.get(path) != self.before.get(path))

    @property
    def lent(self) -> list[str]:
        """The files of the repository and of the state folder that hold what only those outside held."""
        return [
            str(place)
            for top in (self.root, self.state)
            for place in top.rglob("*")
            if stat.S_ISREG(place.lstat().st_mode) and SECRET in place.read_bytes()
        ]

    def plant(self, kind: str, place: Path) -> None:
        """Put something in the place of what is there."""
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        if kind in self.victims:
            place.symlink_to(self.victims[kind])
        else:
            KINDS[kind](place)


def _device(place: Path) -> None:
    try:
        os.mknod(place, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        place.symlink_to("/dev/zero")


KINDS: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo, "a device": _device, "a folder": Path.mkdir, "a forged file": lambda place: place.write_bytes(FORGED),
}  # fmt: skip
LINKS = ("a link to a file", "a link to a folder", "a link to a document", "a link to nothing")
