"""Real values and placeholders."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.values import is_placeholder


@pytest.mark.parametrize(
    "value",
    ["your_openai_api_key_here", "<token>", "sk-...", "sk-your-key", "changeme", "change-me", "xxx", "[your key]",
     "{{ secret }}", "...", "YOUR_KEY", "insert-key", "replace_me", "TODO", "my-secret-here", "'your-key'"],
)  # fmt: skip
def test_what_only_says_what_belongs_there_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    ["sk-proj-abc123", "8000", "http://localhost:8000", "development", "postgres://user:secret@localhost/db", "true",
     "a", "AIzaSyD-9tSrke72", "sample-openai-key-0000", "token", "info", "a-real-key", "my-app"],
)  # fmt: skip
def test_a_real_value_is_none(value: str) -> None:
    assert not is_placeholder(value)
