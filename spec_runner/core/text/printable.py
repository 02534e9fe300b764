"""What a program printed and what a document says, without what a terminal would obey or an eye would miss."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CLOSED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\)|[^\[\]PX^_])", re.DOTALL)
"""A sequence with its end."""
_LONGEST_CONTROL = 4096
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What Unicode says is not drawn or turns the direction of others, and the letters that are drawn as nothing."""
_BLANKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f"
)
"""Those of them that Python takes for printable, below the last planes."""
_LAYOUT = {ord("\n"): None, ord("\t"): None}
_HIDING = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_UNSEEN}]")
_NO_SIGN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
"""Words that no shell takes apart."""
_ERROR = re.compile(r"\s*(?:fatal|error|npm (?:ERR!|error))[: \[]", re.IGNORECASE)
_ADVICE = 8
"""Lines that may stand behind the one that says what is wrong."""
_SHELL_PREFIX = re.compile(r"^(?:bash|sh|environment): (?:eval: )?(?:line \d+: )?")
_METER = re.compile(r"^[\d\s:.kMG-]*(?=curl: \(\d+\))")
"""How far curl has come, which it prints before its error without a line ending."""


def last_line(output: str) -> str:
    """The last line that says something, without control sequences and the shell's own prefix.

    Where the program calls lines of its own errors, the last of these: advice may follow it.
    """
    lines = [line for line in strip_control(output).splitlines() if line.strip(" \t-=_*#~|+.")]
    if not lines:
        return ""
    line = next((line for line in reversed(lines[-_ADVICE:]) if _ERROR.match(line)), lines[-1])
    return _METER.sub("", _SHELL_PREFIX.sub("", line.strip(" \t=-")))


def strip_control(text: str) -> str:
    """Text without terminal control sequences; a carriage return starts a new line."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def open_control(text: str) -> int:
    """Where a control sequence begins that goes on behind the end of a text; its length where none does."""
    at = text.rfind("\x1b")
    is_open = at >= 0 and len(text) - at < _LONGEST_CONTROL and not _CLOSED.match(text, at)
    return at if is_open else len(text)


def visible(text: str) -> str:
    """A title, a path or an output on one line: nothing that a terminal obeys, and signs that nobody sees as escapes.

    Emoji that are joined of several, and words of scripts that are spelled with joiners, stay as they are.
    """
    return text if _is_plain(text) else _escaped(strip_control(text), joins_letters=True).replace("\n", " ⏎ ")


def typed(word: str) -> str:
    """A word as it is typed into a shell, which takes it for nothing else."""
    shown = visible(word)
    return shown if _NO_SIGN.fullmatch(shown) else "'" + shown.replace("'", "'\"'\"'") + "'"


def exact(command: str) -> str:
    """A command as it is: whatever a terminal would obey or an eye would miss is an escape as ``\\u202e``."""
    return _escaped(command, joins_letters=False)


def is_hiding(command: str) -> bool:
    """Whether something in a command is not to be seen, or turns the direction in which it is read."""
    if _is_plain(command.translate(_LAYOUT)):
        return False
    return any(not _is_emoji(command, found.start()) for found in _HIDING.finditer(command))


def without_hidden(text: str) -> str:
    """The text without every sign that is not to be seen."""
    return _HIDING.sub("", text)


def json_escaped(text: str) -> str:
    """JSON with the signs that are not to be seen as escapes: to who reads it as JSON it is the same."""
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(f"[\x7f-\x9f{_UNSEEN}]", lambda found: _utf16(found.group()), text)


def _is_plain(text: str) -> bool:
    """Whether every sign of a text is drawn and nothing else: the quick answer for nearly all of them."""
    return text.isprintable() and (text.isascii() or (max(text) < "\U000e0000" and _BLANKS.isdisjoint(text)))


def _utf16(char: str) -> str:
    data = char.encode("utf-16-be")
    return "".join(f"\\u{data[at : at + 2].hex()}" for at in range(0, len(data), 2))


def _escaped(text: str, *, joins_letters: bool) -> str:
    if _is_plain(text.translate(_LAYOUT)):
        return text

    def shown(found: re.Match[str]) -> str:
        at = found.start()
        if _is_emoji(text, at) or (joins_letters and _joins_letters(text, at)):
            return found.group()
        code = ord(found.group())
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return _HIDING.sub(shown, text)


def _is_emoji(text: str, at: int) -> bool:
    """Whether the sign there is part of an emoji: it joins two, or chooses how the one before it is drawn."""
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char in "\ufe0e\ufe0f":
        return _is_drawn(before) or (before in "0123456789#*" and before != "" and after == "\u20e3")
    joined = before if before not in ("\ufe0f", "") else text[at - 2 : at - 1]
    return char == "\u200d" and _is_drawn(joined) and _is_drawn(after)


def _is_drawn(char: str) -> bool:
    # The table of all letters is looked at only where such signs are.
    import unicodedata

    return char == "ℹ" or (char > "\u00a8" and unicodedata.category(char) in ("So", "Sm", "Sk", "Po", "Pd"))


def _joins_letters(text: str, at: int) -> bool:
    """Whether the sign there is a joiner, or its opposite, between letters of a script that is spelled with it."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return text[at] in "\u200c\u200d" and before >= "\u0600" and after >= "\u0600" and before < "\u2000" > after
