"""Which files a task's words name, and what each is to the task."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.paths import path_mentions
from spec_runner.core.text.document import read_document

C, E, M = "create", "edit", "mention"


def mentions(title: str, below: str = "") -> list[tuple[str, str]]:
    task = read_document(f"- [x] T001 {title}\n{below}".encode()).tasks[0]
    return [(each.path, each.role) for each in path_mentions(task)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Create `src/a.py`", [("src/a.py", C)]),
        ("Create src/a.py", [("src/a.py", C)]),
        ("Create the parser in src/a.py", [("src/a.py", C)]),
        ("Contract test for login in `tests/test_a.py`", [("tests/test_a.py", C)]),
        ("Implement the [parser](src/a.py)", [("src/a.py", C)]),
        ("Create [src/a.py](src/a.py)", [("src/a.py", C)]),
        ("Create `src/a.py` and `src/b.py`, `src/c.py`", [("src/a.py", C), ("src/b.py", C), ("src/c.py", C)]),
        ("Create src/{a,b}.ts", [("src/a.ts", C), ("src/b.ts", C)]),
        ("Create `Name.tsx` in `src/other/File.tsx`", [("Name.tsx", M), ("src/other/File.tsx", C)]),
        ("Create `index.ts` in `src/components/`", [("src/components/index.ts", C)]),
        ("Add `ci.yml` test fixtures", []),
        ("Add `x/ci.yml` test fixtures", [("x/ci.yml", M)]),
        ("Add the route to `src/app.py`", [("src/app.py", E)]),
        ("Update `src/app.py`", [("src/app.py", E)]),
        ("Update `src/a.py` and create `src/b.py`", [("src/a.py", E), ("src/b.py", C)]),
        ("Create `src/a.py` as in `src/b.py`", [("src/a.py", C), ("src/b.py", M)]),
        ("Create `src/a.py` per docs/plan.md", [("src/a.py", C), ("docs/plan.md", M)]),
        ("Create `src/a.py` from `src/b.py`", [("src/a.py", C), ("src/b.py", M)]),
        ("Create `src/a.py` or a script", [("src/a.py", M)]),
        ("Create `src/a.py` (if needed)", [("src/a.py", M)]),
        ("Create `src/a.py` - covered in `src/b.py`", [("src/a.py", M), ("src/b.py", M)]),
        ("Run the tests in `tests/test_a.py`", [("tests/test_a.py", M)]),
        ("Remove `src/a.py`", [("src/a.py", M)]),
        ("Create `./src/a.py:12`", [("src/a.py", C)]),
        ("Create `tests/a.py::test_it`", [("tests/a.py", C)]),
        ("Create `src\\models\\a.py`", [("src/models/a.py", C)]),
        ("Create `app/[id]/(group)/page.tsx`", [("app/[id]/(group)/page.tsx", C)]),
        ("Create `routes/$id.tsx`", [("routes/$id.tsx", C)]),
        ("Create `/home/me/app/src/a.py`", [("home/me/app/src/a.py", C)]),
        ("创建 `src/a.py`", [("src/a.py", C)]),
        ("`src/a.py` 생성", [("src/a.py", C)]),
        ("更新 `src/a.py`", [("src/a.py", E)]),
        ("在 `src/a.py` 新增 x（同 `src/b.py` 的）", [("src/a.py", C), ("src/b.py", M)]),
        ("新增 x 至 src/a.py（或新檔 src/b.py）", [("src/a.py", C), ("src/b.py", M)]),
        ("Ajouter `src/a.py`, comme utilisé dans `src/b.py`", [("src/a.py", C), ("src/b.py", M)]),
        ("Change `startup` in `src/a.j2` to `conf/b.cfg`", [("src/a.j2", E), ("conf/b.cfg", M)]),
        ("Move `E` to `src/a.py` before T047 (the `src/b.py` impl)", [("src/a.py", E), ("src/b.py", M)]),
        ("Create `src/a.py` with a link pointing to `docs/b.md`", [("src/a.py", C), ("docs/b.md", M)]),
    ],
)
def test_a_path_is_what_the_words_before_it_say(title: str, expected: list[tuple[str, str]]) -> None:
    assert mentions(title) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`tests/**/*.py`", "`src/<name>.py`", "`src/{name}.py`", "`versions/xxx_add.py`", "`docs/…/a.md`", "`.py`",
        "`com.example.app`", "`/api/users/{id}`", "github.com/me/app", "https://a.b/c.html", "and/or", "`read/write`",
        "`src/`", "v1.2.3", "Node.js", "the map with Leaflet.js", "`@scope/package`", "`Node.parse`",
        "`configs/__node__.cfg`",
    ],
)  # fmt: skip
def test_what_is_no_file_is_none(text: str) -> None:
    assert mentions(f"Create {text}") == []


def test_a_list_under_a_colon_is_what_its_verb_is_about() -> None:
    assert mentions("Create the models:", "  - `src/a.py`\n  - src/b.py: the other\n  - see `src/c.py`\n") == [
        ("src/a.py", C), ("src/b.py", C),
    ]  # fmt: skip


@given(st.text(st.sampled_from("ab/.\\`*_[](){}$<>…~-: in,Create"), max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert all(path and not path.startswith(("/", "./")) for path, _ in mentions(text))
