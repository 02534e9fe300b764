"""One command in a fresh bash, with the state of the commands before it: a terminal that cannot be broken.

The command is an argument, never part of a script. When bash ends, its state is saved beside the work tree and loaded
for the next command; a command that replaces or kills the shell leaves the state as it was.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from spec_runner.core.decide.answers import asks_by_exit
from spec_runner.system.process.process import Hearing, Process
from spec_runner.system.process.shells import native
from spec_runner.system.sandbox.sandbox import Sandbox
from spec_runner.system.trusted import Folder

_MARKER = b"# whole\n"
_LONGEST_ARGUMENT = 100_000
"""Bytes; Linux refuses a single argument of more than 131,072."""
_OF_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP")
_LONGEST_STATE = 4_000_000
"""Bytes of a state that is taken from one sandbox to another."""

# Arguments: the command, the state to load, where to save it, the last exit status, "pipefail" or nothing, a folder for
# curl to write down what it is answered, or nothing (what it prints and how it ends stay as they are; HTTPie can only
# end by it, does so where it is alone, and takes a terminal for granted, as whoever typed it did), this text, and where
# it starts: the state's own PWD is where the command before it ended.
# What the driver does itself is silent, so that `set -x` shows the command alone.
# errexit is not carried: it would end the shell at the first `false` of a later command. The command is saved after
# eval as well as in the trap, because a command may set an EXIT trap of its own.
_PRELUDE = r"""
shopt -s expand_aliases
{
if [[ -s $2 ]]; then . "$2" >/dev/null; PWD=$8; fi
__spec_run_command=$1 __spec_run_state=$3 __spec_run_last=$4 __spec_run_pipefail= __spec_run_curl= __spec_run_http=
__spec_run_save() {
  if [[ -z $__spec_run_state ]]; then return; fi
  if [[ $__spec_run_curl ]]; then unset CURL_HOME; fi
  if [[ $__spec_run_http ]]; then unset HTTPIE_CONFIG_DIR; fi
  {
    declare -p
    declare -f
    declare -Fx
    alias -p
    shopt -p
    shopt -po
    set +eu
    printf 'set +e\n%s\n' "${__spec_run_pipefail:+set +o pipefail}"
    umask -p
    for ((__spec_run_n = ${#DIRSTACK[@]} - 1; __spec_run_n > 0; __spec_run_n--)); do
      printf 'pushd -n -- %q >/dev/null\n' "${DIRSTACK[__spec_run_n]}"
    done
    printf 'OLDPWD=%q\n# whole\n' "$OLDPWD"
  } >"$__spec_run_state"
  printf '%s' "$PWD" >"$__spec_run_state.cwd"
  __spec_run_state=
}
__spec_run_status() { return "$__spec_run_last"; }
trap '{ __spec_run_save; } 2>/dev/null' EXIT
if [[ $5 && ! -o pipefail ]]; then __spec_run_pipefail=1; set -o pipefail; fi
if [[ $6 && -z ${CURL_HOME-} && ! -e ~/.curlrc ]] && mkdir "$6"; then
  printf 'dump-header = "%s.answer"\n' "$6" >"$6/.curlrc"
  export CURL_HOME=$6
  __spec_run_curl=1
  if [[ $6 == *.http && -z ${HTTPIE_CONFIG_DIR-} && ! -e ~/.config/httpie && ! -e ~/.httpie ]]; then
    printf '{"default_options": ["--check-status", "--ignore-stdin"]}' >"$6/config.json"
    export HTTPIE_CONFIG_DIR=$6
    __spec_run_http=1
  fi
fi
set --
__spec_run_status
} 2>/dev/null
"""
# One line: what bash says of the command counts the command's own lines, and a quote that is not closed ends there.
_DRIVER = (
    'eval "$7"; eval "$__spec_run_command"; { __spec_run_last=$?; __spec_run_save; __spec_run_status; } 2>/dev/null'
)
_READ_FILE = r"""__spec_run_text=$(<"$1"); set -- "$__spec_run_text" "${@:2}"; unset __spec_run_text"""


@dataclass(frozen=True, slots=True)
class State:
    """What a command leaves for the next one: where the shell stands, and everything else in a file."""

    cwd: Path
    snapshot: Path | None = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """A command that runs in a shell."""

    process: Process
    before: State
    saved: Path

    def state(self) -> State:
        """The state that the shell saved when it ended; the state before it if it saved none."""
        status = self.process.returncode or 0
        before = replace(self.before, status=status if status >= 0 else 128 - status)
        cwd = _whole(self.saved)
        return before if cwd is None else State(cwd, self.saved, before.status)

    def answered(self) -> int | None:
        """The status of the last answer that curl got, if it was heard."""
        try:
            heard = _laid_down(self.saved.with_name(self.saved.name + ".curl.answer"))
        except OSError:
            return None
        found = re.findall(rb"(?m)^HTTP/[\d.]+ (\d{3})\b", heard)
        return int(found[-1]) if found else None


def _whole(saved: Path) -> Path | None:
    """The directory of a state that was saved to its end; None for another one."""
    try:
        if _laid_down(saved, last=len(_MARKER)) != _MARKER:
            return None
        return Path(native(os.fsdecode(_laid_down(saved.with_name(saved.name + ".cwd"))), sys.platform))
    except OSError:
        return None


def _number(name: str) -> int:
    found = re.match(r"(?:state|command)-(\d+)", name)
    return int(found.group(1)) if found else 0


def _laid_down(place: Path, *, last: int = 65536) -> bytes:
    """The end of a file that was written in the sandbox: no link is followed, and no pipe is waited for."""
    with Folder(place.parent) as folder, os.fdopen(folder.open(place.name, os.O_RDONLY), "rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - last, 0))
        return file.read(last)


class Shell:
    """Starts commands in a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        # In a work tree that is taken up, what earlier runs laid down stays; numbers begin behind what is taken, too.
        self._numbers = itertools.count(1 + max(map(_number, os.listdir(sandbox.scratch)), default=0))

    def _given(self, state: State) -> Mapping[str, str]:
        """What a shell starts with. A snapshot brings the rest; without these, Windows starts no program."""
        whole = self._sandbox.environment
        return whole if state.snapshot is None else {name: whole[name] for name in _OF_WINDOWS if name in whole}

    def name_of(self, state: State) -> str | None:
        """What a later run finds a state by: its file, and the directory relative to the root."""
        if state.snapshot is None or state.cwd.anchor != self._sandbox.root.anchor:
            return None  # What lies on another drive has no path from here.
        return f"{state.snapshot.name}:{os.path.relpath(state.cwd, self._sandbox.root)}"

    def note(self, name: str, state: State) -> None:
        """Keep a state under a name, as long as the work tree is kept."""
        known = self.name_of(state)
        if known:
            self._sandbox.lay(self._sandbox.scratch / f"noted-{name}", known.encode())

    def noted(self, name: str) -> State | None:
        """The state that was kept under a name; None if none was, or it is not whole."""
        try:
            return self.state_called(os.fsdecode(_laid_down(self._sandbox.scratch / f"noted-{name}")))
        except OSError:
            return None

    def take(self, name: str, scratch: Path) -> State | None:
        """A state that was left in the sandbox of another scratch folder, which is over; None if it is not whole."""
        file = os.path.basename(name.partition(":")[0])
        try:
            for each in (file, f"{file}.cwd"):
                self._sandbox.lay(self._sandbox.scratch / each, _laid_down(scratch / each, last=_LONGEST_STATE))
        except OSError:
            return None
        return self.state_called(name)

    def state_called(self, name: str) -> State | None:
        """A state that an earlier run left; None if it is not whole."""
        file, _, cwd = name.partition(":")
        saved = self._sandbox.scratch / os.path.basename(file)
        where = Path(os.path.normpath(self._sandbox.root / cwd))
        return State(where, saved) if _whole(saved) and self._sandbox.inside.is_folder(where) else None

    def start(
        self,
        command: str,
        state: State,
        hearing: Hearing,
        *,
        cwd: Path | None = None,
        pipefail: bool = False,
        hears_curl: bool = False,
        variables: Mapping[str, str] = {},
    ) -> Started:
        """Start a command where the shell stands, or in ``cwd``. Raises OSError where the directory is missing.

        ``hears_curl``: the status that curl is answered can be asked for afterwards. ``variables`` are exported to it.
        """
        number = next(self._numbers)
        saved = self._sandbox.scratch / f"state-{number}"
        driver, given = _DRIVER, command
        if len(command.encode("utf-8")) > _LONGEST_ARGUMENT:
            place = self._sandbox.scratch / f"command-{number}"
            self._sandbox.lay(place, command.encode())
            driver, given = f"{_READ_FILE}; {_DRIVER}", str(place)
        where = cwd or state.cwd
        # The snapshot holds every exported variable, and lacks those that were unset.
        environment = {**self._given(state), **variables}
        hears = "http" if asks_by_exit(command) else "curl"
        process = self._sandbox.start(
            [*self._sandbox.shell.words, "-c", driver, "bash", given, str(state.snapshot or ""),
             str(saved), str(state.status), "pipefail" if pipefail else "", f"{saved}.{hears}" if hears_curl else "",
             _PRELUDE, str(where)],
            cwd=where, environment={**environment, "PWD": str(where)}, hearing=hearing,
        )  # fmt: skip
        return Started(process, state, saved)
