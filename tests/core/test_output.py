"""Text of others is shown without what a terminal obeys and with what an eye would miss."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.text.marks import note_text
from spec_runner.core.text.printable import exact, is_hiding, json_escaped, strip_control, visible

HIDDEN = "\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\u2800\u3164\ufeff\uffa0\U000e0041\U000e0100"
JOINING = "\u200c\u200d\ufe0e\ufe0f"
LETTERS = "ab -/\\'\"$#1*é😀❤👩💻✔אמیخ\u20e3"

texts = st.text(st.sampled_from(HIDDEN + JOINING + LETTERS + "\x1b\x07\x9b\r\n\t\x00[]m0;\u2028\u2029")) | st.text()


def shows_itself(text: str) -> bool:
    """Whether nothing in a text is obeyed or unseen, but joiners, which the tests look at by themselves."""
    return not any(
        char in HIDDEN or (unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char not in JOINING + "\t")
        for char in text
        # Signs of numbers in Arabic and Syriac are drawn, although Unicode counts them among the formats.
        if char not in "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
        and not 0x13430 <= ord(char) <= 0x1343F
    )


@given(texts)
def test_what_is_shown_is_one_line_that_a_terminal_does_not_obey(text: str) -> None:
    assert shows_itself(visible(text))
    assert shows_itself(exact(text).replace("\n", ""))


@given(texts)
def test_a_command_that_is_not_held_for_it_is_shown_as_it_is(text: str) -> None:
    assert (exact(text) == text) == (not is_hiding(text))


@given(texts)
def test_json_says_the_same_with_escapes(text: str) -> None:
    escaped = json_escaped(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(escaped) == {text: [text]}
    assert not any(char in HIDDEN + "\x7f\x9b\u2028" for char in escaped)


@given(texts)
def test_a_note_holds_nothing_that_is_not_seen(text: str) -> None:
    note = note_text(text)
    assert shows_itself(note) and not set(note) & set(JOINING + "`\t\n")
    assert len(note) <= 160


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("safe \u202egpj.sh", "safe \\u202egpj.sh"),
        ("a\u200bb", "a\\u200bb"),
        ("a\U000e0041", "a\\U000e0041"),
        ("a\u00ad\x9bb", "a\\xadb"),
        ("\x1b]0;title\x07\x1b[31mred\nnext", "red ⏎ next"),
        ("👩\u200d💻 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 👩🏽\u200d🚀 ✔\ufe0f", "👩\u200d💻 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 👩🏽\u200d🚀 ✔\ufe0f"),
        ("می\u200cخواهم שלום", "می\u200cخواهم שלום"),
        ("pay\u200dpal", "pay\\u200dpal"),
        ("1\ufe0f", "1\\ufe0f"),
    ],
)  # fmt: skip
def test_signs_that_nobody_sees_are_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_command_shows_its_control_characters() -> None:
    assert exact("ls \x1b[8m; rm a\x1b[0m") == "ls \\x1b[8m; rm a\\x1b[0m"
    assert exact("git commit -m '👩\u200d💻'\n\techo שלום") == "git commit -m '👩\u200d💻'\n\techo שלום"


@given(st.text(st.sampled_from("\x1b[]0;?m\x07a \\P^_\x9b"), max_size=30))
def test_nothing_of_a_control_sequence_is_left(text: str) -> None:
    assert not set(strip_control(text)) & set("\x1b\x07\x9b")


@pytest.mark.parametrize(
    "word", ["specs/001-a", "T003", "a b", "Run `id`", "$(id)", "it's", "a;b", "~x", "-n *", "é", "#"]
)
def test_what_is_shown_to_be_typed_is_one_word_to_a_shell(word: str) -> None:
    import shlex

    from spec_runner.core.text.printable import typed

    assert shlex.split(typed(word), comments=True) == [word]
    assert typed(word) == word or typed(word)[0] == "'"
