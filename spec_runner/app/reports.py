"""The reports that a run was asked for, each with the place that its text goes to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from spec_runner import __version__
from spec_runner.app.plan import Read, Settings
from spec_runner.core.plan.model import Plan
from spec_runner.errors import SpecError
from spec_runner.system.report_file import ReportFile, append_for
from spec_runner.system.repository import SpecPaths
from spec_runner.views import View
from spec_runner.views.report import Facts


def make_reports(found: list[Read], plan: Plan, settings: Settings) -> tuple[View, ...]:
    """The views that hand over a report at the end. Raises SpecError for a file that cannot be written."""
    files = report_files([read.place for read in found if read.place], settings.report_files, settings.here)
    return tuple(_views(plan, facts_of(found, settings), files, settings))


def facts_of(found: list[Read], settings: Settings) -> Facts:
    """What reports say of the run itself."""
    return Facts(
        version=__version__,
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        commits=tuple(_commit(read) for read in found),
        strict=settings.strict,
        writes=settings.write,
    )


def _views(plan: Plan, facts: Facts, files: dict[str, ReportFile], settings: Settings) -> Iterator[View]:
    if "--junit" in files:
        from spec_runner.views.junit import JunitView

        yield JunitView(plan, facts, files["--junit"].put)
    if "--html" in files:
        from spec_runner.views.html import HtmlView

        yield HtmlView(plan, facts, files["--html"].put)
    if "--markdown" in files:
        from spec_runner.views.markdown import MarkdownView

        yield MarkdownView(facts, files["--markdown"].put)
    if "--attest" in files:
        from spec_runner.views.attest import AttestView

        yield AttestView(facts.version, files["--attest"].put, is_of_commit=settings.content == "commit")
    if "--badge" in files:
        from spec_runner.views.badge import BadgeView

        yield BadgeView(files["--badge"].put)
    if settings.on_github:
        yield _github(plan, facts, settings)


def report_files(places: Collection[SpecPaths], named: Mapping[str, Path | None], here: Path) -> dict[str, ReportFile]:
    """The files that were ``named``, each by its option; none is a document, and none is named twice.

    Raises SpecError for one that cannot be written.
    """
    documents = [file for place in places for file in (place.tasks, place.guide) if file]
    taken = {file.resolve() for file in documents}
    roots = {place.root for place in places}
    files: dict[str, ReportFile] = {}
    for option, path in named.items():
        if path is None:
            continue
        file = ReportFile(here / path, str(path), roots)
        if file.path.resolve() in taken:
            raise SpecError(
                f"{option} would overwrite a document or another report", todo="name another file", path=str(path)
            )
        taken.add(file.path.resolve())
        file.refuse_unwritable()
        files[option] = file
    return files


def _commit(read: Read) -> str | None:
    """The commit that the spec's repository stands at, as 40 hexadecimal digits; None where there is none."""
    return read.known.head(read.place.root) if read.place else None


def _github(plan: Plan, facts: Facts, settings: Settings) -> View:
    from spec_runner.views.github import MOST_BYTES, GithubView

    # Annotations must not stand between lines of JSON; the runner reads both streams.
    out = settings.err if settings.json or settings.json_events else settings.out
    named = settings.environment.get("GITHUB_STEP_SUMMARY")
    file = Path(named) if named else None
    room = MOST_BYTES - (file.stat().st_size if file and file.is_file() else 0)
    return GithubView(plan, facts, out, path_for_github(settings), append_for(file) if file else None, room)


def path_for_github(settings: Settings) -> Callable[[str], str]:
    """How a path is named to GitHub: from the root of what was checked out."""
    workspace = settings.environment.get("GITHUB_WORKSPACE")

    def shown(path: str) -> str:
        absolute = os.path.abspath(settings.here / path)
        inside = workspace and absolute.startswith(os.path.abspath(workspace) + os.sep)
        return os.path.relpath(absolute, workspace) if inside else path

    return shown
