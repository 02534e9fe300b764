"""What a section of a guide, or the words before a fence, say its commands are for."""

from __future__ import annotations

import re
from functools import lru_cache

from spec_runner.core.decide.steps import Label

_SAYS = re.compile(
    r"\b(?:expect(?:s|ed|ing)?|should|must|returns?|responds?|responses?|answers?|prints?|outputs?|shows?"
    r"|you(?:'ll| will)? see)\b|→|=>|预期|預期|期待"
)
# Words are compared in lower case: a pattern that minds no case takes three times as long.
_ROLES: tuple[tuple[Label, re.Pattern[str]], ...] = (
    (
        "troubleshooting",
        re.compile(
            r"trouble-?shoot\w*|\b(?:common|known) (?:issues|problems|errors|pitfalls|gotchas)"
            r"|\bissues?\b\W*(?:$|&|and|:)|\bproblems?\b|\bfaq\b|debug(?:ging)?\b"
            r"|\berrors?\b(?! (?:handling|states?|cases?|responses?|scenarios?))\W*\w{0,12}:|\bif (?:things"
            r"|something) go(?:es)? wrong|gotchas|トラブル|よくある問題|故障|常見問題|常见问题|疑難"
            r"|问题排查|문제 ?해결"
            r"|d[ée]pannage|soluci[óo]n de problemas|resolu[çc][ãa]o de problemas|fehlerbehebung"
            r"|rozwi[ąa]zywanie|устранение|решение проблем|типичные проблемы|felsökning|risoluzione dei problemi"
            r"|sorun giderme|khắc phục sự cố|استكشاف الأخطاء",
        ),
    ),
    (
        "deploy",
        re.compile(
            r"deploy\w*|\bpublish(?:ing)?\b|\breleas(?:e|ing) (?:process|steps|to)\b|\bgo(?:ing)? live\b"
            r"|\brollout\b|hosting\b|デプロイ|部署|배포|d[ée]ploiement|despliegue|implanta[çc][ãa]o"
            r"|bereitstellung|wdro[żz]enie|развертывание|развёртывание|деплой|driftsättning|distribuzione|dağıtım"
            r"|triển khai|نشر|^[\W\d]*(?:production|продакшн|本番|生产|生產|produ[çc][ãa]o|producci[óo]n|produktion"
            r"|produzione)(?: ?(?:vps|server|environment|環境|环境))?\W*$",
        ),
    ),
    (
        "cleanup",
        re.compile(
            r"^[\W\d]*(?:(?:step|stage) \d+\W+)?(?:clean(?:ing)?[ -]?up|tear(?:ing)?[ -]?down|uninstall\w*"
            r"|roll(?:ing)?[ -]?back|reset(?:ting)?\b(?! (?:the |your |a )?password))"
            r"|^(?:\W*\w+){0,2}\W+(?:clean[ -]?up|tear[ -]?down|rollback)\W*$|\bstop(?:ping)? (?:the |all"
            r" )?(?:services?|servers?|containers?|everything|app\w*|docker|development|stack)|shut(?:ting)?"
            r" ?down"
            r"|\bremov(?:e|ing) (?:the |all )?(?:data|containers|volumes)|クリーンアップ|清理|정리|nettoyage"
            r"|limpieza"
            r"|limpeza|aufräumen|sprz[ąa]tanie|очистка|städa|pulizia|temizl|dọn dẹp|تنظيف",
        ),
    ),
    (
        "optional",
        re.compile(
            r"\boptional(?:ly)?\b|\bbonus\b|nice[ -]to[ -]have|オプション|可選|可选|選用|선택"
            r"|opcional|optionnel|opcjonaln|необязательн|опциональн|valfri|opzionale|steğe bağlı|tùy chọn|اختياري",
        ),
    ),
    (
        "reference",
        re.compile(
            r"\b(?:useful|common|helpful|handy|available|other|development|project|makefile|key|additional"
            r"|frequent\w*|day-to-day|daily|make|cli|npm) (?:commands?|operations|tasks|scripts|recipes)\b"
            r"|commands? (?:reference|summary|cheat)|cheat ?-?sheet|quick reference|\breference\b|\bnext"
            r" steps?\b|what'?s next|^\W*(?:\w+ )?resources\W*$|\bfurther (?:reading|steps)\b|learn more|\bkey"
            r" files\b|\barchitecture\b"
            r"|\badvanced\b|best practices|\btips\b|\b(?:daily|everyday|day-to-day|token) (?:\w+ )?(?:workflow"
            r"|loop|use|development|work)\b|\b(?:database|volume|log|docker|container|process) management\b"
            r"|\bmonitoring\b"
            r"|\badding (?:a |an )?(?:new |more )|\badd (?:a|another) new\b|\bextending\b|\bcustomi[sz]\w+"
            r"|\bcontributing\b|\bhow it works\b|\buse cases?\b|\b(?:making|committing) changes\b"
            r"|\b(?:development|dev|git|team|contribution|branch\w*|pr) workflow\b|\b(?!(?:validat|verif|test"
            r"|set|install|build|run|check|smoke)\w* commands)\w+ commands\W*$|\bcode generation\b"
            r"|\b(?:database|data) operations\b"
            r"|\bwhat (?:gets|is) logged\b|\blog(?:s|ging)?\b(?: files?)?$|\bfuture\b|\bmigration (?:guide"
            r"|path)\b|\bperformance (?:tuning|tips)\b|常用|其他命令|參考|参考|チートシート"
            r"|便利な|よく使う|コマンド一覧|次のステップ|日常"
            r"|유용한|자주|자주 사용|commandes utiles|comandos [úu]tiles|n[üu]tzliche|przydatne|полезные",
        ),
    ),
    (
        "alternative",
        re.compile(
            r"^\W*(?:or|oder|ou|или|lub|eller|oppure|veya|hoặc)\b"
            r"|"
            r"^\W*(?:another (?:way|option)|instead\b|without docker|with docker compose instead)"
            r"|"
            r"\b(?:emulator|simulator|physical device)\b|\balternativ|\bother (?:\w+ )?(?:clients?|editors?"
            r"|platforms?|options)\b|\bproduction mode\b|\bwatch mode\b|\bif you prefer\b|\bauto-?fix\b"
            r"|\bmanual(?:ly)? (?:alternative|method)|または|もしくは|或者|替代|另一种|대안|또는"
            r"|ou bien|oder mit|o bien",
        ),
    ),
)
_OPTION = re.compile(
    r"\b(?:option|method|approach|variant|way|choice|選項|选项|方法|方式|オプション|вариант|opci[óo]n|op[çc][ãa]o"
    r"|opcja)\s*#?([a-c1-9一二三])\b",
)
_NUMBERED = re.compile(
    r"\W*(?:step|stage|phase|schritt|[ée]tape|paso|passo|krok|шаг|ステップ|步驟|步骤|단계)\s*\d",
    re.IGNORECASE,
)
"""A heading that counts itself among the steps is one, whatever it is about."""
_SYSTEMS = {
    "windows": re.compile(
        r"\b(?:windows|powershell(?! core| 7)|cmd(?:\.exe)?|win(?:10|11|32)?)\b",
    ),
    "macos": re.compile(r"\b(?:mac ?os(?: ?x)?|osx|mac|darwin|homebrew|unix)\b"),
    "linux": re.compile(
        r"\b(?:linux|ubuntu|debian|wsl2?|unix|fedora|arch)\b",
    ),
}
_SYSTEM = "|".join(f"(?:{pattern.pattern})" for pattern in _SYSTEMS.values())
_SYSTEM_FIRST = re.compile(
    rf"\W*(?:(?:on|for|in|using|with) )?(?:the )?(?:{_SYSTEM})(?!.*[:：]\s*[^\s(])", re.IGNORECASE
)
_SYSTEM_LAST = re.compile(
    rf"(?:\b(?:on|for|in|using) |[(/,–—-] ?)(?:the )?(?:{_SYSTEM})(?: (?:users?|only|prompt|terminal|shell))*\W*$",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"^\W*if (?:you (?:see|get|encounter|run into|hit|have (?:issues|problems|trouble))|(?:it|this|that|the"
    r" \w+|\w+|tests?|anything|something|the (?:build|port|server|test\w*) \w+) (?:fails?|breaks|hangs"
    r"|errors|does ?n[o']t|is already|are failing))"
    r"|^\W*(?:solution|fix|symptoms?|cause|workaround|resolution|解決策|解决|해결)\b",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\b(?:when (?:you'?re |you are )?(?:done|finished)|to (?:stop|clean ?up|remove|uninstall|tear ?down"
    r"|shut ?down|undo|revert|reset)\b|afterwards?, (?:stop|remove))"
    r"|^\W*(?:tear(?:ing)?[ -]?down|clean(?:ing)?[ -]?up|shut(?:ting)?[ -]?down)\b",
    re.IGNORECASE,
)
_FOR_PRODUCTION = re.compile(r"^\W*(?:for|in) production\b", re.IGNORECASE)
_OUTPUT = re.compile(
    r"\b(?:expected?|sample|example|typical) (?:\w+ )?(?:output|responses?|results?|h2 sequence|sequence|log\w*)\b"
    r"|"
    r"^\W*(?:outputs?|responses?|returns?|results?|expected|expect)\b"
    r"|"
    r"\bresponse\b[^.]{0,40}:\W*$"
    r"|"
    r"\b(?:should|will|you'?ll) (?:now )?(?:see|show|print|return|look|output|display|get"
    r"|respond)\b[^.]{0,80}:\W*$"
    r"|"
    r"\b(?:prints?|outputs?|returns?|shows?|yields?)\b[^.]{0,30}:\W*$"
    r"|"
    r"予想|期待|出力例|預期|预期|輸出|输出|결과|출력",
    re.IGNORECASE,
)


def says(words: str) -> bool:
    """Whether words say what comes of a command."""
    return _SAYS.search(words.lower()) is not None


@lru_cache(maxsize=1024)
def role_of_heading(heading: str) -> Label | None:
    """What a heading says its section is for; None for a section of steps."""
    heading = heading[:200].lower()
    numbered = _NUMBERED.match(heading) is not None
    for label, pattern in _ROLES:
        if pattern.search(heading) and not (numbered and _is_step_of(label, heading)):
            return label
    return None


def _is_step_of(label: Label, heading: str) -> bool:
    """Whether a numbered section is done although its words speak of this; what comes after all steps is not."""
    return label == "deploy" or (label == "reference" and _AFTER_STEPS.search(heading) is None)


_AFTER_STEPS = re.compile(r"\b(?:operations|next steps?|tips|reference)\b")
_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+")
_QUICK = re.compile(r"\W*(?:\d+[.)]\s*)?(?:quick ?-?start|getting started|tl;?dr)\b", re.IGNORECASE)
_RUNNING = re.compile(
    r"\W*(?:\d+[.)]\s*)?(?:run(?:ning)?|start(?:ing)?) (?:the |all )?(?:\w+ )?(?:tests?|app\w*|server|services?)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"test|verif|valid|check|run|start|set ?up|install|build|launch|demo|smoke|step|phase|migrat"
    r"|environment|テスト|確認|検証|测试|測試|验证|驗證|起動",
    re.IGNORECASE,
)


def is_numbered(heading: str) -> bool:
    """Whether a heading counts itself, or its parts, among the steps: "4. Deploy it", "Quick deploy (5 steps)"."""
    return re.match(r"\W*\d+(?:\.\d+)*[.):]?\s|.*\(\d+ steps\)", heading, re.IGNORECASE) is not None


def is_quick_start(heading: str) -> bool:
    """A section that is the quick start inside a longer guide."""
    return _QUICK.match(heading[:200]) is not None


def goes_on(heading: str) -> bool:
    """A section after the quick start that still belongs to what is to be done: setting up, running, testing."""
    return _GOES_ON.search(heading[:200]) is not None


def is_running(heading: str) -> bool:
    """A heading that asks to run or test: a step also among the hints for daily work."""
    return _RUNNING.match(heading[:200]) is not None


def role_of_words(words: str) -> Label | None:
    """What the sentence before a fence says the fence is for."""
    sentence = last_sentence(words)
    if (
        "by default" in words[-300:].lower()
        and re.search(r"\bby default\b", words[-300:], re.IGNORECASE)
        and re.match(r"\W*(?:for|to use|if you)\b", sentence, re.IGNORECASE)
    ):
        return "alternative"
    if _FAILURE.search(sentence):
        return "troubleshooting"
    if _FOR_PRODUCTION.search(sentence):
        return "deploy"
    if _AFTERWARDS.search(sentence):
        return "cleanup"
    if _OUTPUT.search(sentence):
        return "output"
    lowered = sentence.lower()
    for label, pattern in _ROLES:
        if label in ("optional", "alternative") and pattern.search(lowered):
            return label
    return None


def is_output(words: str) -> bool:
    """The words announce what a program prints."""
    return _OUTPUT.search(last_sentence(words)) is not None


def last_sentence(words: str) -> str:
    """The sentence that leads to what follows."""
    near = words[-400:].strip()
    return _SENTENCE_END.split(near)[-1] if any(mark in near for mark in ".!?。") else near


@lru_cache(maxsize=256)
def option_number(words: str) -> int | None:
    """The number of "Option B" or "Method 2"; 1 is the first."""
    found = _OPTION.search(words[:200].lower())
    if not found:
        return None
    sign = found.group(1)
    return "abc".index(sign) + 1 if sign in "abc" else "一二三".index(sign) + 1 if sign in "一二三" else int(sign)


@lru_cache(maxsize=256)
def other_system(words: str, system: str) -> str | None:
    """The operating system that the words are for, if it is not this one."""
    named = systems_named(words)
    return named[0] if named and system not in named else None


def is_system_label(words: str) -> bool:
    """Whether a comment says first or last for which operating system something is: "On Windows (via winget):"."""
    return _SYSTEM_FIRST.match(words) is not None or _SYSTEM_LAST.search(words) is not None


def is_system_named_alone(words: str) -> bool:
    """Whether words say nothing but for which operating systems something is."""
    return _SYSTEM_FIRST.match(words) is not None and len(words) < 30 and not re.search(r"[:：]\s*\S|\bor\b", words)


def systems_named(words: str) -> list[str]:
    """The operating systems that the words are for: ``linux``, ``macos``, ``windows``."""
    return [name for name, pattern in _SYSTEMS.items() if pattern.search(words[:200].lower())]
