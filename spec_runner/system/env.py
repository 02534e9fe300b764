"""Environment: what of the user's own the commands see, and the values that they are given by name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.decide.values import is_placeholder, is_reserved
from spec_runner.core.result.masking import secret_values, unmasked_names
from spec_runner.errors import SpecError
from spec_runner.system.document import files

_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./:@%+,=~-]*")


class Source(NamedTuple):
    """Where values come from."""

    name: str
    """As the user knows it: an option, a file."""
    values: Mapping[str, str]
    is_plain: bool = False
    """They are no secrets: they may be shown."""
    is_given: bool = True
    """They are variables of every command, not only values that are asked for."""


class Values(NamedTuple):
    """The values that somebody gave by name, the first source first: never one that only a document names."""

    sources: tuple[Source, ...] = ()
    hidden: frozenset[str] = frozenset()
    """Other secrets that may be seen: they are masked too."""
    warnings: tuple[str, ...] = ()

    def find(self, key: str) -> tuple[str, str] | None:
        """A real value for a key, and the name of its source."""
        for source in self.sources:
            value = source.values.get(key, "")
            if value and not is_placeholder(value):
                return value, source.name
        return None

    def source_of(self, key: str) -> str | None:
        """Where a real value for a key comes from."""
        found = self.find(key)
        return found and found[1]

    def why_missing(self, key: str) -> str:
        """Why there is no real value for a key; the reason holds no value."""
        held = next((source.name for source in self.sources if source.values.get(key)), None)
        return f"{key} has only a placeholder (in {held})" if held else f"{key} has no value"

    @property
    def given(self) -> dict[str, tuple[str, str]]:
        """The variables that every command has: each name's value and its source."""
        sources = (source for source in reversed(self.sources) if source.is_given)
        named = {name: (value, source.name) for source in sources for name, value in source.values.items()}
        return {name: pair for name, pair in named.items() if not is_reserved(name)}

    @property
    def secrets(self) -> frozenset[str]:
        """Every value that is masked."""
        return self.hidden.union(*(source.values.values() for source in self.sources if not source.is_plain))

    @property
    def unmasked(self) -> list[str]:
        """The names of secrets whose values are too short or too common to be masked."""
        return sorted({key for each in self.sources if not each.is_plain for key in unmasked_names(each.values)})


def read_values(
    named: Sequence[tuple[str, str | None]],
    env_file: Path | None,
    config: Mapping[str, str],
    root: Path,
    environment: Mapping[str, str],
) -> Values:
    """The values of ``--env``, ``--env-file``, the spec's configuration and the repository's ``.env``, in this order.

    Of ``named`` those without a value are the caller's own. Raises SpecError for a file that cannot be read.
    """
    callers = {name: environment[name] for name, value in named if value is None and name in environment}
    plain = {name: value for name, value in named if value is not None}
    sources = [Source("--env", plain, is_plain=True), Source("--env", callers)]
    if env_file is not None:
        sources.append(Source(f"--env-file {env_file.name}", _dotenv(env_file)))
    sources.append(Source("spec-run.toml", config, is_plain=True))
    warnings: tuple[str, ...] = ()
    if (own := root / ".env").is_file():
        if own.resolve().is_relative_to(root.resolve()):
            sources.append(Source(".env", _dotenv(own), is_given=False))
        else:
            warnings = (".env leads out of the repository: it is not read; --env-file FILE reads what you name",)
    return Values(
        tuple(source for source in sources if source.values), frozenset(secret_values(environment).values()), warnings
    )


def _dotenv(path: Path) -> dict[str, str]:
    from io import StringIO

    from dotenv import dotenv_values

    try:
        text = files.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError("the file is not UTF-8", todo="save the file as UTF-8", path=str(path)) from None
    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return {key: value for key, value in found.items() if value is not None}


def missing_values(keys: Iterable[str], values: Values) -> str | None:
    """Why keys have no real value, and what gives them one; None where all have."""
    missing = [values.why_missing(key) for key in keys if values.find(key) is None]
    return "; ".join([*missing, "--env NAME or --env-file FILE gives it"]) if missing else None


def with_values(content: bytes, *pairs: Mapping[str, str]) -> bytes:
    """The content of an environment file with these keys set; what else it holds is kept."""
    from tempfile import TemporaryDirectory

    from dotenv import set_key

    with TemporaryDirectory(prefix="spec-run-") as folder:
        # The library edits files only; this one is ours alone.
        path = Path(folder, ".env")
        path.write_bytes(content)
        for key, value in (pair for each in pairs for pair in each.items()):
            mode = "never" if _PLAIN_VALUE.fullmatch(value) else "always"
            set_key(path, key, value, quote_mode=mode, encoding="utf-8")
        return path.read_bytes()


_ALLOWED = frozenset({
    "PATH", "LANG", "LANGUAGE", "TERM", "COLORTERM", "TZ", "USER", "LOGNAME", "SHELL",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO", "PIP_CERT", "CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE",
    "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "OS", "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS", "PROGRAMFILES", "PROGRAMW6432", "PROGRAMDATA", "PSMODULEPATH",
})  # fmt: skip
TOOL_ROOTS = {
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
    for name, folder in TOOL_ROOTS.items():
        place = host.get(name) or (os.path.join(home, folder) if home and folder else "")
        if place and os.path.isdir(place):
            kept[name] = place
    return {name: _without_credentials(value) if "PROXY" in name.upper() else value for name, value in kept.items()}


def _without_credentials(address: str) -> str:
    return re.sub(r"^((?:[\w+.-]+://)?)[^/]*@", r"\1", address)
