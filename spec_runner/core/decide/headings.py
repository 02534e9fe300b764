"""What a section of a guide, or the words before a fence, say its commands are for."""

from __future__ import annotations

import re

from spec_runner.core.decide.steps import Label
from spec_runner.core.patterns import Lazy, any_in

_ROLES: tuple[tuple[Label, tuple[Lazy, ...]], ...] = (
    (
        "troubleshooting",
        (
            Lazy(
                r"trouble-?shoot\w*|\b(?:common|known) (?:issues|problems|errors|pitfalls|gotchas)"
                r"|\bissues?\b\W*(?:$|&|and|:)|\bproblems?\b|\bfaq\b|debug(?:ging)?\b"
                r"|\berrors?\b(?! (?:handling|states?|cases?|responses?|scenarios?))\W*\w{0,12}:|\bif (?:things"
                r"|something) go(?:es)? wrong|gotchas|トラブル|よくある問題|故障|常見問題|常见问题|疑難"
                r"|问题排查|문제 ?해결"
                r"|d[ée]pannage|soluci[óo]n de problemas|resolu[çc][ãa]o de problemas|fehlerbehebung"
                r"|rozwi[ąa]zywanie|устранение|решение проблем",
                re.IGNORECASE,
                needs="common|debug|error|faq|fehlerbehebung|gotchas|issue|known|pannage|problem|resolu|rozwi|soluci|"
                "trouble|wrong|решение проблем|устранение|よくある問題|トラブル|"
                "常見問題|常见问题|故障|疑難|问题排查|문제",
            ),
        ),
    ),
    (
        "deploy",
        (
            Lazy(
                r"deploy\w*|\bpublish(?:ing)?\b|\breleas(?:e|ing) (?:process|steps|to)\b|\bgo(?:ing)? live\b"
                r"|\brollout\b|hosting\b|デプロイ|部署|배포|d[ée]ploiement|despliegue|implanta[çc][ãa]o"
                r"|bereitstellung|wdro[żz]enie|развертывание|развёртывание",
                re.IGNORECASE,
                needs="bereitstellung|deploy|despliegue|hosting|implanta|live|ploiement|publish|releas|rollout|wdro|"
                "развертывание|развёртывание|デプロイ|部署|배포",
            ),
        ),
    ),
    (
        "cleanup",
        (
            Lazy(
                r"^[\W\d]*(?:(?:step|stage) \d+\W+)?(?:clean(?:ing)?[ -]?up|tear(?:ing)?[ -]?down|uninstall\w*"
                r"|roll(?:ing)?[ -]?back|reset(?:ting)?\b(?! (?:the |your |a )?password))"
                r"|^(?:\W*\w+){0,2}\W+(?:clean[ -]?up|tear[ -]?down|rollback)\W*$|\bstop(?:ping)? (?:the |all"
                r" )?(?:services?|servers?|containers?|everything|app\w*|docker|development|stack)|shut(?:ting)?"
                r" ?down"
                r"|\bremov(?:e|ing) (?:the |all )?(?:data|containers|volumes)|クリーンアップ|清理|정리|nettoyage"
                r"|limpieza"
                r"|limpeza|aufräumen|sprz[ąa]tanie|очистка",
                re.IGNORECASE,
                needs="aufräumen|clean|limpeza|limpieza|nettoyage|remov|reset|roll|shut|sprz|stop|tear|uninstall|очистка|"
                "クリーンアップ|清理|정리",
            ),
        ),
    ),
    (
        "optional",
        (
            Lazy(
                r"\boptional(?:ly)?\b|\bbonus\b|nice[ -]to[ -]have|オプション|可選|可选|選用|선택"
                r"|opcional|optionnel|opcjonaln|необязательн",
                re.IGNORECASE,
                needs="bonus|nice|opcional|opcjonaln|optional|optionnel|необязательн|オプション|可选|可選|選用|선택",
            ),
        ),
    ),
    (
        "reference",
        (
            Lazy(
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
                re.IGNORECASE,
                needs="add a|adding|advanced|architecture|best practices|changes|cheat|code generation|comandos|"
                "command|contributing|customi|daily|data|day-to-day|everyday|extending|further|future|how it works|"
                "key files|learn more|log|management|migration|monitoring|next step|operations|performance t|"
                "przydatne|recipes|reference|resources|scripts|tasks|tips|token|tzliche|use case|what|workflow|"
                "полезные|よく使う|コマンド一覧|チートシート|便利な|其他命令|参考|參考|常用|日常|次のステップ|유용한|자주",
            ),
        ),
    ),
    (
        "alternative",
        (
            Lazy(r"^\W*or\b", re.IGNORECASE, needs="or"),
            Lazy(
                r"^\W*(?:another (?:way|option)|instead\b|without docker|with docker compose instead)",
                re.IGNORECASE,
                needs="another|instead|without docker",
            ),
            Lazy(
                r"\b(?:emulator|simulator|physical device)\b|\balternativ|\bother (?:\w+ )?(?:clients?|editors?"
                r"|platforms?|options)\b|\bproduction mode\b|\bwatch mode\b|\bif you prefer\b|\bauto-?fix\b"
                r"|\bmanual(?:ly)? (?:alternative|method)|または|もしくは|或者|替代|另一种|대안|또는"
                r"|ou bien|oder mit|o bien",
                re.IGNORECASE,
                needs="emulator|simulator|physical device|alternativ|other |production mode|watch mode|if you prefer|"
                "auto|manual|または|もしくは|或者|替代|另一种|대안|또는|ou bien|oder mit|o bien",
            ),
        ),
    ),
)
_OPTION = Lazy(
    r"\b(?:option|method|approach|variant|way|choice|選項|选项|方法|方式|オプション|вариант|opci[óo]n|op[çc][ãa]o"
    r"|opcja)\s*#?([A-Ca-c1-9一二三])\b",
    re.IGNORECASE,
    needs="approach|choice|method|opc|option|opç|variant|way|вариант|オプション|方式|方法|选项|選項",
)
_NUMBERED = Lazy(
    r"\W*(?:step|stage|phase|schritt|[ée]tape|paso|passo|krok|шаг|ステップ|步驟|步骤|단계)\s*\d",
    re.IGNORECASE,
    needs="krok|paso|passo|phase|schritt|stage|step|tape|шаг|ステップ|步驟|步骤|단계",
)
"""A heading that counts itself among the steps is one, whatever it is about."""
_SYSTEMS = {
    "windows": Lazy(
        r"\b(?:windows|powershell(?! core| 7)|cmd(?:\.exe)?|win(?:10|11|32)?)\b",
        re.IGNORECASE,
        needs="cmd|powershell|win",
    ),
    "macos": Lazy(
        r"\b(?:mac ?os(?: ?x)?|osx|mac|darwin|homebrew|unix)\b", re.IGNORECASE, needs="darwin|homebrew|mac|osx|unix"
    ),
    "linux": Lazy(
        r"\b(?:linux|ubuntu|debian|wsl2?|unix|fedora|arch)\b",
        re.IGNORECASE,
        needs="arch|debian|fedora|linux|ubuntu|unix|wsl",
    ),
}
_SYSTEM = "|".join(f"(?:{pattern.source})" for pattern in _SYSTEMS.values())
_SYSTEM_FIRST = re.compile(
    rf"\W*(?:(?:on|for|in|using|with) )?(?:the )?(?:{_SYSTEM})(?!.*[:：]\s*[^\s(])", re.IGNORECASE
)
_SYSTEM_LAST = re.compile(
    rf"(?:\b(?:on|for|in|using) |[(/,–—-] ?)(?:the )?(?:{_SYSTEM})(?: (?:users?|only|prompt|terminal|shell))*\W*$",
    re.IGNORECASE,
)
_FAILURE = Lazy(
    r"^\W*if (?:you (?:see|get|encounter|run into|hit|have (?:issues|problems|trouble))|(?:it|this|that|the"
    r" \w+|\w+|tests?|anything|something|the (?:build|port|server|test\w*) \w+) (?:fails?|breaks|hangs"
    r"|errors|does ?n[o']t|is already|are failing))"
    r"|^\W*(?:solution|fix|symptoms?|cause|workaround|resolution|解決策|解决|해결)\b",
    re.IGNORECASE,
    needs="breaks|cause|does|errors|fail|fix|hangs|if you|is already|solution|symptom|workaround|解决|解決策|해결",
)
_AFTERWARDS = Lazy(
    r"\b(?:when (?:you'?re |you are )?(?:done|finished)|to (?:stop|clean ?up|remove|uninstall|tear ?down"
    r"|shut ?down|undo|revert|reset)\b|afterwards?, (?:stop|remove))",
    re.IGNORECASE,
    needs="afterward|to clean|to remove|to reset|to revert|to shut|to stop|to tear|to undo|to uninstall|when",
)
_FOR_PRODUCTION = Lazy(r"^\W*(?:for|in) production\b", re.IGNORECASE, needs="production")
_OUTPUT = (
    Lazy(
        r"\b(?:expected?|sample|example|typical) (?:\w+ )?(?:output|responses?|results?|h2 sequence|sequence|log\w*)\b",
        re.IGNORECASE,
        needs="expect|sample|example|typical",
    ),
    Lazy(
        r"^\W*(?:outputs?|responses?|returns?|results?|expected|expect)\b",
        re.IGNORECASE,
        needs="output|response|return|result|expect",
    ),
    Lazy(r"\bresponse\b[^.]{0,40}:\W*$", re.IGNORECASE, needs="response"),
    Lazy(
        r"\b(?:should|will|you'?ll) (?:now )?(?:see|show|print|return|look|output|display|get"
        r"|respond)\b[^.]{0,80}:\W*$",
        re.IGNORECASE,
        needs="should |will |you'll |youll ",
    ),
    Lazy(
        r"\b(?:prints?|outputs?|returns?|shows?|yields?)\b[^.]{0,30}:\W*$",
        re.IGNORECASE,
        needs="print|output|return|show|yield",
    ),
    Lazy(r"予想|期待|出力例|預期|预期|輸出|输出|결과|출력", needs="予想|期待|出力例|預期|预期|輸出|输出|결과|출력"),
)


def role_of_heading(heading: str) -> Label | None:
    """What a heading says its section is for; None for a section of steps."""
    heading = heading[:200]
    numbered = _NUMBERED.match(heading) is not None
    for label, parts in _ROLES:
        if any_in(parts, heading) and not (numbered and label in ("deploy", "reference")):
            return label
    return None


_SENTENCE_END = Lazy(r"(?<=[.!?。])\s+")
_QUICK = Lazy(
    r"\W*(?:\d+[.)]\s*)?(?:quick ?-?start|getting started|tl;?dr)\b", re.IGNORECASE, needs="getting started|quick|tl"
)
_RUNNING = Lazy(
    r"\W*(?:\d+[.)]\s*)?(?:run(?:ning)?|start(?:ing)?) (?:the |all )?(?:\w+ )?(?:tests?|app\w*|server|services?)\b",
    re.IGNORECASE,
    needs="run|start",
)
_GOES_ON = Lazy(
    r"test|verif|valid|check|run|start|set ?up|install|build|launch|demo|smoke|step|phase|migrat"
    r"|environment|テスト|確認|検証|测试|測試|验证|驗證|起動",
    re.IGNORECASE,
    needs="build|check|demo|environment|install|launch|migrat|phase|run|set|smoke|start|step|test|valid|"
    "verif|テスト|検証|测试|測試|確認|起動|驗證|验证",
)


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
    if any_in(_OUTPUT, sentence):
        return "output"
    for label, parts in _ROLES:
        if label in ("optional", "alternative") and any_in(parts, sentence):
            return label
    return None


def is_output(words: str) -> bool:
    """The words announce what a program prints."""
    return any_in(_OUTPUT, last_sentence(words))


def last_sentence(words: str) -> str:
    """The sentence that leads to what follows."""
    near = words[-400:].strip()
    return _SENTENCE_END.split(near)[-1] if any(mark in near for mark in ".!?。") else near


def option_number(words: str) -> int | None:
    """The number of "Option B" or "Method 2"; 1 is the first."""
    found = _OPTION.search(words[:200])
    if not found:
        return None
    sign = found.group(1).lower()
    return "abc".index(sign) + 1 if sign in "abc" else "一二三".index(sign) + 1 if sign in "一二三" else int(sign)


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
    return [name for name, pattern in _SYSTEMS.items() if pattern.search(words[:200])]
