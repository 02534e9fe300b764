"""The directory that words name for a command."""

from __future__ import annotations

import re

from spec_runner.core.shell.programs import names
from spec_runner.core.text.inline import Code, Paragraph

_ROOT = re.compile(
    r"\b(?:at|from|in|inside|under)\s+(?:the\s+)?(?:repo(?:sitory)?|project|solution|workspace"
    r"|mono-?repo)(?:'s)?\s+root\b|\b(?:at|from|in)\s+(?:the\s+)?root(?:\s+directory)?\b(?!\s*[`/\w])"
    r"|(?:在)?(?:仓库|專案|项目|倉庫|根)根?目錄|(?:在)?(?:仓库|项目)根目录|リポジトリのルート",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\brelative to (?:the )?[`\"']?((?:[\w.-]+/)*[\w.-]+)/?[`\"']?(?: (?:directory|folder|dir)| root|\))",
    re.IGNORECASE,
)
_IN = r"(?:in|from|inside|within|under)\s+(?:the\s+)?"
_BARE = r"(\.?/?(?:[\w@.-]+/)+|(?:\./)?(?:[\w@.-]+/)+[\w@-]+(?![\w.]*\.\w)|[\w.-]+(?=\s+(?:directory|folder|dir)\b))"
_IN_PROSE = re.compile(rf"(?:\b{_IN}|在\s*){_BARE}(?=[\s,;:)。，；）]|\.(?:\s|$)|$)", re.IGNORECASE)
_BEFORE_CODE = re.compile(rf"(?:\b{_IN}|在\s*)$", re.IGNORECASE)
_DIRECTORY = re.compile(r"\.?/?(?:[\w@.-]+/)*[\w@.-]+/?$")
_STORES = re.compile(
    r"[,;；，。]|\b(?:and|record|captur|writ|sav|stor(?:e|ing)|updat|creat|add|generat|output|document|error"
    r"|usage|file|test|issue|warning)\w*",
    re.IGNORECASE,
)
_RECORDS = re.compile(
    r"\b(?:record|captur|writ(?:e|ing)|sav(?:e|ing)|stor(?:e|ing)|updat|creat|add|document)\w*[^.;]{0,60}$",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(
    r"\s*(?:directory|folder|dir|目錄|目录|フォルダ)\b|\s*(?:目錄|目录|運行|运行|執行|执行|下)",
    re.IGNORECASE,
)


_NO_NAME = names(
    "correct right same current wrong working proper appropriate project repo repository new this that any each"
    " every your own parent following previous target relevant respective"
)
"""What people call a directory without naming it."""
_PREPOSITION = re.compile(r"(?:\b(?:in|from|inside|within|under)\s+(?:the\s+)?|在\s*)[`*]*$", re.IGNORECASE)
_OPENS = re.compile(r"(?:^|[.;:,(—–：，。；-]|\b(?:and|then))[\s*`]*$", re.IGNORECASE)


def place_of(paragraph: Paragraph, start: int = 0, code: Code | None = None) -> str | None:
    """The directory that the words of a paragraph name for a command in it (``code``), or for the whole of it.

    It is relative to the repository's root; ``"."`` is the root itself, None that no place is named.
    """
    prose = paragraph.prose[:20_000]
    found = _RELATIVE.search(prose, start) or _RELATIVE.search(paragraph.text[:20_000], start)
    if found:
        return _clean(found.group(1))
    if _ROOT.search(prose, start):
        return "."
    if code is None:
        return _beside(paragraph, prose, start, len(prose), whole=True)
    return _beside(paragraph, prose, code.end, code.end + 120, after=True) or _beside(
        paragraph, prose, max(start, code.start - 120), code.start
    )


def _beside(
    paragraph: Paragraph, prose: str, start: int, end: int, *, after: bool = False, whole: bool = False
) -> str | None:
    """A directory in a stretch of the paragraph: in code, or in prose with a slash or the word for it."""
    for other in paragraph.codes:
        if start <= other.start < end and _BEFORE_CODE.search(prose[max(start, other.start - 24) : other.start]):
            named = _PLACE_WORD.match(prose, other.end) is not None
            slashed = other.text.endswith("/") or "/" in other.text or named
            if (
                slashed
                and _is_directory(other.text)
                and not _is_apart(prose, start, other.start, other.end, end, after, whole)
            ):
                return _clean(other.text)
    for found in _IN_PROSE.finditer(prose, start, min(end, len(prose))):
        path = found.group(1)
        if (
            path.lower() not in _NO_NAME
            and _is_directory(path)
            and not _is_apart(prose, start, found.start(), found.end(), end, after, whole)
        ):
            return _clean(path)
    return None


def _is_apart(prose: str, start: int, at: int, behind: int, end: int, after: bool, whole: bool) -> bool:
    """Whether other words stand between the command and the place, so that the place is of something else."""
    if whole:
        return _RECORDS.search(prose[start:at][-80:]) is not None
    between = prose[start:at] if after else prose[behind:end]
    if after:
        return _STORES.search(between) is not None
    if not _OPENS.search(_PREPOSITION.sub("", prose[max(start, at - 40) : at])):
        return True
    return len(between.strip(" ,:`")) > 16 or re.search(r"[.;]\s", between) is not None


def _is_directory(path: str) -> bool:
    if not _DIRECTORY.match(path) or path.strip("./") == "" or path.startswith(("/", "~", "http")):
        return False
    name = path.rstrip("/").rpartition("/")[2]
    return path.endswith("/") or not re.search(r"\.(?:[a-z]{1,5}\d?|dart|yaml|json|toml|lock|sln|csproj|fsproj)$", name)


def _clean(path: str) -> str:
    path = path.strip("`\"' ")
    while path.startswith("./"):
        path = path[2:]
    return path.rstrip("/") or "."
