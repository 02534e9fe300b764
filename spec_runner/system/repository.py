"""Where specs and their repository are on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
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
            else tuple(file and file.resolve() for file in (each.tasks, each.guide))
        )
        once.setdefault(key, each)
    return [each if isinstance(each, SpecError) else _inside(each) for each in once.values()]


def _inside(place: SpecPaths) -> SpecPaths | SpecError:
    """The spec, if its documents are in its repository: a link of a repository leads to nobody's files."""
    for file in filter(None, (place.tasks, place.guide)):
        real = leads_out(file, place.root)
        if real is not None:
            todo = "name that file itself, or put the document here"
            return SpecError(f"a link leads out of the repository to {real}", todo=todo, path=place.shown(file))
    return place


def _specs_at(path: str, here: Path, guides: bool) -> list[SpecPaths]:
    place = here / path
    if place.is_file():
        return [_document(path, place, guides)]
    if not place.is_dir():
        todo = _near(path, here) if not os.path.lexists(place) else "name a folder or a markdown file"
        raise SpecError("no such file or folder", todo=todo, path=path)
    spec = _spec(path, place)
    if spec:
        return [spec]
    below = [_spec(_joined(path, place, folder), folder) for folder in _folders(place)]
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


def _joined(path: str, place: Path, folder: Path) -> str:
    return (
        os.path.join(path, os.path.relpath(folder, place)) if path not in (".", "") else os.path.relpath(folder, place)
    )


def _document(path: str, file: Path, guides: bool) -> SpecPaths:
    if file.suffix.lower() not in (".md", ".markdown"):
        raise SpecError("this is not a markdown file", todo=f"name a {TASKS} or a {GUIDE}", path=path)
    folder = file.parent
    if file.name.lower() == GUIDE or (guides and file.name.lower() != TASKS):
        return SpecPaths(path, folder, repository_root(folder), None, file)
    guide = folder / GUIDE
    return SpecPaths(path, folder, repository_root(folder), file, guide if guide.is_file() else None)


def _spec(path: str, folder: Path) -> SpecPaths | None:
    tasks, guide = folder / TASKS, folder / GUIDE
    has_tasks, has_guide = os.path.lexists(tasks), os.path.lexists(guide)
    if not has_tasks and not has_guide:
        return None
    return SpecPaths(path, folder, repository_root(folder), tasks if has_tasks else None, guide if has_guide else None)


def _folders(top: Path) -> Iterator[Path]:
    """Every folder below, in order of their names, without what tools put there."""
    for folder, names, _ in os.walk(top):
        names[:] = sorted(
            name
            for name in names
            if name not in _NOT_SEARCHED and (not name.startswith(".") or name in _SEARCHED_HIDDEN)
        )
        if folder != str(top):
            yield Path(folder)


def repository_root(folder: Path) -> Path:
    """The repository that a folder belongs to: where Git says so, else where a known folder of specs stands.

    A home folder or the root of the disk is never taken for a repository.
    """
    folder = folder.resolve()
    for above in (folder, *folder.parents):
        if (above / ".git").exists() and _is_copyable(above):
            return above
    for above in (folder, *folder.parents):
        if above.name in _HOMES_OF_SPECS and _is_copyable(above.parent):
            return above.parent
    return folder


def _is_copyable(folder: Path) -> bool:
    return folder != folder.parent and str(folder) != os.path.realpath(os.path.expanduser("~"))
