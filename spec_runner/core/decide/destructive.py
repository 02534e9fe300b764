"""Which programs destroy what a work tree does not give back: files elsewhere, work nobody saved, data, devices."""

# Annotations are evaluated here: for named tuples that is quicker than keeping them as texts.
import posixpath
import re

from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.programs import Program, found_by, names

_SAFE_WRITES = ("/tmp", "/var/tmp", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd")
_DESTROYERS = names(
    "shred wipefs blkdiscard fdisk sfdisk parted mkswap dropdb dropuser killall pkill taskkill kill-port fkill"
)
_REMOVERS = names("rm rmdir unlink srm trash rimraf del remove-item")
_WRITERS = names("tee truncate")
_DISCARDING = names("checkout restore clean filter-branch filter-repo stash branch reset update-ref reflog gc")
_MIGRATORS = names(
    "prisma migrate knex goose alembic sequelize-cli dbmate supabase diesel flyway liquibase typeorm drizzle-kit"
)
_ROLLS_BACK = names(
    "reset down downgrade drop rollback down-to clean drop-all dropall rollback:all schema:drop migration:revert"
)
_SHOWS_TEXT = names(
    "echo printf cat grep egrep fgrep rg ag ack git sed awk perl head tail less more ls find test [ true false gh man"
    " which type wc diff sort uniq jq yq tr cut docker-lint shellcheck"
)
"""Programs whose words are text to them, whatever they say."""
_DROPS = Lazy(
    r"\b(?:drop\s+(?:table|database|schema|collection|index|view|user|role)|truncate\s+(?:table\s+)?\w"
    r"|delete\s+from\s+[\w.\"`]+\s*(?:;|$))|\.(?:drop|dropDatabase|deleteMany)\(\s*(?:\{\s*\})?\s*\)"
    r"|^flush(?:all|db)\b",
    re.IGNORECASE,
    needs="drop|truncate|delete|flush",
)
_UNDOES = Lazy(
    r"(?:^|:)(?:drop|reset|fresh|wipe|down|rollback|revert|flush)$",
    needs="drop|reset|fresh|wipe|down|rollback|revert|flush",
)
_BOMB = Lazy(r"([\w:.]{1,40})\(\)\{\1\|\1&\};\1", needs="(){")
_PASSING = Lazy(r"\$\{?(?:TMP|TEMP|tmp|temp)(?:DIR|dir)?(?![A-Za-z])|\$\(mktemp\b", needs="tmp|temp")


def destroys(programs: tuple[Program, ...], command: str) -> bool:
    """Whether one of the programs destroys something; where each stands is followed."""
    base = ""
    for program in programs:
        if program.name in ("cd", "pushd") and program.operands:
            base = _below(base, program.operands[0])
        if any(_is_foreign(_below(base, path)) for path in program.command.writes):
            return True
        if _destroys_alone(program, base):
            return True
    return "(" in command and _BOMB.search(re.sub(r"\s", "", command)) is not None


def _destroys_alone(program: Program, base: str) -> bool:
    name, args = program.name, program.args
    if name in _REMOVERS:
        swept = name == "rimraf" or program.has("-r", "-R", "--recursive", "-Recurse")
        return any(_is_precious(_below(base, path), swept) for path in _files_of(program))
    if name == "git":
        return _git_discards(program)
    if name in _DESTROYERS or name.startswith("mkfs"):
        return not program.has("-l", "--list", "--version", "--help")
    if name in ("dd", "find", "chmod", "chown", "fuser", "kill", "crontab", *_WRITERS):
        return _destroys_by(program, base)
    if name in ("docker", "docker-compose", "podman"):
        return "prune" in args or ("down" in args and program.has("-v", "--volumes")) or args[:2] == ("volume", "rm")
    return name not in _SHOWS_TEXT and _drops_data(program)


def _destroys_by(program: Program, base: str) -> bool:
    """Programs that destroy with some of their words."""
    name, args, operands = program.name, program.args, program.operands
    if name == "dd":
        return any(word.startswith("of=") and _is_foreign(_below(base, word[3:])) for word in args)
    if name == "find":
        return "-delete" in args and _is_precious(_below(base, found_by(args)), True)
    if name in ("chmod", "chown"):
        return program.has("-R", "--recursive") and any(_is_foreign(path) for path in operands[1:])
    if name == "kill":
        return "-1" in args[1:]
    if name in _WRITERS:
        return any(_is_foreign(_below(base, path)) for path in operands)
    return program.has("-r" if name == "crontab" else "-k")


def _files_of(program: Program) -> tuple[str, ...]:
    if "--" in program.args:
        at = program.args.index("--")
        return tuple(word for word in program.args[:at] if not word.startswith("-")) + program.args[at + 1 :]
    return program.operands


def _git_discards(program: Program) -> bool:
    """Whether work that was not committed, or a commit that nothing else names, would be gone."""
    verb, *words = program.verbs or ("",)
    if verb not in _DISCARDING and verb != "push":
        return verb == "worktree" and words[:1] == ["remove"] and program.has("-f", "--force")
    if verb == "push":
        forced = program.has("-f", "--force", "--force-with-lease", "--mirror", "--delete", "-d")
        return forced or any(word.startswith(("+", ":")) for word in words)
    if verb == "checkout":
        return "--" in program.args or words[:1] == ["."] or program.has("-f", "--force")
    if verb in ("restore", "clean", "filter-branch", "filter-repo"):
        return not program.has("-n", "--dry-run", "--staged")
    if verb == "stash":
        return words[:1] not in (["list"], ["show"])
    if verb == "branch":
        return "-D" in program.args
    if verb == "gc":
        return any(word.startswith("--prune=") for word in program.args)
    if verb in ("update-ref", "reflog"):
        return "-d" in program.args or words[:1] in (["expire"], ["delete"])
    return "--hard" in program.args


def _drops_data(program: Program) -> bool:
    """Databases that are emptied or rolled back, by the subcommands that migration tools share."""
    words = program.operands
    if any(":" in word and " " not in word and _UNDOES.search(word) for word in words):
        return True
    if program.name in _MIGRATORS and program.has("--force-reset", "--accept-data-loss"):
        return True
    if program.name in _MIGRATORS and _ROLLS_BACK & set(words):
        return True
    if program.name == "mysqladmin":
        return "drop" in words
    if "manage.py" in words:
        return "flush" in words or "reset_db" in words
    rolls_back = words[-1:] in (("down",), ("reset",)) or words[-2:-1] == ("down",)
    if rolls_back and any(re.search(r"(?:^|[/:])migrat\w*$|^db$", word) for word in words[:-1]):
        return True
    return any(_DROPS.search(word) for word in (*program.args, program.fed))


def _is_precious(path: str, swept: bool) -> bool:
    """Whether removing this reaches beyond what a work tree can spare."""
    bare = path.strip("'\"").removesuffix("/*").removesuffix("/.") or "/"
    if posixpath.normpath(bare) in (".", "*", ".git", ".*") or bare.startswith(".git/"):
        return swept
    if swept and bare.startswith(("$", "`")) and not _PASSING.match(bare):
        return True
    return _is_foreign(bare)


def _below(base: str, path: str) -> str:
    return path if path.startswith(("~", "$", "`")) else posixpath.join(base, path)


def _is_foreign(path: str) -> bool:
    """Whether a path leads out of the work tree, temporary folders aside."""
    path = path.strip("'\"")
    if path.startswith(("~", "$HOME", "${HOME}")) or re.match(r"[A-Za-z]:[\\/]", path):
        return True
    whole = posixpath.normpath(path.replace("\\", "/"))
    if path.startswith("/"):
        return whole not in _SAFE_WRITES and not whole.startswith(tuple(f"{safe}/" for safe in _SAFE_WRITES))
    return whole == ".." or whole.startswith("../")
