"""The files that a task's words name, and what each is to the task: made, changed, or only pointed at."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.core.text.document import Task
from spec_runner.core.text.inline import Paragraph

Role: TypeAlias = Literal["create", "edit", "mention"]


class PathMention(NamedTuple):
    """A path in a task's words."""

    path: str
    """As it is looked for: with ``/``, without ``./``, a leading ``/``, ``:12``, ``::name`` or ``#L3``."""
    role: Role
    line: int
    is_absolute: bool = False
    """It begins at a root or a drive: of the author's machine, or of the repository."""

    @property
    def name(self) -> str:
        """The last part."""
        return self.path.rpartition("/")[2]


CODE = frozenset(
    [
        "py",
        "pyi",
        "ts",
        "tsx",
        "js",
        "jsx",
        "mjs",
        "cjs",
        "mts",
        "cts",
        "vue",
        "svelte",
        "astro",
        "go",
        "rs",
        "java",
        "kt",
        "kts",
        "swift",
        "m",
        "c",
        "cc",
        "cpp",
        "cxx",
        "h",
        "hpp",
        "cs",
        "fs",
        "fsx",
        "vb",
        "razor",
        "cshtml",
        "rb",
        "erb",
        "php",
        "ex",
        "exs",
        "erl",
        "clj",
        "cljs",
        "scala",
        "dart",
        "lua",
        "pl",
        "r",
        "jl",
        "zig",
        "nim",
        "sh",
        "bash",
        "zsh",
        "fish",
        "ps1",
        "bat",
        "sql",
        "prisma",
        "proto",
        "graphql",
        "gql",
        "tf",
        "bicep",
        "css",
        "scss",
        "sass",
        "less",
        "html",
        "htm",
        "hbs",
        "ejs",
        "twig",
    ]
)
"""Endings of files that somebody programs: a bare name is one only with such an ending."""
_TEXT = frozenset(
    [
        "md",
        "mdx",
        "rst",
        "adoc",
        "txt",
        "json",
        "jsonc",
        "json5",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "conf",
        "xml",
        "gradle",
        "properties",
        "csproj",
        "fsproj",
        "sln",
        "lock",
        "mod",
        "sum",
        "plist",
        "cmake",
        "mk",
        "service",
        "env",
        "example",
        "sample",
        "template",
        "tmpl",
        "j2",
        "csv",
        "tsv",
        "ipynb",
        "feature",
        "http",
        "svg",
        "resx",
        "xaml",
        "axaml",
        "editorconfig",
        "gitignore",
        "dockerignore",
    ]
)
_NAMES = frozenset(
    [
        "Dockerfile",
        "Makefile",
        "Justfile",
        "justfile",
        "Procfile",
        "Gemfile",
        "Rakefile",
        "Jenkinsfile",
        "Vagrantfile",
        "LICENSE",
        "CODEOWNERS",
    ]
)
_NEVER = re.compile(
    r"[*<>…|;=`\"]|\.\.\.(?!\w)|(?<!\[)\.\.\.|__(?!tests?__|mocks?__|fixtures?__|snapshots?__|init__|main__)[A-Za-z]\w*?__|\b[xX]{3,}(?![a-z])|_XX|\bXX|\bYY+|NNN|###|\{[^{},]*\}|\$\{|\b(?:example|your)[-_.]|://|@\d"
)
"""A pattern or a placeholder, an address, a package with its version: no one file."""
_PLACE = re.compile(r"(?::\d+(?:[-:,]\d+)*|#L?\d\S*|::[\w.:\[\]-]+|#[\w-]+|\(\))$")
_DRIVE = re.compile(r"^(?:[A-Za-z]:/|~/|/)")
_SEGMENT = r"(?:[\w.@+$~-]|\[[\w.\[\]-]+\]|\([\w.-]+\)|\{[\w.,\s@/-]+\})+"
_BARE = re.compile(
    rf"(?<![\w`/\\@:.<{{-])(?:[A-Za-z]:[/\\]|~?[/\\]|\.{{1,2}}/)?(?:{_SEGMENT}[/\\])*{_SEGMENT}(?:[/\\]|\b)(?![`\w])"
)
_LINK = re.compile(r"\[[^\]\n]*\]\(<?([^)\s>]+)>?\)")
_LIBRARY = re.compile(r"[A-Za-z]?[a-z\d]*\.js")
"""`Node.js`, `Three.js`: in plain words the name of a library."""
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")

_CREATE = (
    r"creat(?:e|es|ed|ing)|add(?:s|ed|ing)?|implement(?:s|ed|ing)?|writ(?:e|es|ing)|build|set ?up|define|scaffold|"
    r"generate|introduce|author|bootstrap|initiali[sz]e|init|make|draft|develop|extract|split|document|"
    r"crear?|añadir|agregar|implementar|escribir|créer|ajouter|implémenter|écrire|erstellen?|anlegen|hinzufügen|"
    r"implementieren|criar|adicionar|creare|aggiungere|создать|добавить|реализовать|написать|skapa|utwórz|dodaj|oluştur|"
    r"ekle|tạo|thêm|viết"
)
_EDIT = (
    r"updat(?:e|es|ed|ing)|modif(?:y|ies|ied)|extend|refactor|fix|edit|change|wire|integrate|register|export|enhance|"
    r"adjust|replace|migrate|rename|rewrite|configure|enable|disable|improve|clean|convert|simplify|polish|append|"
    r"insert|hook|connect|apply|mount|import|expose|ensure|use|switch|align|tighten|move|port|complete|finali[sz]e|"
    r"actualizar|modificar|mettre à jour|modifier|aktualisieren|ändern|anpassen|erweitern|atualizar|aggiornare|"
    r"обновить|изменить|uppdatera|zaktualizuj|güncelle|cập nhật|sửa"
)
_LOOK = (
    r"verif(?:y|ies|ied)|check|confirm|validate|run|re-?run|execute|review|audit|inspect|benchmark|measure|profile|monitor|"
    r"start|read|analy[sz]e|research|evaluate|compare|identify|investigate|manual(?:ly)?|reproduce|assess|remove|delete|drop|"
    r"prüfen|vérifier|verificar|проверить|kiểm tra"
)
_VERB = re.compile(
    rf"(?<![\w/.-])(?:(?P<create>{_CREATE})|(?P<edit>{_EDIT})|(?P<look>{_LOOK}))(?![\w/.-])", re.IGNORECASE
)
_START = re.compile(r"(?:^|[,;:.()—–&+→]|\b(?:and|then|also|to|und|et|y|e|и))\s*(?:\*\*|`)?\s*$", re.IGNORECASE)
_CJK_CREATE = re.compile(r"创建|新建|添加|实现|编写|生成|新增|建立|作成|追加|実装|新規|생성|추가|작성|구현|만들")
_CJK_EDIT = re.compile(r"更新|修改|调整|重构|修正|変更|編集|수정|변경|업데이트|개선")
_NOUN = (
    r"(?:(?:a|an|the|new|empty|initial|basic|main|shared|central|following|corresponding|file|files|module|modules|script|"
    r"component|components|page|class|model|service|test|tests|suite|config|configuration|document|template|migration|"
    r"schema|hook|route|directory|folder|der|die|das|eine?|el|la|le|un|une|il|o|a)\s+)"
)
_OBJECT = re.compile(rf"^\s*(?:\*\*)?[`\[]?{_NOUN}{{0,5}}(?:\*\*)?[`\[(]?$", re.IGNORECASE)
_TARGET = re.compile(
    rf"(?:(?:\b(?:in|into|inside|within|at|to|under|onto|en|dans|em|nel|w|в|i|im|unter|trong|sang)|→|->|=>|[—–:(]|\bfile"
    rf"|@)\s*(?:\*\*)?{_NOUN}{{0,4}}|在\s*|[:（：]\s*)[`\[(]?(?:\*\*)?$",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    rf"(?:\b(?:from|per|see|using|like|without|existing|mirrors?|mirroring|via|with|against|based on|following|"
    rf"follows?|as|as in|than|same as|similar to|match(?:es|ing)?|referenc(?:e|es|ing)|for|of|by|through|imports?|"
    rf"importing|reads?|reading|uses?|calls?|extends?|on|between|instead of|e\.g\.,?|such as|if|or|cf\.?|vs\.?|aus|"
    rf"desde|depuis|selon|z\.B\.|beside|alongside|to match|consistent with|"
    rf"defined in|described in|documented in|specified in|found in|"
    rf"shown in|pattern in|patterns in|used in|exists? in|already in|listed in|according to|out of|replac(?:e|es|ing)|"
    rf"cover(?:s|ing)?|test(?:s|ing)? (?:of|for)|(?:link|point|refer|navigat|redirect)(?:s|e[sd]?|ed|r?ing)? to)"
    rf"|\b(?:usad|descrit|definid|utilizad)[oa]s? e[mn]|\b(?:utilisée?|décrite?|définie?)s? dans"
    rf"|根据|根據|参考|參考|参照|參照|基于|基於|按照|依照|依据|依據|同|如)"
    rf"\s*(?:\*\*)?(?:{_NOUN}|existing ){{0,4}}[`\[(]?(?:\*\*)?$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"^[`)\]*\s]*(?:,|\band\b|&|\+|、|，|和|및|,\s*and\b|und\b|et\b|y\b)\s*(?:the\s+|its\s+)?[`\[(*]*$", re.IGNORECASE
)
_OR = re.compile(
    r"^[`)\]*\s]*[（(]?(?:or|/|oder|ou|o|または|或者?)\s*(?:\w{1,4}\s+|新檔|新文件|新建)?[`\[(*]*$", re.IGNORECASE
)
_OTHERWISE = re.compile(r"^[`)\]*\s]*(?:\(?(?:or|oder|ou)\b|/\s|或|または)", re.IGNORECASE)
_END = re.compile(
    r"^[`*\])\"']*\s*(?:$|[.,;:()\[\]{}—–\-→&+/|。，、（）]|(?:with|in|to|for|that|which|containing|and|or|from|using|as|at|"
    r"by|via|under|per|if|when|on|into|files?|based|following|including|implementing|exporting|defining|so|is|are|mit|für|und|"
    r"con|para|avec|pour|et|y|e|c|для|і|と|に|を|の|で|에|를|을|과|와)\b|[^\x00-\x7f])",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(r"^[`*\])\s]*(?:in|at|under|inside|within|to|into|→)\s+(?:the\s+)?[`\[(*]*$", re.IGNORECASE)
_IN_FOLDER = re.compile(
    r"^[`*\])\s]*(?:in|at|under|inside|within|to|into|→)\s+(?:the\s+)?[`\[(*]*((?:[\w.@+$()\[\]-]+[/\\])+)(?![\w.(\[])",
    re.IGNORECASE,
)
"""A name and the folder that it is to stand in are one path."""
_DISOWNED = re.compile(
    r"~~|\bN/A\b|\b(?:covered (?:in|by)|consolidated|merged into|moved (?:in)?to|superseded|replaced by|not needed|"
    r"no longer|deferred|skipped|out of scope|cancell?ed|reverted|removed later|deprecated|"
    r"(?:already|instead of|combined with|included in|handled (?:in|by)|inlined|absorbed|folded into)\b)"
    r"|이미|已|既存|déjà|bereits|ya existe",
    re.IGNORECASE,
)
"""The author's own note that the work stands elsewhere or was not to be done."""
_MAYBE = re.compile(
    r"\b(?:if needed|if necessary|optional(?:ly)?|if applicable|as needed|where needed|if required)\b", re.IGNORECASE
)


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def path_mentions(task: Task) -> tuple[PathMention, ...]:
    """Every path in a task's own text, and in the list under it, in order."""
    written = task.written
    disowned = any(_DISOWNED.search(text) for text in _texts(task))
    found: list[PathMention] = []
    for mention in _mentions(written, task.title_start):
        found.append(mention._replace(role="mention") if disowned else mention)
    if written.text.rstrip().endswith((":", "：")) and not disowned:
        found += _listed(task)
    return tuple(found)


def _texts(task: Task) -> Iterator[str]:
    yield task.written.text
    for detail in task.details:
        if detail.paragraph:
            yield detail.paragraph.text


def _listed(task: Task) -> Iterator[PathMention]:
    """A list of files under a line that ends in a colon: its members are what the line's verb is about."""
    _, role = _Sentence(task.written.text, task.title_start).verb(len(task.written.text))
    for detail in task.details:
        first = next(_tokens(detail.paragraph, 0), None) if detail.paragraph else None
        if detail.paragraph and first and not detail.paragraph.text[: first.start].strip("`*[ "):
            for path in _paths(first.text):
                yield path._replace(role=role or "mention", line=detail.line)


class _Sentence:
    """A paragraph with the verbs that begin a clause in it."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.start = text, start
        begins = (match for match in _VERB.finditer(text, start) if self._begins(match.start()))
        self.verbs = [(match.start(), match.end(), _role_of(match)) for match in begins]
        self._plain: Role | None = "edit" if _CJK_EDIT.search(text) else "create" if _CJK_CREATE.search(text) else None
        self.is_cjk = self._plain is not None

    def _begins(self, at: int) -> bool:
        return at == self.start or _START.search(self.before(at, 24)) is not None

    def before(self, at: int, most: int = 160) -> str:
        """What stands before a place, as far back as its words may reach."""
        return self.text[max(self.start, at - most) : at]

    def verb(self, at: int) -> tuple[int, Role | None]:
        """Where the verb ends that governs a place and what it does: the last one before it; -1 without one."""
        index = bisect_left(self.verbs, (at,)) - 1
        return (self.verbs[index][1], self.verbs[index][2]) if index >= 0 else (-1, self._plain)


def _role_of(verb: re.Match[str]) -> Role:
    return "create" if verb.group("create") else "edit" if verb.group("edit") else "mention"


def _mentions(paragraph: Paragraph, start: int) -> Iterator[PathMention]:
    sentence, tokens = _Sentence(paragraph.text, start), list(_tokens(paragraph, start))
    for index, (token, role) in enumerate(zip(tokens, _roles(sentence, tokens), strict=True)):
        text, after = token.text, paragraph.text[token.end : token.end + 200]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        folder = _IN_FOLDER.match(after)
        if role == "create" and following and _IN_PLACE.match(paragraph.text[token.end : following.start]):
            # "Create `Name` in `other/File`": the second is the file.
            role = "mention"
        elif role == "create" and folder and not re.search(r"[/\\]", text):
            text = f"{folder.group(1)}{text}"
        for path in _paths(text):
            yield path._replace(role=role, line=paragraph.line_at(token.start))


def _roles(sentence: _Sentence, tokens: Sequence[_Token]) -> list[Role]:
    """What each path is; the members of a list are what its first one is."""
    roles: list[Role] = []
    for index, token in enumerate(tokens):
        previous = tokens[index - 1] if index else None
        between = sentence.text[previous.end : token.start] if previous else ""
        after = sentence.text[token.end : token.end + 60]
        if _OTHERWISE.match(after) or _OR.match(between) or _MAYBE.search(after):
            roles.append("mention")
        elif previous and _LIST.match(between):
            roles.append(roles[-1])
        else:
            roles.append(_role(sentence, token))
    return roles


def _role(sentence: _Sentence, token: _Token) -> Role:
    """What a path is by the words before it."""
    before = sentence.before(token.start)
    end, verb = sentence.verb(token.start)
    if _SOURCE.search(before):
        return "mention"
    has_end = _END.match(sentence.text[token.end : token.end + 40]) is not None
    if _TARGET.search(before) and (has_end or not _ASIDE.search(before)):
        if _TO.search(before) and _CHANGE.search(sentence.text, 0, max(end, 0)):
            # "Change `a` in F to V": V is a value.
            return "mention"
        return "edit" if _TO.search(before) and _ADDS.search(before) else verb or "create"
    if end >= 0 and _OBJECT.match(sentence.text[max(end, token.start - 160) : token.start]):
        return verb if verb and has_end else "mention"
    if verb is None and has_end and not before.strip(" *`_[]():—–-"):
        return "create"
    return verb if verb and sentence.is_cjk else "mention"


_TO = re.compile(r"\bto\s*(?:the\s+|\w+\s+){0,2}[`\[(*]*$", re.IGNORECASE)
_ADDS = re.compile(
    r"\b(?:add(?:s|ed|ing)?|append|wire|register|apply|attach|ajouter|hinzufügen|añadir)\b", re.IGNORECASE
)
_CHANGE = re.compile(r"\b(?:change|switch)$", re.IGNORECASE)
_ASIDE = re.compile(r"\((?:the|an?)\s+(?:\w+\s+){0,2}[`\[*]*$", re.IGNORECASE)
"""A bracket that tells of something: the file is only named in it where the words end behind its name."""


def _tokens(paragraph: Paragraph, start: int) -> Iterator[_Token]:
    """The pieces of a text that may be paths: code spans, links, and words with a folder or an ending."""
    found = [_Token(code.text, code.start, code.end) for code in paragraph.codes if code.start >= start]
    prose = paragraph.prose
    for link in _LINK.finditer(prose, start):
        found.append(_Token(link.group(1), link.start(), link.end()))
    prose = _LINK.sub(lambda link: " " * len(link.group()), prose)
    for word in _BARE.finditer(prose, start):
        text = word.group().rstrip(".")
        if _LIBRARY.fullmatch(text):
            continue
        found.append(_Token(text, word.start(), word.start() + len(text)))
    return iter(sorted((token for token in found if next(_paths(token.text), None)), key=lambda token: token.start))


def _paths(text: str) -> Iterator[PathMention]:
    """The paths that a piece of text is: none, one, or several in braces."""
    shown = text.strip().strip("\"'").replace("\\", "/")
    braces = _BRACES.search(shown)
    if braces and len(shown) < 400:
        for part in braces.group(1).split(","):
            yield from _paths(shown[: braces.start()] + part.strip() + shown[braces.end() :])
        return
    shown = _PLACE.sub("", shown)
    if not shown or len(shown) > 200 or " " in shown or _NEVER.search(shown) or shown.startswith(("@", "-", "#")):
        return
    absolute = _DRIVE.match(shown) is not None
    path = re.sub(r"^(?:[A-Za-z]:/|~/)", "", shown)
    path = re.sub(r"^(?:\./)+", "", path).lstrip("/")
    if path.startswith("../") or not _is_file(path):
        return
    yield PathMention(path, "mention", 0, absolute)


def _is_file(path: str) -> bool:
    """A name of a file: with a folder any usual ending, without one that of code."""
    folder, _, name = path.rpartition("/")
    if name in _NAMES:
        return True
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,13}", ending):
        return False
    if not folder:
        return ending.lower() in CODE and re.search(r"[A-Za-z]{2}", stem) is not None and not stem.endswith(".")
    if re.fullmatch(r"[\w-]+\.(?:com|org|net|io|dev|ai|app)", path.partition("/")[0]):
        return False
    # `this.a/that.b`, "and/or.": every folder has a name of its own.
    parts = folder.split("/")
    return all(parts) and ending.lower() in CODE | _TEXT and not all(re.search(r"\.\w{1,5}$", part) for part in parts)
