"""Secrets are masked in every dress."""

from __future__ import annotations

import base64
import json
import random
import shlex
import string
from urllib.parse import quote, quote_plus

from spec_runner.core.secrets import MASK, Secrets


def test_short_values_are_left() -> None:
    assert Secrets(["abc", ""]).mask("abc") == "abc"


def test_nothing_secret_nothing_masked() -> None:
    assert Secrets().mask("text") == "text"


def test_each_line_of_a_value_is_masked() -> None:
    assert Secrets(["first line\nsecond line"]).mask("> second line") == f"> {MASK}"


def test_a_random_value_never_leaks() -> None:
    chance = random.Random(7)
    letters = string.ascii_letters + string.digits + "+/=-_.:'\"\\ $&%äß"
    for _ in range(150):
        value = "".join(chance.choice(letters) for _ in range(chance.randrange(8, 40))).strip()
        if len(value) < 8:
            continue
        raw, before = value.encode(), bytes(chance.randrange(256) for _ in range(chance.randrange(4)))
        for dress in (value, json.dumps(value), quote(value), quote_plus(value), shlex.quote(value), repr(value)):
            assert value not in Secrets([value]).mask(f"x{dress}y")
            assert MASK in Secrets([value]).mask(f"x{dress}y")
        assert MASK in Secrets([value]).mask(base64.b64encode(before + raw + b"!").decode())
