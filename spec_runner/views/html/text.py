"""Text that is not ours as markup: whatever comes from a document or a program goes through here, and nothing else."""

from __future__ import annotations

import re
import unicodedata
from html import escape

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*`]+)\*\*")
_SUSPECT = re.compile("[^\t\n\x20-\x7e\xa1-\xac\xae-\u02ff]")
"""Letters that may have to be spelt out: the quick look before the careful one."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters by name, of which nothing is to be seen."""
_JOINERS = "\u200c\u200d"
"""They belong to Persian, to Indian scripts and to emoji, and hide only between plain letters."""


def shown(text: str) -> str:
    """Text as markup that shows it as it is: what would hide or turn other letters around is spelt out."""
    if not _SUSPECT.search(text):
        return escape(text)
    return "".join(_letter(text, index) for index in range(len(text)))


def _letter(text: str, index: int) -> str:
    char = text[index]
    if char in "\n\t" or (unicodedata.category(char) not in _HIDDEN and char not in _BLANKS):
        return escape(char)
    if char in _JOINERS and 0 < index < len(text) - 1 and not (text[index - 1] + text[index + 1]).isascii():
        return char
    name = unicodedata.name(char, "control character")
    return f'<span class="hidden-letter" title="{escape(name.lower())}">U+{ord(char):04X}</span>'


def inline(text: str) -> str:
    """A line of a document, with its code spans and its bold words."""
    made, at = "", 0
    for found in _INLINE.finditer(text):
        made += shown(text[at : found.start()])
        code, bold = found.groups()
        made += f"<code>{shown(code)}</code>" if code else f"<strong>{shown(bold)}</strong>"
        at = found.end()
    return made + shown(text[at:])
