"""Phrases: what words around a command mean, as data by meaning and by language."""

from __future__ import annotations

import re

_UNSPACED = ("ja", "zh", "ko")
"""Languages that do not part words by blanks, or bind endings to them."""


def _any_of(languages: dict[str, str]) -> str:
    spaced = "|".join(words for name, words in languages.items() if name not in _UNSPACED)
    unspaced = "|".join(words for name, words in languages.items() if name in _UNSPACED)
    return rf"(?:\b(?:{spaced})" + (rf"|{unspaced})" if unspaced else ")")


def _before(**languages: str) -> re.Pattern[str]:
    """These words stand just before the command."""
    return re.compile(rf"{_any_of(languages)}\W*$", re.IGNORECASE)


def _behind(**languages: str) -> re.Pattern[str]:
    """A word that starts so stands just behind the command."""
    return re.compile(rf"[\s*\"'”)]*{_any_of(languages)}", re.IGNORECASE)


def _start(**languages: str) -> re.Pattern[str]:
    """The text starts with one of these words."""
    return re.compile(rf"\W*(?:{'|'.join(languages.values())})\b", re.IGNORECASE)


MEANS = _before(
    en="via|with|using|by running|by executing|by means of", de="mittels|mit", fr="avec|via", es="con|usando",
    pt="com|usando", pl="za pomocą|przez", ru="через|с помощью",
)  # fmt: skip
"""What follows is how it is done."""
NAMED_COMMAND = re.compile(
    r"\b(?:command(?: is)?|comando|commande|befehl|команда|polecenie)\s*\**\s*[:：]?\s*\**$"
    r"|(?:命令|コマンド|명령)[\s:：]*$",
    re.IGNORECASE,
)
"""It is called a command."""
SATISFIES = _before(
    en="pass|passes|fail|fails|satisf(?:y|ies)|passing|green under|clean under", pt="passa em", fr="passe"
)
PURPOSE = _before(
    en="to (?:re-?)?(?:run|execute|invoke|launch|trigger|call|spawn)"
    "|(?<!by )(?:running|executing|invoking|launching|spawning)",
    pt="rodando|executando", es="ejecutando",
)  # fmt: skip
"""Something else is to run it."""
REPORTED = re.compile(
    r"\b(?:now|gets?|got|which|that|it|always|never|workflows?|hooks?|jobs?|scripts?|will|already|was|were|is"
    r"|are)\s+(?:\w+ )?(?:runs?|ran|executes?|executed|calls?|called|invokes?|invoked)(?: via| by| with)?\W*$"
    r"|\binvoked (?:via|by|with)\W*$",
    re.IGNORECASE,
)
"""It is said of something that it runs this."""
OUTCOME = re.compile(
    r"[\s*\"'”)]*(?:(?:command|again|still|now|all|both|also|in \S+)\s+)*(?:pass|succeed|work|exit|return|complete"
    r"|run|start|is |are |report|produce|build|finish|green|clean|install|show|print|output|find|compile|boot|launch"
    r"|emit|generate|create|yield|fail|display|list|remove|must|should|pasa|passa|sobe|réussi|läuft|проход|を|で|が)",
    re.IGNORECASE,
)
"""What comes of the command is said behind it."""
ASKED_BEHIND = re.compile(
    r"\s*(?:コマンド\s*)?(?:(?:を|を再|を順に|로|을|를)\s*)?(?:実行|실행|確認|확인|執行|执行|运行|通過|通过)"
)
"""In some languages the verb stands behind the command."""
NOUN = _behind(
    en="command|targets?\\b|workflow|scripts?\\b|steps?\\b|job|section|subcommand|flag|option|helper|support|guidance"
    "|usage|parity|wrapper|hook|recipe|alias|fixture|benchmark|entry|logic|behaviou?r|integration|instructions?\\b"
)
"""The command is only the name of something: a target, a step, a flag."""
IS_THERE = re.compile(
    r"\W*(?:(?:is|are|be) (?:installed|available|on the path|present|there)|exists?\b)", re.IGNORECASE
)
OPTIONAL = _start(
    en="optional(?:ly)?", de="optional", fr="optionnel\\w*", es="opcional\\w*", ru="опционально", zh="可选", ja="任意"
)
CHECK_LABEL = _start(
    en="verify|verification|test|check|run|execute|acceptance|validate|gate", zh="验证|驗證", ja="確認|検証",
)  # fmt: skip
"""A bullet under a task says how the task is checked."""
DIRECT = re.compile(
    r"(?:(?:that|the|if|whether|both|all|a|existing|full|complete|local|clean|final|de|que|dass|la|le|el)\b|[,\"'*:]"
    r"|\s)*$",
    re.IGNORECASE,
)
"""Nothing of weight stands between the verb and the command."""
OWN_CLAUSE = re.compile(
    r"(?:^|[.;:。；—–→(]|->|\b(?:and|then|und|et|puis|y|luego|e|i|oraz|и)\b)\W*"
    r"(?:(?:then|also|finally|locally|manually|please)\W+)*$",
    re.IGNORECASE,
)
"""What follows begins a clause of its own."""
RUN_JUST_BEFORE = _before(
    en="run|re-?run|execute|invoke|launch", pt="rode|execute", es="ejecut\\w+", fr="lance[rz]?|exécut\\w+",
    ru="запуст\\w+", de="starte",
)  # fmt: skip
