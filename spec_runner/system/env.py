"""Environment: what of the user's own the commands see, and the values that env tasks need."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values, set_key

from spec_runner.core.decide.values import is_placeholder
from spec_runner.core.result.masking import secret_values, unmasked_names
from spec_runner.errors import SpecError
from spec_runner.system.document import files

_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./:@%+,=~-]*")
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Values:
    """Where the value of a key may come from, the first one first: the name of the source and its values."""

    sources: tuple[tuple[str, Mapping[str, str]], ...]

    def find(self, key: str) -> tuple[str | None, str]:
        """A real value for a key, else None and why there is none; the reason holds no value."""
        placeholders = []
        for name, values in self.sources:
            value = values.get(key, "")
            if value and not is_placeholder(value):
                return value, ""
            if value:
                placeholders.append(name)
        if placeholders:
            return None, f"{key} has only a placeholder (in {placeholders[0]})"
        return None, f"{key} has no value"

    @property
    def secrets(self) -> frozenset[str]:
        """Every value of every file, and of the environment what looks like a secret: they are masked."""
        return frozenset(
            value
            for name, values in self.sources
            for value in (secret_values(values) if name == ENVIRONMENT else values).values()
        )

    @property
    def unmasked(self) -> list[str]:
        """The names of secrets in files whose values are too short or too common to be masked."""
        return sorted({key for name, values in self.sources if name != ENVIRONMENT for key in unmasked_names(values)})


ENVIRONMENT = "the environment"


def read_values(env_file: Path | None, config: Mapping[str, str], root: Path, environment: Mapping[str, str]) -> Values:
    """The sources in their order: ``--env-file``, the spec's configuration, the repository's ``.env``, the environment.

    Raises SpecError for an ``--env-file`` that cannot be read.
    """
    sources: list[tuple[str, Mapping[str, str]]] = []
    if env_file is not None:
        sources.append((env_file.name, _dotenv(env_file)))
    sources.append(("spec-run.toml", config))
    if (root / ".env").is_file():
        sources.append((".env", _dotenv(root / ".env")))
    return Values((*sources, (ENVIRONMENT, environment)))


def _dotenv(path: Path) -> dict[str, str]:
    try:
        text = files.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError("not UTF-8", todo="save the file as UTF-8", path=str(path)) from None
    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return {key: value for key, value in found.items() if value is not None}


def missing_values(keys: Iterable[str], values: Values) -> list[str]:
    """Why keys have no real value, one reason each."""
    return [why for key in keys for value, why in (values.find(key),) if value is None]


def with_values(content: bytes, *pairs: Mapping[str, str]) -> bytes:
    """The content of an environment file with these keys set; what else it holds is kept."""
    with tempfile.TemporaryDirectory(prefix="spec-run-") as folder:
        # The library edits files only; this one is ours alone.
        path = Path(folder, ".env")
        path.write_bytes(content)
        for key, value in (pair for each in pairs for pair in each.items()):
            mode = "never" if _PLAIN_VALUE.fullmatch(value) else "always"
            set_key(path, key, value, quote_mode=mode, encoding="utf-8")
        return path.read_bytes()


def own_values(content: str) -> dict[str, str]:
    """The ``KEY=value`` lines of a text that have a value of their own, no placeholder."""
    found = (_ASSIGNMENT.match(line) for line in content.splitlines() if not line.lstrip().startswith("#"))
    pairs = {match.group(1): match.group(2).strip("'\"") for match in found if match}
    return {key: value for key, value in pairs.items() if value and not is_placeholder(value)}


_ALLOWED = frozenset({
    "PATH", "LANG", "LANGUAGE", "TERM", "COLORTERM", "TZ", "USER", "LOGNAME", "SHELL",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO", "PIP_CERT", "CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE",
    "SYSTEMROOT", "COMSPEC", "PATHEXT", "WINDIR", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS",
})  # fmt: skip
_TOOL_ROOTS = {
    "PYENV_ROOT": ".pyenv", "NVM_DIR": ".nvm", "RUSTUP_HOME": ".rustup", "SDKMAN_DIR": ".sdkman",
    "VOLTA_HOME": ".volta", "FNM_DIR": ".local/share/fnm", "ASDF_DATA_DIR": ".asdf", "RBENV_ROOT": ".rbenv",
    "DOTNET_ROOT": ".dotnet", "BUN_INSTALL": ".bun", "JAVA_HOME": "", "GOROOT": "",
}  # fmt: skip


def allowed_environment(host: Mapping[str, str]) -> dict[str, str]:
    """What of the user's environment the commands see: an allow-list without credentials.

    Version managers find their tools below HOME; since HOME is private, their folders are named.
    """
    kept = {name: value for name, value in host.items() if name.upper() in _ALLOWED or name.startswith("LC_")}
    home = host.get("HOME", "")
    for name, folder in _TOOL_ROOTS.items():
        place = host.get(name) or (os.path.join(home, folder) if home and folder else "")
        if place and os.path.isdir(place):
            kept[name] = place
    return {name: _without_credentials(value) if "PROXY" in name.upper() else value for name, value in kept.items()}


def _without_credentials(address: str) -> str:
    return re.sub(r"^((?:[\w+.-]+://)?)[^/]*@", r"\1", address)
