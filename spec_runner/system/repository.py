"""Where specs and their repository are on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.plan.model import GUIDE, TASKS
from spec_runner.core.text.printable import typed
from spec_runner.errors import SpecError
from spec_runner.system import programs
from spec_runner.system.feature import find_feature
from spec_runner.system.trusted import leads_out

_HOMES_OF_SPECS = ("specs", ".specify", "openspec", ".kiro")
_NOT_SEARCHED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
_SEARCHED_HIDDEN = frozenset({".kiro", ".specify"})


class SpecPaths(NamedTuple):
    """A spec on the disk: its folder and the documents in it."""

    path: str
    """As the user named it, or below the folder that they named."""
    folder: Path
    root: Path
    """The repository: what the commands see."""
    tasks: Path | None
    guide: Path | None

    def shown(self, file: Path) -> str:
        """A document's path as the user would type it."""
        folder = os.path.dirname(self.path) if self.path.endswith((".md", ".markdown")) else self.path
        return os.path.join(folder, file.name)

    @property
    def document(self) -> str:
        """What is run, relative to the repository: the name that the journal knows it by."""
        return os.path.relpath((self.tasks or self.guide or self.folder / GUIDE).resolve(), self.root)


def find_specs(
    paths: tuple[str, ...], here: Path, environment: Mapping[str, str], *, guides: bool = False
) -> list[SpecPaths | SpecError]:
    """The specs that paths mean, in their order: folders, documents, folders of specs.

    With ``guides`` a document of any name but that of tasks is a guide.
    Without a path the one that ``find_feature`` finds.
    A path that means none stands as its error, so that it does not keep the others from being read. Once it is known
    which repositories these are, this process runs no program that they bring.
    """
    found: list[SpecPaths | SpecError] = []
    for path in paths or (find_feature(here, repository_root(here), environment),):
        try:
            found += _specs_at(path, here, guides)
        except SpecError as error:
            found.append(error)
    programs.leave_out({each.root for each in found if isinstance(each, SpecPaths)})
    once: dict[object, SpecPaths | SpecError] = {}
    for each in found:
        key = (
            str(each)
            if isinstance(each, SpecError)
            else tuple(file and _identity(file) for file in (each.tasks, each.guide))
        )
        once.setdefault(key, each)
    return [each if isinstance(each, SpecError) else _inside(each) for each in once.values()]


def _inside(place: SpecPaths) -> SpecPaths | SpecError:
    """The spec, if its documents are in its repository: a link of a repository leads to nobody's files."""
    for file in filter(None, (place.tasks, place.guide)):
        # Its folder is in the repository, wherever that was reached from.
        real = leads_out(file, place.root) if os.path.islink(file) else None
        if real is not None:
            todo = "name that file itself, or put the document here"
            return SpecError(f"a link leads out of the repository to {real}", todo=todo, path=place.shown(file))
    return place


def _identity(file: Path) -> object:
    """The same for every path of a document."""
    try:
        seen = os.stat(file)
    except OSError:
        return os.path.realpath(file)
    return (seen.st_dev, seen.st_ino) if seen.st_nlink == 1 else os.path.realpath(file)


def _specs_at(path: str, here: Path, guides: bool) -> list[SpecPaths]:
    place = here / path
    if place.is_file():
        return [_document(path, place, guides)]
    if not place.is_dir():
        if os.path.exists(place):
            raise SpecError("this is neither a file nor a folder", todo="name a folder or a markdown file", path=path)
        todo = _near(path, here) if not os.path.lexists(place) else "name a folder or a markdown file"
        raise SpecError("no such file or folder", todo=todo, path=path)
    spec = _spec(path, place)
    if spec:
        return [spec]
    roots, real = _Roots(), os.path.realpath(place)
    below = [
        _spec(_joined(path, name), place / name, lambda name=name: roots.root_of(os.path.join(real, name)))  # type: ignore[misc]
        for name in _folders(place)
    ]
    specs = [each for each in below if each]
    if not specs:
        raise SpecError(f"no {TASKS} and no {GUIDE} in this folder or below", todo="name a spec folder", path=path)
    return specs


def _near(path: str, here: Path) -> str:
    """What to type instead of a path that is not there: the nearest name that is."""
    from difflib import get_close_matches

    parts = Path(path).parts
    for number, part in enumerate(parts):
        above = here.joinpath(*parts[:number])
        if os.path.lexists(above / part):
            continue
        names = _names_in(above)
        names += [os.path.join("specs", name) for name in (_names_in(here / "specs") if number == 0 else ())]
        last = [name for name in names if os.path.basename(name).partition("-")[2] == part]
        near = last or get_close_matches(part, names, n=1, cutoff=0.7)
        found = os.path.join(*parts[:number], near[0], *parts[number + 1 :]) if near else ""
        return f"did you mean {typed(found)}?" if found and os.path.lexists(here / found) else "check the path"
    return "check the path"


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _joined(path: str, name: str) -> str:
    return os.path.join(path, name) if path not in (".", "") else name


def _document(path: str, file: Path, guides: bool) -> SpecPaths:
    if file.suffix.lower() not in (".md", ".markdown"):
        raise SpecError("this is not a markdown file", todo=f"name a {TASKS} or a {GUIDE}", path=path)
    folder = file.parent
    if file.name.lower() == GUIDE or (guides and file.name.lower() != TASKS):
        return SpecPaths(path, folder, repository_root(folder), None, file)
    guide = folder / GUIDE
    return SpecPaths(path, folder, repository_root(folder), file, guide if guide.is_file() else None)


def _spec(path: str, folder: Path, root: Callable[[], Path] | None = None) -> SpecPaths | None:
    """The spec in a folder, if it is one; ``root`` says in which repository it is."""
    tasks, guide = folder / TASKS, folder / GUIDE
    has_tasks, has_guide = os.path.lexists(tasks), os.path.lexists(guide)
    if not has_tasks and not has_guide:
        return None
    where = root() if root else repository_root(folder)
    return SpecPaths(path, folder, where, tasks if has_tasks else None, guide if has_guide else None)


def _folders(top: Path) -> Iterator[str]:
    """Every folder below, relative to it, in order of their names, without what tools put there."""
    for folder, names, _ in os.walk(top):
        names[:] = sorted(
            name
            for name in names
            if name not in _NOT_SEARCHED and (not name.startswith(".") or name in _SEARCHED_HIDDEN)
        )
        if folder != str(top):
            yield folder[len(os.path.join(top, "")) :]


def repository_root(folder: Path) -> Path:
    """The repository that a folder belongs to: where Git says so, else where a known folder of specs stands.

    A home folder or the root of the disk is never taken for a repository.
    """
    return _Roots().root_of(os.path.realpath(folder))


class _Roots:
    """The repositories of many folders, each folder above them asked once."""

    def __init__(self) -> None:
        self._by_git: dict[str, str | None] = {}
        self._by_home: dict[str, str | None] = {}

    def root_of(self, real: str) -> Path:
        """The repository of a folder that is named by its real path."""
        return Path(self._above(real, self._by_git, _with_git) or self._above(real, self._by_home, _home) or real)

    def _above(self, real: str, known: dict[str, str | None], says: Callable[[str], str | None]) -> str | None:
        if real not in known:
            above = os.path.dirname(real)
            known[real] = says(real) or (None if above == real else self._above(above, known, says))
        return known[real]


def _with_git(folder: str) -> str | None:
    return folder if os.path.exists(os.path.join(folder, ".git")) and _is_copyable(Path(folder)) else None


def _home(folder: str) -> str | None:
    above, name = os.path.split(folder)
    return above if name in _HOMES_OF_SPECS and _is_copyable(Path(above)) else None


def _is_copyable(folder: Path) -> bool:
    return folder != folder.parent and str(folder) != os.path.realpath(os.path.expanduser("~"))
