"""Which addresses are on another machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.text.addresses import host_of, is_elsewhere

ELSEWHERE = [
    "https://example.org", "http://example.org:80/a", "example.org", "example.org/a?b", "me@example.org:22", "10.0.0.7",
    "https://u:p@db.example.org:5432/a", "mongodb://a.example.org:1,b.example.org:2/c", "http://[2001:db8::1]:80",
    "localhost.example.org", "127.0.0.1.example.org", "127.example.org", "https://example.org#localhost",
    "https://localhost@example.org", "169.254.169.254", "https://<your-domain>/a", "'https://example.org'",
]  # fmt: skip
HERE = [
    "localhost", "localhost:8000/a", "http://localhost", "http://127.0.0.1:80", "127.1.2.3", "0.0.0.0:1", "http://[::1]:80",
    "host.docker.internal:80", "http://shop.localhost", "api.test", "postgres://u@db:5432/a", "redis", ":8000", "", "/a.b/c",
    "$HOST", "https://$HOST/a", "https://${HOST:-x}/a", "./a", "Accept: a.b", '{"a.b": 1}', "name=example.org",
]  # fmt: skip


@pytest.mark.parametrize(("addresses", "expected"), [(ELSEWHERE, True), (HERE, False)])
def test_an_address_is_elsewhere_when_it_names_another_machine(addresses: list[str], expected: bool) -> None:
    assert [address for address in addresses if is_elsewhere(address) is not expected] == []


@given(st.text(st.sampled_from(list("ab1.:/@[]-?#,'<>$")), max_size=20))
def test_any_text_names_a_host_that_stands_in_it(text: str) -> None:
    assert host_of(text) in text
    is_elsewhere(text)
