"""The words around a command: which verb governs it, what is expected of it, where it is to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal
from unicodedata import combining, normalize

from spec_runner.core.shell.programs import names

Verb = Literal["run", "verify", "act", "make", "mention", ""]


class _Words:
    """The verbs of one kind: whole words, and the beginnings of words (with ``*``). Accents do not count."""

    __slots__ = ("_beginnings", "_whole")

    def __init__(self, *languages: str) -> None:
        words = " ".join(languages).split()
        self._whole = frozenset(word for word in words if not word.endswith("*"))
        self._beginnings = tuple(word[:-1] for word in words if word.endswith("*"))

    def __contains__(self, word: str) -> bool:
        return word in self._whole or ("-" not in word and word.startswith(self._beginnings))


_VERBS: tuple[tuple[Verb, _Words], ...] = (
    (
        "run",
        _Words(
            "run running re-run re-running rerun rerunning ran execute executing executed invoke invoking launch"
            " launching",
            "ejecut* correr",
            "executar executando execucao rodar rode",
            "lancer",
            "ausfuhren fuhre",
            "wykonaj uruchom* przeprowad*",
            "запуст* запуска* выполн*",
            "kor",
            "esegui* calistir* chay",
        ),
    ),
    (
        "verify",
        _Words(
            "verify verifying verified re-verify re-verifying reverify reverifying validate validating re-validate"
            " re-validating revalidate revalidating confirm confirming confirmed check checking re-check re-checking"
            " recheck rechecking ensure ensuring assert prove gate acceptance accept",
            "verific* comprob* asegur* validar valide confer* garant*",
            "verifi* valider",
            "validiere prufe uberpruf*",
            "sprawd* zweryfik*",
            "провер* убедит*",
        ),
    ),
    (
        "act",
        _Words(
            "install re-install reinstall build re-build rebuild start re-start restart serve generate generating"
            " re-generate re-generating regenerate regenerating lint format auto-format autoformat test re-test retest"
            " clone delete remove navigate go change apply migrate deploy push commit tag checkout switch compile"
            " initialise initialize init scaffold bootstrap pull fetch clean reset seed publish stop copy capture"
            " measure profile record benchmark search grep find analyse analyze scan audit walk follow exercise try"
            " discard type-check typecheck smoke load download activate sync lock pin restore bring spin"
            " perform use using baseline make tester",
            "instal* gener* testar probar aplic* appliq* inici*",
            "przetest* zainstal*",
            "установ* сгенер*",
        ),
    ),
    (
        "make",
        _Words(
            "create creating add adding implement implementing write writing document documenting update updating"
            " define defining configure configuring set setup register registering refactor extend extract fix move"
            " parse parsing modify modifying edit append insert declare wire integrate integrating support expose"
            " exposing enable disable rename replace convert port introduce provide include design draft describe"
            " author hook mock stub handle mark list note review read decide draw establish clear rewrite tighten"
            " expand raise return emit print show display pass enrich consider deprecate un-deprecate undeprecate"
            " encode place allow prevent warn reject detect resolve keep treat align adopt",
            "crear creaer anad* agreg* actualiz* escrib* implement* document* adicion* configur* criar crie atualiz*"
            " escrev*",
            "creer ajout* ecri*",
            "erstell* hinzuf* aktualis* schreib*",
            "utworz stworz dodaj napisz zaktualiz*",
            "созда* добав* обнов* напис*",
        ),
    ),
)
"""Data rather than one pattern: that would be the dearest of all to compile, and nearly every command asks for it."""
_CLAUSE = re.compile(
    r"(?:^\W*|[.;:,(/\[&+–—→|]\s*\**\s*|[。；：，、（]\s*|\*\*\s*|-\s+|"
    r"\b(?i:and|then|also|now|next|finally|manually|optionally|successfully|first|by|to|must|should|please|just|locally|und|dann|et"
    r"|puis|y|luego|e|i|oraz|и)\s+)(?=((?i:make sure)\b|\w+(?:-\w+)?)\b(?!\(|[.-]\w))"
)
"""The start of a clause, and the word that it starts with. Sets of signs are dear to compile where case is ignored."""
_CJK: tuple[tuple[Verb, str], ...] = (
    ("run", "執行 执行 運行 运行 実行 실행 跑"),
    ("verify", "驗證 验证 確認 确认 檢查 检查 検証 확인 검증 チェック"),
    ("act", "安裝 安装 啟動 启动 測試 测试 起動 インストール 설치 시작 テスト 生成 應用 应用 构建 建置"),
    (
        "make",
        "建立 創建 创建 新增 添加 設定 设定 配置 實作 實現 实现 撰寫 编写 更新 作成 追加 実装 생성 추가 구현 작성 설정",
    ),
)
_ANY_CLAUSE = re.compile(
    "|".join((_CLAUSE.pattern, *(f"(?P<{kind}>{words.replace(' ', '|')})" for kind, words in _CJK)))
)
_NAMED: dict[str, Verb] = {kind: kind for kind, _ in _CJK}
_NEGATIONS = ("don't", "never", "not", "without", "avoid", "no longer")
_USES = names("run running use using execute executing call calling")
_REPORTS = (
    *names(
        "uses has contains includes documents mentions lists references call calls runs executes invokes spawn spawns"
        " exposes supports provides shows prints emits declares defines wraps needs requires produces stage replace"
        " replaces replacing rename renames renaming wrapping calling spawning rodando executando unlike mirror mirrors"
        " deprecate deprecated"
    ),
    *("instead of", "rather than", "equivalent to"),
    *(f"{negation} {use}" for negation in _NEGATIONS for use in _USES),
)
"""What stands before a command that is only spoken of; ends of texts rather than a pattern, which would be dear."""
_EXAMPLES = (*names("named called like e.g. e.g., i.e. i.e."), "such as", "similar to", "for example")
_LABEL_OF_REPORT = re.compile(
    r"(?:^|[.;(*—–-])\W{0,20}(?:why|problem|symptoms?|cause|bug|severity|results?|notes?|verified"
    r"|outcome|evidence|completed?|actual|reason|context|memory|rationale|findings?|status|previously"
    r"|leverage|reference|see)"
    r"(?:\b[^.;:`]{0,30})?:",
    re.IGNORECASE,
)
_CONDITION = (
    re.compile(
        r"(?:^|[.;(—–•-]\s+|[。；（])\W*(?:when|unless|otherwise|in case|alternatively|若|如果|もし"
        r"|falls|wenn)\b",
        re.IGNORECASE,
    ),
    re.compile(r"(?:^|[.;(—–•-]\s+|[。；（])\W*(?:if|si|se)\b", re.IGNORECASE),
)
_CONNECTING_SIGNS = tuple(":：(（→—–-")
_CONNECTING_WORDS = names(
    "with using via through by command commands com con mit avec z с pomocą mittels usando 命令 then"
)
_CONTAINER = re.compile(
    r"\b(?:workflows?|pipeline|CI|jobs?|hooks?|targets?|scripts?|steps?|stages?|makefile|dockerfile|readme"
    r"|docs?|documentation|guide|sections?"
    r"|instructions|commands(?!:)|se[çc][ãa]o|entry ?points?|tests?|fixture|helper|table|recipes?"
    r"|subcommands?|options?|flags?)\b|腳手架|脚本|文件|文档",
    re.IGNORECASE,
)


_REACH = 300
"""A verb further away than this does not govern a command."""


def _verbs_of(text: str, clauses: re.Pattern[str]) -> Iterator[tuple[Verb, str, int, int]]:
    """The verbs at the starts of clauses in order: kind, word, where the clause starts, and where the verb ends."""
    end = 0
    for found in clauses.finditer(text):
        if found.start() < end:
            continue
        kind = _kind_of(found.group(1)) if found.group(1) else _NAMED[found.lastgroup or ""]
        if kind:
            end = max(found.end(), found.end(1))
            yield kind, found.group(1) or found.group(), found.start(), end


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(letter for letter in normalize("NFD", word) if not combining(letter))


@lru_cache(maxsize=2048)
def _kind_of(word: str) -> Verb:
    word = _without_accents(word.lower())
    if word == "make sure":
        return "verify"
    return next((kind for kind, words in _VERBS if word in words), "")


def governing_verb(before: str) -> tuple[Verb, int]:
    """The kind of the last verb at the start of a clause of this text, and where it ends: ``("", 0)`` for none."""
    kind, _, end = governor_of(before)
    return kind, end


def governor_of(before: str) -> tuple[Verb, str, int]:
    """The last verb at the start of a clause of this text: its kind, the word, and where it ends."""
    kind: Verb = ""
    word, end = "", 0
    near = before[-_REACH:]
    for kind, word, _, end in _verbs_of(near, _CLAUSE if near.isascii() else _ANY_CLAUSE):  # noqa: B007
        pass
    return kind, word.lower(), end + max(len(before) - _REACH, 0)


def head_verb(text: str) -> Verb:
    """The kind of the verb that a sentence starts with."""
    return _head_verb(text[:120])


@lru_cache(maxsize=64)
def _head_verb(text: str) -> Verb:
    """Asked again for each command of a sentence."""
    head = text.lstrip(" *_:[]()0123456789.-")[:80]
    for kind, _, start, _ in _verbs_of(head, _CLAUSE if text[:100].isascii() else _ANY_CLAUSE):
        if start == 0:
            return kind
        break
    for kind, words in _CJK:
        if text.lstrip(" *")[:4].startswith(tuple(words.split())):
            return kind
    return ""


def is_report(before: str) -> bool:
    """The words just before a command speak about it: "runs", "instead of", "such as"."""
    return _ends_with(before, _REPORTS)


def is_example(before: str) -> bool:
    """The words just before a command make it one of many: "such as"."""
    return _ends_with(before, _EXAMPLES)


def _ends_with(before: str, phrases: tuple[str, ...]) -> bool:
    near = _bare(before[-40:].lower(), ":*\"'“(")
    return near.endswith(phrases) and any(near.endswith(words) and _is_apart(near, words) for words in phrases)


def _bare(text: str, signs: str) -> str:
    """The text without these signs and blanks at its end."""
    text = text.rstrip()
    while text != (bare := text.rstrip(signs).rstrip()):
        text = bare
    return text


def _is_apart(text: str, ending: str) -> bool:
    """Whether the words at the end of a text begin where a word does."""
    before = text[: -len(ending)][-1:]
    return not (before.isalnum() or before == "_")


def is_labelled_report(before: str) -> bool:
    """The sentence is a result, a note, a reference."""
    return _governs((_LABEL_OF_REPORT,), before, r"[.;]\s+\S")


def is_condition(before: str) -> bool:
    """The sentence that the command stands in begins with a condition."""
    return _governs(_CONDITION, before, r"[.;。；]\s|^[^(]*\)\s")


def _governs(parts: tuple[re.Pattern[str], ...], before: str, end: str) -> bool:
    """Whether the last find of these patterns is in the sentence that leads to the command."""
    before = before[-300:]
    last = max((found.end() for part in parts for found in part.finditer(before)), default=-1)
    return last >= 0 and not re.search(end, before[last:])


def is_connector(before: str) -> bool:
    """A colon, a bracket, a dash, or "with", "using", "via" leads to the command."""
    near = _bare(before[-24:], "*\"'“")
    start = len(near)
    while start and (near[start - 1].isalnum() or near[start - 1] == "_"):
        start -= 1
    word = near[start:].lower()
    return (
        near.endswith(_CONNECTING_SIGNS)
        or word in _CONNECTING_WORDS
        or (word == "is" and re.search(r"\bcommand is$", near, re.IGNORECASE) is not None)
    )


def names_container(text: str) -> bool:
    """The text speaks of something that holds commands for later: a workflow, a script, a guide."""
    return _CONTAINER.search(text) is not None
