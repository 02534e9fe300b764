"""Where the shell that runs the commands is looked for, on each system; nothing here needs that system."""

from __future__ import annotations

import re

import pytest

from spec_runner.system.process import shell
from spec_runner.system.process.shells import find_shell, native, places_of

WINDOWS = {
    "SYSTEMROOT": r"C:\Windows",
    "PROGRAMFILES": r"C:\Program Files",
    "LOCALAPPDATA": r"C:\Users\me\AppData\Local",
    "PATH": r"C:\Windows\system32;C:\WINDOWS;C:\Users\me\AppData\Local\Microsoft\WindowsApps;bin;D:\Tools\Git\cmd",
}


def test_on_windows_the_bash_of_git_is_taken_and_never_the_one_that_starts_linux() -> None:
    assert list(places_of("bash", WINDOWS, "win32")) == [
        r"D:\Tools\Git\cmd\bash.exe",
        r"D:\Tools\Git\bin\bash.exe",
        r"C:\Program Files\Git\bin\bash.exe",
        r"C:\Users\me\AppData\Local\Programs\Git\bin\bash.exe",
    ]


@pytest.mark.parametrize(
    ("place", "system", "native_place"),
    [
        ("/c/Users/me", "win32", "C:/Users/me"), ("/d", "win32", "D:/"), ("C:\\Users", "win32", "C:\\Users"),
        ("/cc/x", "win32", "/cc/x"), ("/c/Users/me", "linux", "/c/Users/me"),
    ],
)  # fmt: skip
def test_a_directory_of_the_bash_of_git_is_one_of_windows(place: str, system: str, native_place: str) -> None:
    assert native(place, system) == native_place


def test_brush_is_found_beside_the_interpreter_too() -> None:
    found = list(places_of("brush", {"PATH": r"C:\tools;relative"}, "win32", (r"C:\py\Scripts",)))
    assert found == [r"C:\tools\brush.exe", r"C:\py\Scripts\brush.exe"]


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_elsewhere_path_says_where_bash_is(system: str) -> None:
    assert list(places_of("bash", {"PATH": "/usr/bin:bin:/bin"}, system)) == ["/usr/bin/bash", "/bin/bash"]


def test_bash_is_taken_before_brush_unless_brush_is_asked_for(brush: str) -> None:
    assert find_shell().name == "bash"
    assert find_shell("brush").words == (brush, "--noprofile", "--norc", "--no-config", "--disable-color")


BASH_4 = (
    r"\bmapfile\b|\breadarray\b|\bcoproc\b|\b(?:declare|local|typeset) -[a-zA-Z]*[Agn]|\$\{\w+(?:\[@\])?(?:,,?|\^\^?|@)"
    r"|\|&|&>>|;;&|;&|\bEPOCH\w+|\bBASHPID\b|\bwait -n\b|\{\w+\}[<>]|\bglobstar\b|\blastpipe\b|\[\[ -v "
)


def test_what_carries_the_state_is_read_by_the_bash_of_macos() -> None:
    """macOS has bash 3.2: nothing of it may need 4."""
    texts = [value for name, value in vars(shell).items() if name.startswith("_") and isinstance(value, str)]
    scripts = [text for text in texts if "__spec_run" in text]
    assert len(scripts) >= 3
    assert [found.group() for text in scripts for found in re.finditer(BASH_4, text)] == []
