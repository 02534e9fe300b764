"""The repository's manifests + what would run → how the work tree is set up first, so that it can be judged in it.

A clean checkout has none of what its manifests ask for: nearly every false accusation came from that.
"""

from __future__ import annotations

import posixpath
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.plan.model import PlannedStep, Setup, SetupStep
from spec_runner.core.shell.programs import Program, names, programs_of
from spec_runner.errors import MALFORMED

MANIFESTS = re.compile(
    r"(?:^|/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|\.yarnrc\.yml"
    r"|bun\.lockb?"
    r"|pyproject\.toml|uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|setup\.(?:py|cfg)|requirements[\w.-]*\.txt"
    r"|requirements/[\w.-]+\.txt|[\w]+-requirements\.txt|Gemfile(?:\.lock)?|composer\.(?:json|lock)|pubspec\.yaml|go\.(?:mod|sum)"
    r"|Cargo\.(?:toml|lock)|schema\.prisma|[\w. -]+\.(?:slnx?|csproj|fsproj)|pom\.xml|mvnw|gradlew"
    r"|(?:settings|build)\.gradle(?:\.kts)?)$"
)
_NOT_OURS = re.compile(r"(?:^|/)(?:node_modules|vendor|\.venv|venv|fixtures?|testdata|templates?|examples?)/")
_NODE = names(
    "npm npx pnpm pnpx yarn bun bunx node tsc tsx ts-node jest vitest mocha eslint prettier vite next nuxt ng"
    " astro"
    " playwright cypress webpack rollup turbo nx lerna biome svelte-check prisma drizzle-kit storybook expo wrangler"
)
_PYTHON = names(
    "python python3 pytest py.test uvicorn gunicorn hypercorn flask django-admin alembic ruff mypy pyright black isort"
    " flake8 pylint coverage tox nox uv poetry pdm pipenv celery streamlit bandit pre-commit mkdocs sphinx-build"
)
_RUBY = names("bundle rake rspec rails rubocop ruby")
_PHP = names("composer php phpunit artisan pest phpstan")
_DART = names("flutter dart")
_GO = names("go gotestsum golangci-lint")
_RUST = names("cargo cross")
_DOTNET = names("dotnet")
_JAVA = names("mvn mvnw gradle gradlew")
_WRAPPERS = names("make just task mage invoke")
"""These may call anything that the repository needs."""
_INSTALLS = {
    "node": re.compile(
        r"\b(?:npm (?:ci|i|install)|pnpm (?:i|install)|bun install)\b|\byarn(?: install)?(?=\s*(?:$|&&|;|--))"
    ),
    "python": re.compile(
        r"\bpip3? install (?:-\S+ )*(?:-[re]\b|--requirement|--editable|['\"]?\.)"
        r"|\b(?:uv (?:sync|pip install|venv)|poetry install|pdm (?:install|sync)|pipenv (?:install|sync))\b"
    ),
    "ruby": re.compile(r"\bbundle install\b"),
    "php": re.compile(r"\bcomposer install\b"),
    "dart": re.compile(r"\bpub get\b"),
    "go": re.compile(r"\bgo mod (?:download|tidy)\b"),
    "rust": re.compile(r"\bcargo fetch\b"),
    "dotnet": re.compile(r"\bdotnet restore\b"),
    "java": re.compile(r"\bmvnw? .*dependency:|\bgradlew? .*dependencies\b"),
}  # fmt: skip
_OF_PROGRAM = {
    **dict.fromkeys(_NODE, "node"), **dict.fromkeys(_PYTHON, "python"), **dict.fromkeys(_RUBY, "ruby"),
    **dict.fromkeys(_PHP, "php"), **dict.fromkeys(_DART, "dart"),
    **dict.fromkeys(_GO, "go"), **dict.fromkeys(_RUST, "rust"),
    **dict.fromkeys(_DOTNET, "dotnet"), **dict.fromkeys(_JAVA, "java"),
}  # fmt: skip
_FOUND_BY = {
    "node": ("package.json",),
    "python": ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pyproject.toml", "setup.py", "requirements.txt"),
    "ruby": ("Gemfile",),
    "php": ("composer.json",),
    "dart": ("pubspec.yaml",),
    "go": ("go.mod",),
    "rust": ("Cargo.toml",),
    "dotnet": (".sln", ".slnx", ".csproj", ".fsproj"),
    "java": ("pom.xml", "settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"),
}
"""The names of manifests; of .NET their endings."""
_DEVELOPMENT = re.compile(r"(?:^|[/-])(?:dev|test|tests|testing|development|ci|lint)(?:[.-]|$)")
_DOCUMENTS = re.compile(r"(?:docs?|documentation|mkdocs|sphinx|all)$")
_RUNS_TESTS = names("pytest py.test unittest tox nox coverage")
_HUGE = re.compile(r"(?:torch|tensorflow|jax|nvidia|cuda|vllm|triton|xformers|paddlepaddle|mxnet|pyspark)")
"""Packages of which one takes longer than everything else together."""
_EXTRAS = ("dev", "test", "tests", "testing", "all", "development", "lint")


def setup_digest(setup: Setup) -> str:
    """What a setup does, as a short fixed text."""
    import json
    from hashlib import sha256

    parts = [[step.command, step.cwd] for step in setup.steps] + [[setup.content]]
    return sha256(json.dumps(parts).encode()).hexdigest()[:16]


class Manifests(NamedTuple):
    """The manifests and lock files of a repository."""

    files: frozenset[str] = frozenset()
    read: Callable[[str], str] = lambda path: ""

    def in_folder(self, folder: str, name: str) -> str | None:
        """The path of a file in a folder, if it is there; of a name that begins with a dot, a file that ends so."""
        if name.startswith("."):
            found = (path for path in self.files if (posixpath.dirname(path) or directories.ROOT) == folder)
            return min((path for path in found if path.endswith(name)), default=None)
        path = directories.join(folder, name)
        return path if path in self.files else None


def given_setup(commands: Iterable[str], why: str) -> Setup:
    """The setup that the user or the configuration names, instead of what the manifests say."""
    return Setup(tuple(SetupStep(command, directories.ROOT, why) for command in commands))


def plan_setup(
    steps: Sequence[PlannedStep],
    manifests: Manifests,
    done: Iterable[PlannedStep] = (),
    tools: Iterable[str] = (),
    activated: str | None = None,
) -> Setup:
    """What has to be done before these steps are judged; what one of them does itself first is left to it.

    ``done`` are steps whose work is in the work tree already, ``tools`` the programs of others that it is shared with.
    ``activated`` is the folder of the user's own environment of Python: it counts where no manifest says what to have.
    """
    needed, notes = dict[tuple[str, str], str](), list[str]()
    installed: dict[str, int] = {}
    covered: set[tuple[str, str | None]] = set()
    for planned in done:
        _note_installs(planned, manifests, installed, covered)
    for planned in steps:
        if planned.action != "run" or planned.step.kind not in ("command", "service"):
            continue
        _note_installs(planned, manifests, installed, covered)
        for ecosystem, folder in _needs(planned, manifests):
            if not any((ecosystem, above) in covered for above in (*_upwards(folder), None)):
                needed.setdefault((ecosystem, folder), planned.step.command)
    for ecosystem, line in installed.items():
        if any(each == ecosystem for each, _ in needed) or _has(manifests, ecosystem):
            notes.append(f"line {line} sets up {ecosystem} itself")
    used = tools_of(steps)
    made = [step for ecosystem, folder in needed for step in _steps(ecosystem, folder, manifests, used.union(tools))]
    if activated and "python" not in installed:
        if any(step.ecosystem == "python" for step in made):
            notes.append(f'your environment {activated} is not used; --setup "{_activation(activated)}" takes it')
        elif used & _PYTHON:
            why = "your environment; no manifest says what Python needs"
            made.append(SetupStep(_activation(activated), directories.ROOT, why, "python"))
    once = tuple({(step.command, step.cwd): step for step in made}.values())
    return Setup(once, tuple(notes), own=frozenset(installed), content=_content(once, manifests))


def _note_installs(
    planned: PlannedStep, manifests: Manifests, installed: dict[str, int], covered: set[tuple[str, str | None]]
) -> None:
    """Note what a step installs itself, and in which folder; None for the folder where nobody can tell."""
    for ecosystem, pattern in _INSTALLS.items():
        if pattern.search(planned.step.command):
            installed.setdefault(ecosystem, planned.step.line)
            covered.update((each, folder) for each, folder in _needs(planned, manifests) if each == ecosystem)
            if not any(each == ecosystem for each, _ in covered):
                covered.add((ecosystem, None))


def _activation(environment: str) -> str:
    return f". {shlex.quote(environment)}/bin/activate"


def tools_of(steps: Iterable[PlannedStep]) -> frozenset[str]:
    """The names of the programs that steps call."""
    return frozenset(program.name for planned in steps for program in programs_of(planned.step.command))


def shared_setups(setups: Sequence[Setup], manifests: Manifests) -> list[Setup]:
    """The setups of the specs of one repository, each with what the others need too: so it is done once for all.

    What a spec sets up itself is not in its own; a spec that needs nothing gets nothing.
    """
    wanted = dict.fromkeys(step for setup in setups for step in setup.steps)

    def widened(setup: Setup) -> Setup:
        steps = tuple(step for step in wanted if step in setup.steps or step.ecosystem not in setup.own)
        return setup._replace(steps=steps, content=_content(steps, manifests)) if setup.steps else setup

    return [widened(setup) for setup in setups]


def _content(steps: Sequence[SetupStep], manifests: Manifests) -> str:
    if not steps:
        return ""
    from hashlib import sha256

    folders = {step.cwd for step in steps}
    used = sorted(path for path in manifests.files if (posixpath.dirname(path) or directories.ROOT) in folders)
    return sha256("\0".join(manifests.read(path) for path in used).encode()).hexdigest()[:16]


def _has(manifests: Manifests, ecosystem: str) -> bool:
    return any(posixpath.basename(path).endswith(_FOUND_BY[ecosystem]) for path in manifests.files)


def _needs(planned: PlannedStep, manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Which folders' dependencies of which ecosystem a step needs."""
    where = planned.cwd or directories.ROOT
    moved = directories.after(planned.step.command, where) or where
    for program in programs_of(planned.step.command):
        if program.name in _WRAPPERS or _is_script(program):
            wanted: tuple[str, ...] = tuple(_FOUND_BY)
        else:
            wanted = (_OF_PROGRAM[program.name],) if program.name in _OF_PROGRAM else ()
        for ecosystem in wanted:
            folder = _home(ecosystem, (moved, *_named_folders(program, moved)), manifests)
            if folder is not None:
                yield ecosystem, folder


def _is_script(program: Program) -> bool:
    return program.command.words[:1] != () and program.command.words[0].startswith(("./", "scripts/", "bin/"))


def _named_folders(program: Program, where: str) -> Iterator[str]:
    """The folders of the paths that a program is given."""
    for word in program.args:
        path = word.rpartition("=")[2].partition("::")[0]
        if "/" in path or program.has("--prefix", "-C", "--cwd", "--dir"):
            joined = posixpath.normpath(posixpath.join(where, path))
            if not joined.startswith(("..", "/")):
                yield joined


def _home(ecosystem: str, folders: Iterable[str], manifests: Manifests) -> str | None:
    """The nearest folder above these that has a manifest; else the only one of the repository that has."""
    for folder in folders:
        for above in _upwards(folder):
            if any(manifests.in_folder(above, name) for name in _FOUND_BY[ecosystem]):
                return above
    homes = {
        posixpath.dirname(path) or directories.ROOT
        for path in manifests.files
        if posixpath.basename(path).endswith(_FOUND_BY[ecosystem]) and not _NOT_OURS.search(path)
    }
    return next(iter(homes)) if len(homes) == 1 else None


def _upwards(folder: str) -> Iterator[str]:
    while folder not in ("", directories.ROOT):
        yield folder
        folder = posixpath.dirname(folder)
    yield directories.ROOT


def _steps(ecosystem: str, folder: str, manifests: Manifests, tools: frozenset[str]) -> Iterator[SetupStep]:
    match ecosystem:
        case "node":
            yield from _node(folder, manifests)
            yield from _prisma(folder, manifests)
            yield from _own_programs(folder, manifests, tools)
        case "python":
            yield from _python(folder, manifests, tools)
        case "ruby":
            yield SetupStep("bundle install", folder, _why("Gemfile", folder), ecosystem)
        case "php":
            yield SetupStep("composer install --no-interaction", folder, _why("composer.json", folder), ecosystem)
        case "go":
            yield SetupStep("go mod download", folder, _why("go.mod", folder), ecosystem)
        case "rust":
            yield SetupStep("cargo fetch", folder, _why("Cargo.toml", folder), ecosystem)
        case "dotnet":
            named = next(filter(None, (manifests.in_folder(folder, each) for each in _FOUND_BY[ecosystem])), "")
            yield SetupStep("dotnet restore", folder, f"{named} is there", ecosystem)
        case "java":
            yield _java(folder, manifests)
        case _:
            text = manifests.read(directories.join(folder, "pubspec.yaml"))
            tool = "flutter" if "flutter:" in text else "dart"
            yield SetupStep(f"{tool} pub get", folder, _why("pubspec.yaml", folder), ecosystem)


def _java(folder: str, manifests: Manifests) -> SetupStep:
    """What Maven and Gradle fetch; the modules of the project itself, which nobody has built yet, are no failure."""
    if manifests.in_folder(folder, "pom.xml"):
        program = "./mvnw" if manifests.in_folder(folder, "mvnw") else "mvn"
        return SetupStep(f"{program} -B -q -fn dependency:go-offline", folder, _why("pom.xml", folder), "java")
    program = "./gradlew" if manifests.in_folder(folder, "gradlew") else "gradle"
    named = next(each for each in _FOUND_BY["java"] if manifests.in_folder(folder, each))
    return SetupStep(f"{program} --no-daemon -q dependencies", folder, _why(named, folder), "java")


def _why(name: str, folder: str) -> str:
    return f"{directories.join(folder, name)} is there"


_NODE_LOCKS = (
    ("package-lock.json", "npm ci"),
    ("npm-shrinkwrap.json", "npm ci"),
    ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
    ("yarn.lock", "yarn install --frozen-lockfile"),
    ("bun.lock", "bun install --frozen-lockfile"),
    ("bun.lockb", "bun install --frozen-lockfile"),
)


def _node(folder: str, manifests: Manifests) -> Iterator[SetupStep]:
    """The lock file of the folder, or of one above it: of a workspace the root has it."""
    for above in _upwards(folder):
        for lock, command in _NODE_LOCKS:
            if manifests.in_folder(above, lock):
                if command == "npm ci" and not _is_in_step(above, lock, manifests):
                    why = f"{directories.join(above, lock)} is out of step with package.json"
                    yield SetupStep("npm install --no-audit --no-fund", above, why, "node")
                    return
                if lock == "yarn.lock" and manifests.in_folder(above, ".yarnrc.yml"):
                    command = "yarn install --immutable"
                yield SetupStep(command, above, _why(lock, above), "node")
                return
    made = _json(manifests.read(directories.join(folder, "package.json")))
    if any(made.get(key) for key in ("dependencies", "devDependencies", "workspaces")):
        why = f"{directories.join(folder, 'package.json')} has no lock file"
        yield SetupStep("npm install --no-audit --no-fund", folder, why, "node")


_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies")


def _is_in_step(folder: str, lock: str, manifests: Manifests) -> bool:
    """Whether a lock file has what the package.json of its folder, and of its workspaces, asks for."""
    packages = _json(manifests.read(directories.join(folder, lock))).get("packages")
    for place, locked in packages.items() if isinstance(packages, dict) else ():
        path = directories.join(folder, posixpath.join(place, "package.json"))
        if "node_modules" in place or not isinstance(locked, dict) or path not in manifests.files:
            continue
        asked = _json(manifests.read(path))
        if any((asked.get(key) or {}) != (locked.get(key) or {}) for key in _DEPENDENCIES):
            return False
    return True


def _prisma(folder: str, manifests: Manifests) -> Iterator[SetupStep]:
    """The client that code imports is no package: it is made from the schema."""
    schema = manifests.in_folder(directories.join(folder, "prisma"), "schema.prisma")
    if schema and '"prisma"' in manifests.read(directories.join(folder, "package.json")):
        yield SetupStep("npx --no-install prisma generate", folder, _why("prisma/schema.prisma", folder), "node")


def _own_programs(folder: str, manifests: Manifests, tools: frozenset[str]) -> Iterator[SetupStep]:
    """The programs that the repository itself brings, where a step calls them by name."""
    made = _json(manifests.read(directories.join(folder, "package.json")))
    named = made.get("bin")
    if isinstance(named, str) and isinstance(made.get("name"), str):
        named = {str(made["name"]).rpartition("/")[2]: named}
    for name, path in sorted(named.items()) if isinstance(named, dict) else ():
        if name in tools and isinstance(path, str) and re.fullmatch(r"[\w.-]+", name):
            script = shlex.quote(path)
            wrapper = """printf '#!/bin/sh\\nexec node %q "$@"\\n'"""
            yield SetupStep(
                f'test -f {script} && mkdir -p ~/.own && {wrapper} "$PWD"/{script} >~/.own/{name}'
                f" && chmod +x ~/.own/{name} && export PATH=~/.own:$PATH",
                folder, f"{directories.join(folder, 'package.json')} names the program {name}", "node",
            )  # fmt: skip


def _json(text: str) -> Mapping[str, object]:
    import json

    try:
        made = json.loads(text)
    except MALFORMED:
        return {}
    return made if isinstance(made, dict) else {}


def _python(folder: str, manifests: Manifests, tools: frozenset[str]) -> Iterator[SetupStep]:
    """By the lock file, else by what the project itself says, else by its lists of requirements."""
    project = manifests.read(directories.join(folder, "pyproject.toml"))
    extras, groups = extras_for(project, tools)
    if manifests.in_folder(folder, "uv.lock"):
        of_groups = [f"--group {each}" for each in groups if each != "dev"]
        narrow, wide = (
            " ".join(["uv sync --frozen", *(f"--extra {each}" for each in chosen), *of_groups])
            for chosen in (extras, tested_extras(project, tools, extras))
        )
        command = narrow if narrow == wide else f"{{ {wide} || {narrow}; }}"
        yield SetupStep(f"{command} && . .venv/bin/activate", folder, _why("uv.lock", folder), "python")
    elif manifests.in_folder(folder, "poetry.lock"):
        command = "POETRY_VIRTUALENVS_CREATE=false poetry install --no-interaction --all-extras"
        yield SetupStep(command, folder, _why("poetry.lock", folder), "python")
    elif manifests.in_folder(folder, "pdm.lock"):
        command = "pdm sync -G :all && . .venv/bin/activate"
        yield SetupStep(command, folder, _why("pdm.lock", folder), "python")
    elif manifests.in_folder(folder, "Pipfile.lock"):
        command = "PIPENV_IGNORE_VIRTUALENVS=0 pipenv sync --dev"
        yield SetupStep(command, folder, _why("Pipfile.lock", folder), "python")
    else:
        yield from _pip(folder, manifests, project, extras, groups, tested_extras(project, tools, extras))


def _pip(
    folder: str,
    manifests: Manifests,
    project: str,
    extras: Sequence[str],
    groups: Sequence[str],
    tested: Sequence[str],
) -> Iterator[SetupStep]:
    for path in sorted(_requirements(folder, manifests)):
        shown = path if folder == directories.ROOT else path[len(folder) + 1 :]
        yield SetupStep(f"pip install -r {shown}", folder, f"{path} is there", "python")
    packaged = re.search(r"^\[(?:project|tool\.poetry)\]", project, re.MULTILINE) or manifests.in_folder(
        folder, "setup.py"
    )
    if packaged:
        named = [f'".[{",".join(chosen)}]"' if chosen else "." for chosen in (tested, extras)]
        install = " || ".join(dict.fromkeys(f"pip install -e {each}" for each in named))
        source = "pyproject.toml" if project else "setup.py"
        yield SetupStep(install, folder, _why(source, folder), "python")
    for group in groups:
        wanted = " ".join(f"'{each}'" for each in _lists(_toml(project), "dependency-groups")[group])
        if wanted:
            why = f"the group {group} of {directories.join(folder, 'pyproject.toml')}"
            yield SetupStep(f"pip install {wanted}", folder, why, "python")


def _requirements(folder: str, manifests: Manifests) -> Iterator[str]:
    """The lists of requirements of a folder: the plain one, and those for work on it."""
    for path in manifests.files:
        where, name = posixpath.split(path)
        is_list = name.endswith(".txt")
        if is_list and (where or directories.ROOT) == folder:
            if name == "requirements.txt" or _DEVELOPMENT.search(name.removeprefix("requirements")):
                yield path
        elif is_list and where == directories.join(folder, "requirements") and _DEVELOPMENT.search(name):
            yield path


def lacking(command: str, failed: Mapping[str, str]) -> str | None:
    """Which command of the setup failed that this one needs; None where none did."""
    if not failed:
        return None
    wanted = ecosystems_of(command)
    return next((each for name, each in failed.items() if not name or name in wanted), None)


def ecosystems_of(command: str) -> frozenset[str]:
    """The ecosystems that a command may need something of; what may call anything may need any of them."""
    programs = programs_of(command)
    if any(program.name in _WRAPPERS or _is_script(program) for program in programs):
        return frozenset(_FOUND_BY)
    return frozenset(_OF_PROGRAM[program.name] for program in programs if program.name in _OF_PROGRAM)


class Install(NamedTuple):
    """What a command installs."""

    ecosystem: str
    named: bool = False
    """Packages that it names, not those that a manifest asks for."""
    is_recorded: bool = False
    """The manifest asks for them from then on."""


def installs_of(command: str) -> Iterator[Install]:
    """What a command installs, by ecosystem."""
    for program in programs_of(command):
        ecosystem = _OF_INSTALLER.get(program.name) or _OF_PROGRAM.get(program.name)
        verbs = program.verbs[1:] if program.verbs[:1] in (("pip",), ("tool",)) else program.verbs
        if ecosystem and (verbs[:1] or ("",))[0] in _INSTALLING:
            named = any(not _MANIFEST_WORD.match(word) for word in verbs[1:])
            own = program.name in _OF_INSTALLER or verbs != program.verbs or program.has("-g", "--global")
            yield Install(ecosystem, named, not own)


_OF_INSTALLER = {"pip": "python", "pip3": "python", "pipx": "python", "gem": "ruby"}
_INSTALLING = names("install i add ci sync get require")
_MANIFEST_WORD = re.compile(r"\.(?:\[.*\])?$|.*\.txt$")


# What is declared.


def _toml(text: str) -> Mapping[str, Any]:
    """A TOML text; nothing for one that is none."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _lists(project: Mapping[str, Any], *path: str) -> Mapping[str, list[str]]:
    """The lists of strings in a table: extras, groups."""
    table: Any = project
    for name in path:
        table = table.get(name) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return {}
    lists = {name: value for name, value in table.items() if isinstance(value, list)}
    return {name: [each for each in value if isinstance(each, str)] for name, value in lists.items()}


def extras_for(project: str, tools: Iterable[str]) -> tuple[list[str], list[str]]:
    """The extras and the groups of a project that its tasks' tools come from, and those that are for work on it."""
    wanted, made = {tool.lower() for tool in tools}, _toml(project)

    def chosen(*path: str) -> list[str]:
        found = _lists(made, *path).items()
        return [name for name, each in found if name in _EXTRAS or wanted & {*map(package_name, each)}]

    return chosen("project", "optional-dependencies"), chosen("dependency-groups")


def tested_extras(project: str, tools: Iterable[str], chosen: Sequence[str]) -> Sequence[str]:
    """The extras that tests may need to be run whole: all but documentation, where none of them is huge."""
    found = _lists(_toml(project), "project", "optional-dependencies")
    is_huge = any(_HUGE.match(package_name(each)) for wanted in found.values() for each in wanted)
    if is_huge or not _RUNS_TESTS & {*tools}:
        return chosen
    return [name for name in found if name in chosen or not _DOCUMENTS.match(name)]


def package_name(requirement: str) -> str:
    """The name of a package without its versions, in lower case with ``-``."""
    return re.split(r"[\s\[<>=!~;@(]", requirement.strip(), maxsplit=1)[0].lower().replace("_", "-")


def declared_in(manifests: Manifests) -> frozenset[str]:
    """Every package that some manifest of the repository names."""
    found: set[str] = set()
    for path in manifests.files:
        name = posixpath.basename(path)
        if name == "package.json":
            made = _json(manifests.read(path))
            for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
                listed = made.get(key)
                found |= {each.lower() for each in listed} if isinstance(listed, dict) else set()
        elif name.endswith(".txt"):
            found |= {package_name(line) for line in manifests.read(path).splitlines() if line[:1].isalnum()}
        elif name in ("pyproject.toml", "setup.py", "setup.cfg"):
            text = manifests.read(path)
            found |= {package_name(a or b) for a, b in re.findall(r"\"([\w.-]+[^\"\n]*)\"|'([\w.-]+[^'\n]*)'", text)}
            found |= {package_name(each) for each in re.findall(r"^\s*([\w.-]+)\s*=", text, re.MULTILINE)}
        elif name == "Gemfile":
            found |= set(re.findall(r"gem ['\"]([\w-]+)", manifests.read(path)))
    return frozenset(found)
