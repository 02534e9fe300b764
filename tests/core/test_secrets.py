"""Secrets are masked in every dress, and no cut leaves a piece of one behind."""

from __future__ import annotations

import base64
import html
import json
import random
import shlex
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.result.masking import MASK, Secrets, secret_values, unmasked_names

AROUND = "·"
"""A letter that stands in no secret and in no form of one."""
PIECE = 6
"""Letters of a form that nobody may see in a row; base64 begins and ends with letters that are not the secret's alone."""


def in_base64(value: str) -> str:
    before = b"?" * random.Random(len(value)).randrange(4)
    return base64.b64encode(before + value.encode() + b"!").decode()


def wrapped(value: str) -> str:
    return base64.encodebytes(b"x" * 50 + value.encode()).decode()


DRESSES: tuple[Callable[[str], str], ...] = (
    str, lambda value: json.dumps(value), lambda value: json.dumps(value, ensure_ascii=False), quote,
    lambda value: quote(value, safe=""), quote_plus, shlex.quote, repr, ascii, html.escape, in_base64,
    lambda value: in_base64(value).replace("+", "-").replace("/", "_"), lambda value: value.encode().hex(),
    lambda value: value.encode().hex().upper(), lambda value: json.dumps(value).replace("/", "\\/"),
)  # fmt: skip


def pieces(dressed: str) -> set[str]:
    return {dressed[at : at + PIECE] for at in range(len(dressed) - PIECE + 1)}


def random_value(chance: random.Random) -> str:
    letters = string.ascii_letters + string.digits + chance.choice(["", "+/=-_", ".:'\"\\ $&%`!", "äßñ漢字🔑", "\n'\""])
    return "".join(chance.choice(letters) for _ in range(chance.randrange(8, 60)))


def test_a_random_value_never_leaks() -> None:
    chance = random.Random(7)
    for _ in range(4000):
        value = random_value(chance)
        # Every line of a value is masked by itself: one that is too short may stand in every text.
        if any(len(line.strip()) < 8 for line in value.split("\n")):
            continue
        dress = chance.choice(DRESSES)
        dressed = dress(value)
        masked = Secrets([value, "another-value"]).mask(f"{AROUND}{dressed}{AROUND}")
        assert MASK in masked
        left = masked.replace(MASK, AROUND)
        assert not pieces(dressed.strip("'\"")) & pieces(left), (value, dressed, masked)


def test_no_cut_leaves_a_piece() -> None:
    chance = random.Random(8)
    for _ in range(4000):
        value = random_value(chance).replace("\n", "n")
        dressed = chance.choice(DRESSES[:10])(value)
        text = f"{AROUND * chance.randrange(9)}{dressed}{AROUND * chance.randrange(9)}"
        first = chance.randrange(len(text) + 1)
        last = chance.randrange(first, len(text) + 1)
        masked = Secrets([value, "another-value"]).mask_cut(text[:first], "\n…\n", text[last:])
        assert not {dressed[at : at + 4] for at in range(len(dressed) - 3)} & {
            masked[at : at + 4] for at in range(len(masked) - 3)
        }, (value, dressed, masked)


@given(st.text(min_size=8), st.text(max_size=20), st.text(max_size=20))
def test_any_value_is_masked_wherever_it_stands(value: str, before: str, behind: str) -> None:
    secrets = Secrets([value])
    if MASK not in secrets.mask(value):
        return
    text = secrets.mask(f"{before}{value}{behind}")
    assert MASK in text
    assert value not in text or value in MASK * 2


def test_overlapping_secrets_leave_nothing() -> None:
    assert Secrets(["abcdefgh", "fghijklm"]).mask("> abcdefghijklm <") == f"> {MASK} <"
    assert Secrets(["long-secret", "long-secret-2"]).mask("long-secret-2") == MASK


def test_base64_is_masked_over_the_lines_that_it_is_broken_into() -> None:
    value = "correct horse battery staple " * 4
    masked = Secrets([value]).mask(wrapped(value))
    assert MASK in masked
    assert not pieces(base64.b64encode(b"x" * 50 + value.encode()).decode()[70:-8]) & pieces(masked)


def test_short_values_are_left() -> None:
    assert Secrets(["abc", ""]).mask("abc") == "abc"


def test_nothing_secret_nothing_masked() -> None:
    assert Secrets().mask("text") == "text"


def test_each_line_of_a_value_is_masked() -> None:
    assert Secrets(["first line\nsecond line"]).mask("> second line") == f"> {MASK}"


def test_the_password_of_an_address_is_masked_alone_too() -> None:
    secrets = Secrets(["postgres://shop:p%40ssw0rd@db/shop"])
    assert secrets.mask("with p%40ssw0rd or p@ssw0rd") == f"with {MASK} or {MASK}"


@pytest.mark.parametrize("value", ["http://localhost:8000/docs", "true", "production", "5432"])
def test_what_stands_everywhere_is_no_secret(value: str) -> None:
    assert Secrets([value]).mask(f"on {value}") == f"on {value}"


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("GITHUB_TOKEN", "abcdefgh", True),
        ("DB_PASSWORD", "abcdefgh", True),
        ("OPENAI_API_KEY", "abcdefgh", True),
        ("APIKEY", "abcdefgh", True),
        ("AWS_SECRET_ACCESS_KEY", "abcdefgh", True),
        ("SIGNING_KEY", "abcdefgh", True),
        ("NPM_AUTH", "abcdefgh", True),
        ("X", "ghp_0123456789abcdefABCDEF", True),
        ("X", "AKIAIOSFODNN7EXAMPLE", True),
        ("X", "eyJhbGciOiJIUzI1NiJ9.e30.x", True),
        ("X", "redis://:hunter22@cache:6379", True),
        ("PWD", "/home/me/shop", False),
        ("PATH", "/usr/bin:/bin", False),
        ("EDITOR", "vim", False),
        ("TOKENIZERS_PARALLELISM", "false", False),
        ("GIT_ASKPASS", "echo", False),
        ("AUTHOR", "somebody", False),
        ("HOMEPAGE", "https://example.org/a", False),
    ],
)
def test_what_is_secret_in_an_environment(name: str, value: str, is_secret: bool) -> None:
    assert (name in secret_values({name: value})) == is_secret


def test_secrets_that_cannot_be_masked_are_told_by_name() -> None:
    assert unmasked_names({"A_TOKEN": "abc", "B_PASSWORD": "test", "C_SECRET": "long enough", "PORT": "80"}) == [
        "A_TOKEN", "B_PASSWORD",
    ]  # fmt: skip
