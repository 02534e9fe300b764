"""What looking into a tree says of the files that tasks name."""

from __future__ import annotations

import pytest

from spec_runner.core.evidence.looking import Looked, Names, Place, Stands, is_stub, look, said
from spec_runner.core.text.document import read_document
from tests.core.looked import tree

FILES = {
    "src/a.py": "class Parser:\n    def parse(self):\n        return 1\n",
    "src/empty.py": "",
    "lib/user_service.py": "x = 1\n",
    "web/components/UserCard.tsx": "x\n",
    "src/new.py": "x\n",
    "tests/test_login_flow.py": "x\n",
    "README.md": "x\n",
    "lib/utils/store.py": "x\n",
    "lib/orders/Order.ts": "x\n",
    "lib/orders/Order.stories.ts": "x\n",
    "web/prompts/page.tsx": "x\n",
    "tests/test_all.py": "# T001: parse every wide answer of the server\n",
}
STANDS = {
    "OrderLine": Stands((), 3, "lib/orders/Order.ts"),
    "categoryName": Stands((), 3, "lib/orders/Order.ts"),
    "T001": Stands((Place("tests/test_all.py", 1, "# T001: parse every wide answer of the server"),), 1),
    "fetch_lot": Stands((Place("tests/test_all.py", 1, "fetch_lot()"),), 1),
}


def seen(title: str, *, knows_past: bool = True, document: str = "specs/001/tasks.md") -> tuple[Looked, ...]:
    tasks = read_document(f"- [x] T001 {title}\n".encode())
    return look(
        tasks, document, tree(FILES, knows_past=knows_past, stands=STANDS), lambda task: task.is_ticked
    ).tasks.get("T001", ())


@pytest.mark.parametrize(
    ("title", "sight", "detail"),
    [
        ("Create `src/a.py`", "present", ""),
        ("Create `Parser` class in `src/a.py`", "present", "Parser in it"),
        ("Create `src/A.py`", "present", ""),
        ("Create `/src/a.py`", "present", ""),
        ("Create `/home/me/shop/src/a.py`", "present", ""),
        ("Update `src/a.py` so that `Parser` is faster", "present", "Parser in it"),
        ("Create `src/never.py`", "missing", ""),
        ("Update `src/never.py`", "not found", ""),
        ("Create `src/user_service.py`", "not found", "lib/user_service.py looks like it"),
        ("Create `src/user_services.py`", "not found", "lib/user_service.py looks like it"),
        ("Create `src/UserService.py`", "not found", "lib/user_service.py looks like it"),
        ("Create `src/UserCard.jsx`", "not found", "web/components/UserCard.tsx looks like it"),
        ("Add tests in `tests/test_flow_login.py`", "not found", "tests/test_login_flow.py looks like it"),
        ("Add tests in `tests/test_logout_flow.py`", "missing", ""),
        ("Create `lib/utils/store_utils.py`", "not found", "lib/utils/store.py looks like it"),
        ("Create `lib/orders/Order.web.ts`", "not found", "lib/orders/Order.ts looks like it"),
        ("Create `src/models/OrderLine.ts`", "not found", "lib/orders/Order.ts looks like it"),
        ("Create `tests/OrderLine.test.ts`", "missing", ""),
        ("Show the categoryName in `web/RowOfIt.ts`", "missing", ""),
        ("Create `src/agents/prompts.py`", "missing", ""),
        ("Parse wide answers from the server in `tests/test_speed.py`", "not found", "tests/test_all.py:1 names T001"),
        ("Parse wide answers from the server in `src/speed.py`", "missing", ""),
        ("Test `fetch_lot(it)` in `tests/test_speed.py`", "not found", "tests/test_all.py:1 names fetch_lot"),
        ("Create `migrations/Version20260218_AddIt.php`", "not found", ""),
        ("Create `src/mcp/page.tsx`", "not found", ""),
        ("Create `src/side.py`", "moved", "seen in fed4321"),
        ("Create `com/spec/UserServiceImpl.py`", "not found", "lib/user_service.py looks like it"),
        ("Create `services/dropped.py`", "moved", "a dropped.py was deleted in def5678"),
        ("Create `src/old.py`", "moved", "renamed to src/new.py in abc1234"),
        ("Create `src/dropped.py`", "moved", "deleted in def5678"),
        ("Create `src/empty.py`", "not found", "it is empty"),
        ("Implement `render()` function in `src/a.py`", "not found", "render stands in no file of code"),
    ],
)
def test_a_file_that_is_named_is_looked_for(title: str, sight: str, detail: str) -> None:
    (found,) = seen(title)
    assert (found.sight, found.detail) == (sight, detail)


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Create `src/empty.py`", "src/empty.py is there; it is empty"),
        ("Implement `render()` function in `src/a.py`", "src/a.py is there; render stands in no file of code"),
        ("Create `migrations/Version20260218_AddIt.php`", "migrations/Version20260218_AddIt.php is not found"),
    ],
)
def test_a_file_that_is_there_is_never_said_not_to_be(title: str, sentence: str) -> None:
    (found,) = seen(title)
    assert said(found) == sentence


@pytest.mark.parametrize(
    "title",
    [
        "Update `src/a.py`", "Create `src/ignored.py`", "Create `dist/app.js`", "Create `web/.env.local`",
        "Create `docs/a.png`", "Review `src/never.py`", "Create `src/never.py` (consolidated into another)",
        "Create `/home/me/elsewhere/never.py`", "Update `old.py`", "Update `src/dropped.py`",
    ],
)  # fmt: skip
def test_of_the_rest_nothing_is_said(title: str) -> None:
    assert seen(title) == ()


def test_without_the_past_nothing_is_missing() -> None:
    assert [each.sight for each in seen("Create `src/never.py`", knows_past=False)] == ["not found"]


def test_a_plan_of_another_tree_is_told_once() -> None:
    lines = [f"- [x] T{n:03} Create `src/part{n}/thing{n}x.go`" for n in range(9)]
    document = read_document("\n".join([*lines, "- [x] T100 Create `src/a.py`"]).encode())
    found = look(document, "specs/001/tasks.md", tree(FILES), lambda task: True)
    assert found.foreign == (9, 10)
    assert [each.sight for looked in found.tasks.values() for each in looked] == ["present"]


def test_an_archived_document_says_what_is_there_alone() -> None:
    assert seen("Create `src/never.py`", document="archive/specs/001/tasks.md") == ()
    assert [each.sight for each in seen("Create `src/a.py`", document="archive/specs/001/tasks.md")] == ["present"]


def test_a_name_is_looked_for_from_the_folder_that_holds_the_specs_and_not_in_another_project() -> None:
    names = Names(["one/src/a.py", "two/src/a.py", "one/specs/001/tasks.md", "two/specs/001/tasks.md"])
    assert names.seen_from("two/specs/001/tasks.md").find("src/a.py") == ["two/src/a.py"]
    assert names.seen_from("one/specs/001/tasks.md").find("src/a.py") == ["one/src/a.py"]


def test_what_nobody_calls_is_told() -> None:
    stands = {"parse": Stands((Place("src/a.py", 2, "def parse"),), 1, "src/a.py"), "used": Stands((), 2, "src/a.py")}
    document = read_document(b"- [x] T001 Add `parse()` and `used()` to `Parser` in `src/a.py`\n")
    found = look(document, "specs/001/tasks.md", tree(FILES, stands=stands), lambda task: True).tasks["T001"]
    assert found[0].unused == ("parse",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n    pass\n", True),
        ("def f():\n    '''Say it.'''\n    raise NotImplementedError()\n", True),
        ("def f():\n    return 1\n", False),
        ("class f(Base):\n    pass\n", False),
        ("class f:\n    '''Hold it.'''\n", True),
        ("@abstractmethod\ndef f():\n    pass\n", False),
        ("def g():\n    pass\n", False),
        ("def f(:\n", False),
    ],
)
def test_a_body_that_does_nothing_is_a_stub(text: str, expected: bool) -> None:
    assert is_stub(text, "a.py", "f") is expected


def test_a_stub_of_another_language_says_so_itself() -> None:
    assert is_stub("export function f() {\n  throw new Error('not implemented');\n}", "a.ts", "f")
    assert is_stub("fn f() {\n    todo!()\n}", "a.rs", "f")
    assert not is_stub("export function f() {\n  return 1;\n}", "a.ts", "f")
