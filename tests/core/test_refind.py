"""Tasks are found again by their words, wherever they stand now."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.evidence.match_tasks import match_tasks
from spec_runner.core.text.document import read_document

BEFORE = "- [ ] T1 Run `a`\n- [ ] T2 Run `b`\n- [ ] T3 Run `a`\n- [ ] T4 Run `c`\n- [ ] T4 Run `c`\n"


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (BEFORE, "T1:1 T2:2 T3:3 T4:4 T4#2:5"),
        (BEFORE.replace("[ ]", "[X]"), "T1:1 T2:2 T3:3 T4:4 T4#2:5"),
        ("# New\n\n" + BEFORE.replace("\n", "\r\n"), "T1:3 T2:4 T3:5 T4:6 T4#2:7"),
        ("".join(reversed(BEFORE.splitlines(True))), "T1:5 T2:4 T3:3 T4:1 T4#2:2"),
        (BEFORE.replace("T2", "T9"), "T1:1 T2:2 T3:3 T4:4 T4#2:5"),
        (BEFORE.replace("T3", "T9"), "T1:1 T2:2 T4:4 T4#2:5"),
        (BEFORE.replace("T1 Run `a`\n", "T1 Run `z`\n"), "T2:2 T3:3 T4:4 T4#2:5"),
        (BEFORE.replace("- [ ] T4 Run `c`\n", "", 1), "T1:1 T2:2 T3:3"),
        (BEFORE.replace("- [ ] T1 Run `a`\n", ""), "T2:1 T3:2 T4:3 T4#2:4"),
        (BEFORE + "- [ ] T9 Run `b`\n", "T1:1 T2:2 T3:3 T4:4 T4#2:5"),
        ("# Nothing\n", ""),
    ],
)
def test_a_task_is_found_where_its_words_stand_now(now: str, found: str) -> None:
    again = match_tasks(read_document(BEFORE.encode()), read_document(now.encode()))
    assert " ".join(f"{key}:{task.line}" for key, task in sorted(again.items())) == found


line = st.builds("- [ ] T{} Run `{}`\n".format, st.integers(1, 3), st.sampled_from("ab"))


@given(st.lists(line, max_size=6), st.lists(line, max_size=6))
def test_what_is_found_has_the_same_words_and_is_found_once(before: list[str], now: list[str]) -> None:
    then, after = read_document("".join(before).encode()), read_document("".join(now).encode())
    again = match_tasks(then, after)
    titles = {task.key: task.title for task in then.tasks}
    assert all(titles[key] == task.title for key, task in again.items())
    assert len({task.line for task in again.values()}) == len(again)
