"""What looking into a tree says of the files that ticked tasks name: present, missing, not found or moved.

Looking never proves and never accuses: a file is there nearly as often under an open task, and half of the work behind
a file that never was stands somewhere else.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import takewhile
from textwrap import dedent
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.core.decide.paths import CODE, PathMention, path_mentions
from spec_runner.core.text.document import Document, Task

Sight: TypeAlias = Literal["missing", "not found", "moved", "present"]
SIGHTS: tuple[Sight, ...] = ("missing", "not found", "moved", "present")
"""The verdicts of looking, the weightiest first."""


class Fate(NamedTuple):
    """What became of a file that is not in the tree any more."""

    commit: str
    renamed_to: str | None = None
    """None: it was deleted."""
    is_seen: bool = False
    """The commit has it, and none that was read deleted it: it is on another branch, or a merge left it out."""


class Looked(NamedTuple):
    """What looking says of one file that a task names."""

    path: str
    sight: Sight
    line: int
    detail: str = ""
    """What looks like it, where it went, or what was seen in it."""
    unused: tuple[str, ...] = ()
    """Functions that the task makes there and that no code names but where they are defined."""
    lacks: bool = False
    """The file is there; what the words say of its content is what is not found."""


class DocumentLooked(NamedTuple):
    """What looking says of a whole document."""

    tasks: Mapping[str, tuple[Looked, ...]]
    """By the key of the task; a task with nothing to go by is not in it."""
    foreign: tuple[int, int] | None = None
    """So many of so many files never existed: the document may be the plan of another tree."""


_FAMILIES = (
    "ts tsx js jsx mjs cjs mts cts", "yml yaml", "md mdx rst adoc txt", "css scss sass less", "html htm hbs ejs",
    "c cc cpp cxx h hpp", "cs razor cshtml", "kt kts java", "sh bash zsh", "json jsonc json5 toml yaml yml ini cfg",
    "sql prisma",
)  # fmt: skip
_FAMILY = {ending: family.split()[0] for family in reversed(_FAMILIES) for ending in family.split()}
_LEFT_OUT = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "ico",
        "webp",
        "pdf",
        "woff",
        "woff2",
        "ttf",
        "db",
        "sqlite",
        "sqlite3",
        "lock",
        "log",
        "zip",
        "gz",
        "tar",
        "map",
        "env",
        "local",
    ]
)
"""Endings of what is made, drawn or kept out of Git."""
_OUTPUT = re.compile(
    r"(?:^|/)(?:dist|build|out|target|coverage|node_modules|\.next|\.venv|venv|__pycache__|bin|obj|tmp|logs?)/"
)
_ENV = re.compile(r"(?:^|/)\.env|\.env(?:\.|$)")
_OLD = re.compile(r"(?:^|/)[^/]*(?:archived?|legacy|deprecated|old|backup)[^/]*/", re.IGNORECASE)
_SPECS = re.compile(r"((?:[^/]+/)*?)\.?(?:specs|openspec|kiro)/")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_TEST = re.compile(
    r"(?:^|/)(?:tests?|e2e|__tests__)/|(?:^|[/_.-])(?:tests?|specs?|e2e)[_.-]|Tests?\.\w+$|_spec\.", re.IGNORECASE
)
_GENERIC = frozenset(
    [
        "index",
        "main",
        "app",
        "mod",
        "lib",
        "utils",
        "util",
        "helpers",
        "types",
        "constants",
        "config",
        "conftest",
        "__init__",
        "page",
        "layout",
        "route",
        "styles",
        "setup",
        "readme",
        "test",
        "tests",
        "spec",
        "models",
        "schemas",
        "routes",
        "service",
        "services",
    ]
)
_MEMBERS = re.compile(
    r"^\.?(eslint|vitest|jest|prettier|tailwind|postcss|playwright|docker-?compose|compose|tsconfig|readme|changelog|webpack|vite|babel)\b",
    re.IGNORECASE,
)
"""Files that a tool takes under several names."""


class Names:
    """The files of a tree, to be asked for a path, its ending, or something like it."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = tuple(files)
        self._base = ""
        self._others: tuple[str, ...] = ()

    def seen_from(self, document: str) -> Names:
        """The same files, named as a document names them: from the folder that holds its specs, else from the root.

        What lies in another folder with specs of its own belongs to another project.
        """
        holders = {match.group(1) for file in self.files if (match := _SPECS.match(file))}
        own = _SPECS.match(document)
        seen = copy(self)
        seen._base = own.group(1) if own else ""
        seen._others = tuple(sorted(each for each in holders if each and not f"{seen._base}/".startswith(f"{each}")))
        return seen

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for file in self.files:
            found[file.rpartition("/")[2].lower()].append(file)
        return found

    @cached_property
    def _by_folder(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for file in self.files:
            found[file.lower().rpartition("/")[0]].append(file)
        return found

    @cached_property
    def _by_word(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for file in self.files:
            for word in words_of(_stem(file)):
                found[word].add(file)
        return found

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder, in lower case."""
        found = set[str]()
        for file in self.files:
            parts = file.lower().split("/")
            found.update("/".join(parts[:end]) for end in range(1, len(parts)))
        return frozenset(found)

    def has_name(self, name: str) -> bool:
        """Whether any file is called so."""
        return name.lower() in self._by_name

    def has_folder(self, folder: str) -> bool:
        return folder.lower() in self.folders

    def find(self, path: str) -> list[str]:
        """The files that a path means: that file, from the base, or those that end in it, in whatever case."""
        wanted = path.lower()
        found = [file for file in self._by_name.get(wanted.rpartition("/")[2], ()) if _ends_in(file.lower(), wanted)]
        exact = [file for file in found if file.lower() in (wanted, f"{self._base}{wanted}".lower())]
        return exact or self._own(found)

    def same(self, path: str, kind: str) -> str | None:
        """The file in the same folder whose name says the same, else that of the very same name that stands nearest."""
        folder, _, name = path.lower().rpartition("/")
        beside = (file for file in self._own(self._by_folder.get(folder, ())) if kind_of(file) == kind)
        found = self._own(self._by_name.get(name, ()))
        if _stem(path).lower() in _GENERIC:
            # Every folder may have one.
            found = [file for file in found if file.lower().split("/")[-2:-1] == folder.split("/")[-1:]]
        return next((file for file in beside if _is_same_name(file, path)), None) or min(
            found, key=lambda file: (-_common(file.lower(), path.lower()), file), default=None
        )

    def _own(self, files: Iterable[str]) -> list[str]:
        """Without those of other projects."""
        return [file for file in files if not file.startswith(self._others or ("\0",))]

    def like(self, path: str, kind: str) -> str | None:
        """A file that may be what the path means by another name, or a folder of its name that holds such files."""
        if _stem(path).lower() in _GENERIC:
            return self._member_like(path)
        words, every = words_of(_stem(path)), _name_words(path)
        folder = _variants(words_of(path.rpartition("/")[0].rpartition("/")[2]))
        best: tuple[float, int, int, str] | None = None
        for file in self._own({file for word in words | _variants(words) for file in self._by_word.get(word, ())}):
            likeness = _likeness(words, file, kind, path)
            rank = (-likeness, len((every ^ _name_words(file)) - folder), -_common(file, path), file)
            if likeness and (best is None or rank < best):
                best = rank
        return best[3] if best else self._member_like(path) or self._folder_like(path, kind)

    def _member_like(self, path: str) -> str | None:
        """Another file of the tool whose file this is."""
        member = _MEMBERS.match(path.rpartition("/")[2].lower())
        if member is None:
            return None
        named = (
            files
            for name, files in self._by_name.items()
            if _MEMBERS.match(name) and name.lstrip(".").startswith(member.group(1))
        )
        return next((file for files in named for file in self._own(files)), None)

    def _folder_like(self, path: str, kind: str) -> str | None:
        folders = self._folders_named.get(_stem(path).lower(), ())
        held = ((folder, self._own(self._by_folder[folder])) for folder in folders)
        return next((folder for folder, files in held if any(kind_of(file) == kind for file in files)), None)

    @cached_property
    def _folders_named(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for folder in self._by_folder:
            found[folder.rpartition("/")[2]].append(folder)
        return found


def _likeness(words: frozenset[str], file: str, kind: str, path: str) -> float:
    """How much of a path's words a file's name holds, 0 where it is too little or another kind of file."""
    other = words_of(_stem(file))
    if kind != kind_of(file) or not words or not other:
        return 0.0
    if len(words) > 1:
        # `utils/database.py` may be what is called `utils/database_utils.py`.
        other |= words_of(file.rpartition("/")[0].rpartition("/")[2]) & _GENERIC
    held = sum(1 for word in words if word in other or _variants(frozenset((word,))) & other)
    if _TEST.search(path) or _TEST.search(file):
        return held / len(words) if held == len(words) and _TEST.search(path) and _TEST.search(file) else 0.0
    share = held / len(words)
    return share if share >= 0.6 and (len(words) > 1 or len(other) <= 2) else 0.0


def _is_same_name(file: str, path: str) -> bool:
    """Two names of the same words, whatever their order, number and separators, and but for those of the folder."""
    folder = words_of(path.rpartition("/")[0].rpartition("/")[2])
    one, two = (words_of(_stem(each)) - folder - _variants(folder) for each in (file, path))
    is_same = one <= two | _variants(two) and two <= one | _variants(one)
    return bool(one) and is_same and bool(_TEST.search(file)) == bool(_TEST.search(path))


def _variants(words: frozenset[str]) -> frozenset[str]:
    """Singular and plural of each word."""
    return frozenset(
        each for word in words for each in (f"{word}s", word.removesuffix("s"), f"{word.removesuffix('y')}ies")
    )


def words_of(stem: str) -> frozenset[str]:
    """The words of a name in lower case, without those that only say what kind of file it is."""
    words = frozenset(word.lower() for word in _WORD.findall(stem))
    return words - {"test", "tests", "spec", "e2e", "the"} or words


def kind_of(path: str) -> str:
    """The family of a path's ending: files that stand for each other."""
    ending = path.rpartition(".")[2].lower()
    return _FAMILY.get(ending, ending)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].lstrip(".").partition(".")[0]


def _name_words(path: str) -> frozenset[str]:
    """All words of a file's name."""
    return frozenset(word.lower() for word in _WORD.findall(path.rpartition("/")[2]))


def _ends_in(file: str, path: str) -> bool:
    return file == path or file.endswith(f"/{path}")


def _common(file: str, path: str) -> int:
    """The folders that two paths have in common."""
    return len(set(file.split("/")) & set(path.split("/")))


class Place(NamedTuple):
    """A line of a file."""

    file: str
    line: int
    text: str


class Stands(NamedTuple):
    """Where a word stands in code."""

    places: tuple[Place, ...]
    """Some of the lines."""
    lines: int
    defined_in: str | None = None
    """The first file that gives the name to something."""

    @property
    def files(self) -> frozenset[str]:
        """Some of the files."""
        return frozenset(place.file for place in self.places)


class Tree(NamedTuple):
    """A tree that can be looked into, and what is known of its past."""

    names: Names
    fates: Callable[[str], Fate | None]
    """What became of a path that was in some commit; with an ending of it, of the file that ends so.

    With a ``/`` before it: of that very path, seen from the root.
    """
    knows_past: Callable[[], bool]
    """False where the history is cut off or absent: nothing is missing then."""
    is_ignored: Callable[[Sequence[str]], frozenset[str]]
    """Which paths Git ignores."""
    stands: Callable[[Sequence[str]], Mapping[str, Stands]]
    """Where words stand in code."""
    read: Callable[[Sequence[str]], Mapping[str, bytes]]
    """The beginning of plain files; those that cannot be read are left out."""


class _Sights(NamedTuple):
    """What was gathered of one document before its tasks are judged."""

    tree: Tree
    known: frozenset[str]
    """Paths that only the history has."""
    never: frozenset[str]
    """Paths that are in no commit."""
    words: Mapping[str, Stands]
    contents: Mapping[str, bytes]
    left: frozenset[str]
    """Folders that are gone, files of which stand elsewhere."""


def look(document: Document, path: str, tree: Tree, wanted: Callable[[Task], bool]) -> DocumentLooked:
    """What looking says of the tasks of a document at ``path`` that are ``wanted``."""
    tree = tree._replace(names=tree.names.seen_from(path))
    tasks = [task for task in document.tasks if wanted(task)]
    named = {task.key: _judged_mentions(task, tree) for task in tasks}
    every = {each.path for mentions in named.values() for each in mentions}
    absent = {each for each in every if not tree.names.find(each)}
    known = frozenset(each for each in absent if tree.fates(each))
    ignored = tree.is_ignored(sorted(absent - known))
    never = frozenset(each for each in absent - known - ignored if not _is_output(each))
    sights = _Sights(tree, known, never, *_contents(tasks, named, tree, never), _left_folders(never, tree.names))
    found = {task.key: looked for task in tasks if (looked := tuple(_looked(task, named[task.key], sights)))}
    is_foreign = len(every) >= 8 and len(never) / len(every) >= 0.4
    if is_foreign or _OLD.search(path):
        only = {key: tuple(each for each in looked if each.sight == "present") for key, looked in found.items()}
        found = {key: looked for key, looked in only.items() if looked}
    return DocumentLooked(found, (len(never), len(every)) if is_foreign else None)


def _contents(
    tasks: Sequence[Task], named: Mapping[str, Sequence[PathMention]], tree: Tree, never: frozenset[str]
) -> tuple[Mapping[str, Stands], Mapping[str, bytes]]:
    """Where the names stand that tasks give to what they make, and the content of the files that are there."""
    words: set[str] = set()
    there: list[tuple[Task, str]] = []
    for task in tasks:
        for mention in named[task.key]:
            if mention.path in never:
                words.update(_symbols(task, mention.path), _calls(task), _ID.findall(task.id or ""))
            elif len(found := tree.names.find(mention.path)) == 1 and not _is_output(found[0]):
                there.append((task, found[0]))
    contents = tree.read(sorted({file for _, file in there}))
    for task, file in there:
        text = contents.get(file, b"").decode("utf-8", "replace")
        words.update(name for name in _made(task) if not _stands_in(name, _without_comments(text, file)))
        words.update(_calls(task))
    return tree.stands(sorted(words)) if words else {}, contents


def _left_folders(never: Iterable[str], names: Names) -> frozenset[str]:
    folders = (each.rpartition("/") for each in never)
    return frozenset(
        folder
        for folder, slash, name in folders
        if slash and _stem(name).lower() not in _GENERIC and names.find(name) and not names.has_folder(folder)
    )


def _judged_mentions(task: Task, tree: Tree) -> tuple[PathMention, ...]:
    """The files that a task says it made or changed, each once, as the repository calls them."""
    mentions: dict[str, PathMention] = {}
    for each in path_mentions(task):
        # A bare name is a file of its own only where something is to be made that is called so.
        is_bare = "/" not in each.path and (each.role == "edit" or each.path.rpartition(".")[2].lower() not in CODE)
        if each.role != "mention" and not is_bare and (path := _own_path(each, tree)):
            mentions.setdefault(path, each._replace(path=path))
    return tuple(mentions.values())


def _own_path(mention: PathMention, tree: Tree) -> str | None:
    """The path in this repository that an absolute one of another machine ends in; None where none is known."""
    parts = mention.path.split("/")
    if not mention.is_absolute or tree.names.has_folder(parts[0]):
        return mention.path
    endings = ("/".join(parts[start:]) for start in range(1, len(parts) - 1))
    return next((each for each in endings if len(tree.names.find(each)) == 1 or tree.fates(each)), None)


def _is_output(path: str) -> bool:
    return bool(_OUTPUT.search(path) or _ENV.search(path)) or path.rpartition(".")[2].lower() in _LEFT_OUT


def _symbols(task: Task, path: str) -> tuple[str, ...]:
    """What code would call the thing that a task makes: the file's own name first, code spans that are names, types."""
    spans = [code.text.removesuffix("()") for code in task.codes]
    names = [name for name in spans if re.fullmatch(r"[A-Za-z_][\w]{3,60}", name)]
    return tuple(dict.fromkeys([*_own_names(path), *names, *_TYPE.findall(task.title)]))[:12]


_ID = re.compile(r"^T\d{3,}[a-z]?$")
_TYPE = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b")


def _own_names(path: str) -> list[str]:
    """What code calls the thing that has a file to itself."""
    stem = _stem(path)
    if stem.lower() in _GENERIC or len(stem) < 4:
        return []
    words = _WORD.findall(stem)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return [stem, name] if len(words) > 1 else [name]


def _looked(task: Task, mentions: Sequence[PathMention], sights: _Sights) -> Iterator[Looked]:
    for mention in mentions:
        there = sights.tree.names.find(mention.path)
        if len(there) == 1:
            seen = _present(task, mention, there[0], sights)
        elif there:
            seen = None
        else:
            seen = _absent(task, mention, sights)
        if seen:
            yield seen


def _absent(task: Task, mention: PathMention, sights: _Sights) -> Looked | None:
    path, line = mention.path, mention.line
    fate = sights.tree.fates(path) if path in sights.known else None
    if fate and mention.role == "create":
        return Looked(path, "moved", line, _went(fate))
    if path not in sights.never:
        return None
    like = _like(task, path, sights)
    if like:
        return Looked(path, "not found", line, like)
    name, is_generic = mention.name, _stem(path).lower() in _GENERIC
    is_missing = mention.role == "create" and sights.tree.knows_past() and not mention.is_absolute
    if not is_missing or re.search(r"\d{8}", name) or (is_generic and sights.tree.names.has_name(name)):
        # A tool gives migrations their numbers; a name that every folder may have says little.
        return Looked(path, "not found", line)
    namesake = None if is_generic else sights.tree.fates(name)
    return Looked(path, "moved", line, f"a {name} was {_went(namesake)}") if namesake else Looked(path, "missing", line)


def _went(fate: Fate) -> str:
    if fate.is_seen:
        return f"seen in {fate.commit}"
    return f"renamed to {fate.renamed_to} in {fate.commit}" if fate.renamed_to else f"deleted in {fate.commit}"


def _like(task: Task, path: str, sights: _Sights) -> str | None:
    """What looks like a file that is nowhere: the surest sign of it first."""
    names, kind = sights.tree.names, kind_of(path)
    defined = {
        name: file
        for name in _symbols(task, path)
        if (file := sights.words[name].defined_in if name in sights.words else None) and _is_same_kind(file, path)
    }
    like = names.same(path, kind) or names.like(path, kind)
    if like is None or not _is_same_name(like, path):
        # What has a name of several words of its own stands where that is defined; a likeness is no more than one.
        own = (defined.get(name, "") for name in _own_names(path) if len(words_of(name)) > 1)
        like = next((file for file in own if file), like) or next(iter(defined.values()), None)
    if like:
        return f"{like} looks like it"
    if path.rpartition("/")[0] in sights.left:
        return "other files of its folder stand elsewhere"
    named = _named_by_id(task, path, sights)
    if named:
        return f"{named.file}:{named.line} names {task.id}"
    tested = _tests_the_same(task, path, sights)
    return f"{tested[0].file}:{tested[0].line} names {tested[1]}" if tested else None


def _tests_the_same(task: Task, path: str, sights: _Sights) -> tuple[Place, str] | None:
    """Where another test names what the tests of a task are about."""
    names = [each for each in _calls(task) if len(_WORD.findall(each)) > 1] if _TEST.search(path) else []
    found = ((place, name) for name in names if name in sights.words for place in sights.words[name].places)
    return next((each for each in found if _is_same_kind(each[0].file, path)), None)


def _is_same_kind(file: str, path: str) -> bool:
    return kind_of(file) == kind_of(path) and bool(_TEST.search(file)) == bool(_TEST.search(path))


def _named_by_id(task: Task, path: str, sights: _Sights) -> Place | None:
    """Where a file of the same kind has the task's ID in it, on a line that shares words with the task's own."""
    wanted = _long_words(task.title)
    best: tuple[int, Place] | None = None
    for place in sights.words[task.id].places if task.id and task.id in sights.words else ():
        shared = len(wanted & _long_words(f"{place.text} {place.file.rpartition('/')[2]}"))
        if _is_same_kind(place.file, path) and shared >= 3 and (best is None or shared > best[0]):
            best = shared, place
    return best[1] if best else None


def _long_words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text) if len(word) >= 4)


def _present(task: Task, mention: PathMention, file: str, sights: _Sights) -> Looked | None:
    """What of the task's words is seen in a file; a changed file that is only there says nothing."""
    data = sights.contents.get(file)
    if data is None:
        return None if mention.role == "edit" else Looked(file, "present", mention.line)
    text = data.decode("utf-8", "replace")
    if mention.role == "create" and not data.strip() and _may_not_be_empty(task, file):
        return Looked(file, "not found", mention.line, "it is empty", lacks=True)
    names, code = _made(task), _without_comments(text, file)
    gone = [name for name in names if _is_nowhere(name, file, code, sights)]
    if gone:
        return Looked(file, "not found", mention.line, f"{gone[0]} stands in no file of code", lacks=True)
    stub = next((name for name in names if is_stub(text, file, name)), None)
    if stub:
        return Looked(file, "not found", mention.line, f"{stub} has no body", lacks=True)
    held = [name for name in dict.fromkeys([*names, *_identifiers(task)]) if _stands_in(name, code)]
    if mention.role == "edit" and not held:
        return None
    return Looked(
        file, "present", mention.line, f"{', '.join(held[:3])} in it" if held else "", _unused(task, file, sights)
    )


def _is_nowhere(name: str, file: str, code: str, sights: _Sights) -> bool:
    """A name that no code holds: neither the file that is named for it nor any other."""
    stands = sights.words.get(name)
    return not _stands_in(name, code) and (stands is None or stands.files <= {file})


def _unused(task: Task, file: str, sights: _Sights) -> tuple[str, ...]:
    """What a task makes in a file to be called, and nobody calls: its name stands in its definition alone."""
    if _TEST.search(file.rpartition("/")[2]):
        return ()
    found = ((name, sights.words.get(name)) for name in _calls(task))
    return tuple(name for name, stands in found if stands and stands.lines == 1 and stands.defined_in == file)


def _calls(task: Task) -> list[str]:
    """The code spans that are ``name(…)``."""
    found = (re.fullmatch(r"([A-Za-z_]\w{3,60})\([^()]*\)", code.text) for code in task.codes)
    return [match.group(1) for match in found if match]


_COMMENT = re.compile(r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|//[^\n]*|/\*.*?\*/""", re.DOTALL)
_HASH_COMMENT = re.compile(
    r"""(?P<doc>\"{3}.*?\"{3}|'{3}.*?'{3})|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\#[^\n]*""", re.DOTALL
)


def _without_comments(text: str, file: str) -> str:
    """A file's text without comments, and without the long strings that Python documents with."""
    ending = file.rpartition(".")[2].lower()
    if ending not in CODE:
        return text
    pattern = _HASH_COMMENT if ending in ("py", "pyi", "rb", "sh", "bash", "ex", "exs", "r", "jl", "pl") else _COMMENT
    return pattern.sub(lambda match: match.group("string") or " ", text)


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _may_not_be_empty(task: Task, file: str) -> bool:
    name = file.rpartition("/")[2]
    return name not in ("__init__.py", "py.typed", ".gitkeep", ".nojekyll") and not re.search(
        r"\b(?:empty|placeholder|blank|stub|touch|skeleton|directory|structure)\b", task.text.prose, re.IGNORECASE
    )


def _identifiers(task: Task) -> list[str]:
    """The code spans of a task that are a name, with or without brackets."""
    found = (re.fullmatch(r"([A-Za-z_]\w{3,60})(?:\([^()]*\))?", code.text) for code in task.codes)
    return [match.group(1) for match in found if match]


_MADE = re.compile(
    r"\b(?:create|add|implement|write|define|introduce|with|implementing)\s+(?:(?:an?|the|new|async|helper|public|private|exported)\s+){0,3}$",
    re.IGNORECASE,
)


def _made(task: Task) -> list[str]:
    """What a task says it makes in code: ``name(…)``, or ``Name`` behind a verb, called a function or a class."""
    prose = task.text.prose
    found = []
    for code in task.codes:
        name = re.fullmatch(r"([A-Za-z_]\w{3,60})(\([^()]*\))?", code.text)
        kind = re.match(
            r"\s*(?:async\s+)?(?:function|class|method|helper|hook|dataclass|component|interface|struct|classmethod)s?\b",
            prose[code.end :],
            re.IGNORECASE,
        )
        if name and kind and (name.group(2) or _MADE.search(prose[task.title_start : code.start])):
            found.append(name.group(1))
    return found


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_STUBS = re.compile(
    r"""[^\n]{0,200}\n?\s*(?:throw new Error\(["'`](?:not (?:yet )?implemented|todo)"""
    r"""|panic\("(?:not implemented|todo)|(?:todo|unimplemented)!\(|raise NotImplementedError"""
    r"""|throw new NotImplementedException|TODO\()""",
    re.IGNORECASE,
)


def is_stub(text: str, file: str, name: str) -> bool:
    """A function or class of this name is defined there and does nothing at all."""
    if file.endswith(".py"):
        return _is_python_stub(text, name)
    found = re.search(rf"\b(?:function|func|fn|class|const|async)\s+(?:\([^)\n]*\)\s*)?{re.escape(name)}\b", text)
    return found is not None and _STUBS.match(text, found.end()) is not None


def _is_python_stub(text: str, name: str) -> bool:
    found = [
        _definition(text, match.start())
        for match in re.finditer(rf"^[ \t]*(?:async +)?(?:def|class) +{re.escape(name)}\b", text, re.MULTILINE)
    ]
    return bool(found) and all(node is not None and _does_nothing(node) for node in found)


def _definition(text: str, start: int) -> _Definition | None:
    """The definition that begins on the line at ``start``, with its decorators; None where it cannot be read."""
    before, lines = text[:start].splitlines(), text[start:].splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    end = next(
        (
            n
            for n, line in enumerate(lines[1:], 1)
            if line.strip() and not line.startswith((" " * indent + " ", "\t", ")", " " * indent + ")"))
        ),
        len(lines),
    )
    above = list(takewhile(lambda line: line.lstrip().startswith("@"), reversed(before)))
    try:
        (node,) = ast.parse(dedent("\n".join([*reversed(above), *lines[:end]]))).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    return node if isinstance(node, _Definition) else None


def _does_nothing(node: _Definition) -> bool:
    names = {
        getattr(each, "id", getattr(each, "attr", "")) for each in (*node.decorator_list, *getattr(node, "bases", ()))
    }
    if names - {"", "object", "staticmethod", "classmethod"}:
        # A subclass, an abstract or an overloaded one needs no body of its own.
        return False
    return all(_is_nothing(each) for each in node.body)


def _is_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def said(looked: Looked) -> str:
    """What looking says of a file, in a sentence."""
    words = {
        "missing": " is in no commit, and nothing like it is there",
        "not found": " is there" if looked.lacks else " is not found",
        "moved": " is no longer there",
    }
    return "; ".join(filter(None, (f"{looked.path}{words.get(looked.sight, ' is there')}", looked.detail)))
