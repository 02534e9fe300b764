"""The words around a command: which verb governs it, what is expected of it, where it is to run."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

Verb = Literal["run", "verify", "act", "make", "mention", ""]

_RUN = (
    r"(?:re-?)?run(?:ning)?|execut(?:e|ing|ar)|invok(?:e|ing)|launch(?:ing)?|ejecut\w+|correr|rodar|rode"
    r"|ex[ée]cut\w+|lancer"
    r"|ausf[üu]hren|f[üu]hre|uruchom\w*|wykonaj|przeprowad\w+|запуст\w+|запуска\w+|выполн\w+|execute"
)
_VERIFY = (
    r"(?:re-?)?verif(?:y|ying)|(?:re-?)?validat(?:e|ing)|confirm(?:ing)?|(?:re-?)?check(?:ing)?|ensur(?:e"
    r"|ing)|make sure|assert|prove"
    r"|verific\w+|valid(?:ar|e|er|iere\w*)|comprob\w+|asegur\w+|garant\w+|confer\w+|v[ée]rifi\w+"
    r"|pr[üu]fe\w*|[üu]berpr[üu]f\w+"
    r"|sprawd\w+|zweryfik\w+|провер\w+|убедит\w+|gate|acceptance|accept"
)
_ACT = (
    r"(?:re-?)?install|(?:re-?)?build|(?:re-?)?start|serve|(?:re-?)?generat(?:e|ing)|lint|(?:auto-?)?format"
    r"|(?:re-?)?test|clone|delete|remove"
    r"|navigate|go|change|apply|migrate|deploy|push|commit|tag|checkout|switch|compile|initiali[sz]e|init"
    r"|scaffold|bootstrap"
    r"|pull|fetch|clean|reset|seed|publish|stop|copy|capture|measure|profile|record|benchmark|search|grep"
    r"|find|analy[sz]e"
    r"|scan|audit|walk|follow|exercise|try|discard|type-?check|smoke|load|download|activate|sync|lock|pin"
    r"|restore|bring|spin|execute|perform|use|using|baseline"
    r"|make|instal\w+|gener\w+|przetest\w+|zainstal\w+|установ\w+|сгенер\w+|tester|testar|probar"
)
_MAKE = (
    r"creat(?:e|ing)|add(?:ing)?|implement(?:ing)?|writ(?:e|ing)|document(?:ing)?|updat(?:e|ing)|defin(?:e"
    r"|ing)|configur(?:e|ing)"
    r"|set|setup|regist(?:er|ering)|refactor|extend|extract|fix|move|pars(?:e|ing)|modif(?:y|ying)|edit"
    r"|append|insert|declare"
    r"|wire|integrat(?:e|ing)|support|expos(?:e|ing)|enable|disable|rename|replace|convert|port|introduce"
    r"|provide|include"
    r"|design|draft|describe|author|hook|mock|stub|handle|mark|list|note|review|read|decide|draw|establish"
    r"|clear|rewrite|tighten|expand"
    r"|cri(?:ar|e)|cr(?:ear|ea|[ée]er)|erstell\w+|utw[óo]rz|stw[óo]rz|созда\w+|adicion\w+|a[ñn]ad\w+|agreg\w+|ajout\w+"
    r"|hinzuf\w+|dodaj|добав\w+|atualiz\w+|actualiz\w+|aktualis\w+|zaktualiz\w+|обнов\w+|implement\w+"
    r"|configur\w+|escrev\w+"
    r"|escrib\w+|[ée]cri\w+|schreib\w+|napisz|напис\w+|document\w+"
)
_START = (
    r"(?:^\W*|[.;:,(/\[&+–—→|]\s*\**\s*|[。；：，、（]\s*|\*\*\s*|-\s+|"
    r"\b(?:and|then|also|now|next|finally|manually|first|by|to|must|should|please|just|locally|und|dann|et"
    r"|puis|y|luego|e|i|oraz|и)\s+)"
)
_CJK = (
    ("run", "執行 执行 運行 运行 実行 실행 跑"),
    ("verify", "驗證 验证 確認 确认 檢查 检查 検証 확인 검증 チェック"),
    ("act", "安裝 安装 啟動 启动 測試 测试 起動 インストール 설치 시작 テスト 生成 應用 应用 构建 建置"),
    (
        "make",
        "建立 創建 创建 新增 添加 設定 设定 配置 實作 實現 实现 撰寫 编写 更新 作成 追加 実装 생성 추가 구현 작성 설정",
    ),
)
_REPORTS = re.compile(
    r"\b(?:uses|has|contains|includes|documents|mentions|lists|references|calls?|runs|executes|invokes"
    r"|spawns?|exposes|supports"
    r"|provides|shows|prints|emits|declares|defines|wraps|needs|requires|produces|stage|named|called"
    r"|instead of|rather than|like"
    r"|e\.g\.,?|i\.e\.,?|such as|similar to|equivalent to|replac(?:e|es|ing)|ren?am(?:e|es|ing)|wrapping"
    r"|calling|spawning|rodando|executando"
    r"|(?:do not|don't|never|not|without|avoid|no longer) (?:run|running|use|using|execute|executing|call"
    r"|calling)|unlike|mirrors?)"
    r"[\s:*\"'“(]*$",
    re.IGNORECASE,
)
_LABEL_OF_REPORT = re.compile(
    r"(?:^|[.;(*—–-])\W*(?:\*\*)?(?:why|problem|symptoms?|cause|bug|severity|results?|notes?|verified"
    r"|outcome|evidence|completed?|actual|reason|context|memory|rationale|findings?|status|previously"
    r"|leverage|reference|see)"
    r"(?:\b[^.;:`]{0,30})?:",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?:^|[.;(—–•-]\s+|[。；（])\W*(?:if|when|unless|optional(?:ly)?|otherwise|in case|alternatively|if"
    r" needed|若|如果|もし|falls|wenn|si|se)\b",
    re.IGNORECASE,
)
_CONNECTOR = re.compile(
    r"(?:[:：(（→—–]|--?|\b(?:with|using|via|through|by|command|com|con|mit|avec|through|z|с|pomocą|mittels"
    r"|usando|命令|command is|commands?|then))[\s*\"'“]*$",
    re.IGNORECASE,
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


@cache
def _verbs(ascii_only: bool) -> re.Pattern[str]:
    groups = "|".join(
        f"(?P<{kind}>{words})" for kind, words in (("run", _RUN), ("verify", _VERIFY), ("act", _ACT), ("make", _MAKE))
    )
    pattern = rf"{_START}(?:{groups})\b(?!\(|[.-]\w)"
    if not ascii_only:
        cjk = "|".join(f"(?P<{kind}_cjk>{'|'.join(words.split())})" for kind, words in _CJK)
        pattern = f"{pattern}|(?:{cjk})"
    return re.compile(pattern, re.IGNORECASE)


def governing_verb(before: str) -> tuple[Verb, int]:
    """The kind of the last verb at the start of a clause of this text, and where it ends: ``("", 0)`` for none."""
    kind: Verb = ""
    end = 0
    near = before[-_REACH:]
    for found in _verbs(near.isascii()).finditer(near):
        name = (found.lastgroup or "").partition("_")[0]
        kind, end = name, found.end()  # type: ignore[assignment]
    return kind, end + max(len(before) - _REACH, 0)


def head_verb(text: str) -> Verb:
    """The kind of the verb that a sentence starts with."""
    found = _verbs(text[:100].isascii()).match(text[:120].lstrip(" *_:[]()0123456789.-")[:80])
    if found:
        return (found.lastgroup or "").partition("_")[0]  # type: ignore[return-value]
    for kind, words in _CJK:
        if text.lstrip(" *")[:4].startswith(tuple(words.split())):
            return kind  # type: ignore[return-value]
    return ""


def is_report(before: str) -> bool:
    """The words just before a command speak about it: "runs", "instead of", "such as"."""
    return _REPORTS.search(before[-40:]) is not None


def is_labelled_report(before: str) -> bool:
    """The sentence is a result, a note, a reference."""
    return _governs(_LABEL_OF_REPORT, before, r"[.;]\s+\S")


def is_condition(before: str) -> bool:
    """The sentence that the command stands in begins with a condition."""
    return _governs(_CONDITION, before, r"[.;。；]\s")


def _governs(pattern: re.Pattern[str], before: str, end: str) -> bool:
    """Whether the last find of ``pattern`` is in the sentence that leads to the command."""
    before = before[-300:]
    last = max((found.end() for found in pattern.finditer(before)), default=-1)
    return last >= 0 and not re.search(end, before[last:])


def is_connector(before: str) -> bool:
    """A colon, a bracket, a dash, or "with", "using", "via" leads to the command."""
    return _CONNECTOR.search(before[-24:]) is not None


def names_container(text: str) -> bool:
    """The text speaks of something that holds commands for later: a workflow, a script, a guide."""
    return _CONTAINER.search(text) is not None
