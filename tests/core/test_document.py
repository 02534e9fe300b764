"""Bytes → Document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.text.document import Document, Task, read_document
from spec_runner.errors import SpecError


def tasks(text: str) -> tuple[Task, ...]:
    return read_document(text.encode()).tasks


def one(line: str) -> Task:
    (task,) = tasks(line)
    return task


@pytest.mark.parametrize(
    ("line", "identifier"),
    [
        ("- [ ] T001 Do it", "T001"),
        ("* [ ] T1000 Do it", "T1000"),
        ("1. [ ] T001a Do it", "T001a"),
        ("- [ ] T001.1 Do it", "T001.1"),
        ("- [ ] T028' Do it", "T028'"),
        ("- [ ] T029–T034 Do them", "T029–T034"),
        ("- [ ] T-S012-P08-057 Do it", "T-S012-P08-057"),
        ("- [ ] **T001** Do it", "T001"),
        ("- [x] ✅ T001 Do it", "T001"),
        ("- [ ] ~~T001 Do it~~", "T001"),
        ("- [ ] 1.2 Do it", "1.2"),
        ("- [ ] 3. Do it", "3"),
        ("- [ ] Do it", None),
        ("- [ ] 3 files are there", None),
    ],
)
def test_an_id_is_read_in_every_dress(line: str, identifier: str | None) -> None:
    assert one(line).id == identifier
    assert "Do" in one(line).title or identifier is None


@pytest.mark.parametrize(
    ("heads", "identifiers"),
    [
        (("TB104", "TB105", "TB106"), ["TB104", "TB105", "TB106"]),
        (("A001", "J002", "A003", "A004"), ["A001", "J002", "A003", "A004"]),
        (("EC005.1", "EC005.2", "EC006"), ["EC005.1", "EC005.2", "EC006"]),
        (("**CHK012**", "CHK013", "[P] CHK014"), ["CHK012", "CHK013", "CHK014"]),
        (("V1.", "V2.", "V3."), ["V1", "V2", "V3"]),
        (("HTTP2", "T001", "HTTP3"), [None, "T001", None]),
        (("ED25519", "ED25519", "ED25519"), [None, None, None]),
        (("D3.js", "D4.js", "D5.js"), [None, None, None]),
    ],
)
def test_whatever_the_boxes_of_a_document_count_themselves_with_is_its_id(
    heads: tuple[str, ...], identifiers: list[str | None]
) -> None:
    found = tasks("\n".join(f"- [ ] {head} Run `make`" for head in heads))
    assert [task.id for task in found] == identifiers


def test_a_number_like_an_id_is_none_of_the_words_that_say_what_to_do() -> None:
    task = one("- [ ] TB105 Run `make`")
    assert (task.id, task.title, task.text.text[task.title_start :]) == (None, "TB105 Run `make`", "Run `make`")
    assert one("- [ ] ED25519 verification")._replace(title="").title_start == 0


def test_boxes_indented_by_four_under_a_heading_are_tasks() -> None:
    text = "## Tests\n    - [X] T002 Check it with `make`\n      twice\n    - [ ] T004 Add it\n\n- [ ] T005 Go on\n"
    assert [(task.id, task.line) for task in tasks(text)] == [("T002", 2), ("T004", 4), ("T005", 6)]
    assert read_document(text.encode()).source.data[slice(*tasks(text)[0].mark_span)] == b"X"
    assert not tasks("## Format\nWrite them so:\n\n    - [ ] T002 Check it\n")


def test_tags_are_read_in_any_order() -> None:
    for head in ("T001 [P] [US2]", "T001 [US2] [P]", "T001 [P][us2]", "[P] T001 [US2, US3]", "**T001** **[P]** [US2]"):
        task = one(f"- [ ] {head} Do it")
        assert (task.parallel, task.story, task.title) == (True, "US2", "Do it"), head


def test_a_link_is_no_tag() -> None:
    assert one("- [ ] T001 [guide](guide.md) is read").title == "[guide](guide.md) is read"


def test_phases_are_the_headings_that_say_so_or_the_outermost_ones() -> None:
    text = "# Tasks\n## Phase 1: A\n### Part\n- [ ] T001 a\n## Phase 2: B\n- [ ] T002 b\n"
    assert [task.phase.title for task in tasks(text) if task.phase] == ["Phase 1: A", "Phase 2: B"]
    assert [task.phase.title for task in tasks("# One\n- [ ] T1 a\n# Two\n- [ ] T2 b\n") if task.phase] == [
        "One",
        "Two",
    ]


def test_a_story_may_stand_in_the_heading_alone() -> None:
    assert one_of("## Phase 3: User Story 4 - Pay\n- [ ] T001 a\n").story == "US4"


def one_of(text: str) -> Task:
    (task,) = tasks(text)
    return task


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(depends on T012, T013)", ("T012", "T013")),
        ("(Depends on T012 and T013)", ("T012", "T013")),
        ("Depends on T053, T054, Phase 3 complete.", ("T053", "T054")),
        ("then `echo depends on T9`", ()),
        ("(FAILED: depends on T9)", ()),
    ],
)
def test_dependencies_are_read_from_words(text: str, expected: tuple[str, ...]) -> None:
    assert one(f"- [ ] T099 Do it {text}").depends_on == expected


NO_TASKS = [
    "```\n- [ ] T001 in a fence\n```",
    "- item\n\n  ```bash\n  - [ ] T001 in a fence in an item\n  ```",
    "<!--\n- [ ] T001 in a comment\n-->",
    "---\ntitle: x\nlist:\n  - [ ] T001 in front matter\n---\n",
    "## Format: - [ ] T001 in a heading",
    "- [P] tasks = different files",
    "- [X] = done",
    "- T006 depends on T002",
    "| - [ ] T001 | in a table |",
    "    - [ ] T001 in indented code",
    "- [xyz] T001",
    "- [] T001",
    "- [x](link) T001",
    'Task: "T012 - [ ] x"',
]


@pytest.mark.parametrize("text", NO_TASKS)
def test_what_is_no_task_is_not_read_as_one(text: str) -> None:
    assert tasks(f"Text\n\n{text}\n") == () or text.startswith("---")
    assert tasks(text) == ()


def test_wrapped_lines_are_joined_also_inside_a_code_span() -> None:
    task = one("- [ ] T001 Run `npm run\n      build` and\n      look\n")
    assert task.title == "Run `npm run build` and look"
    assert [code.text for code in task.codes] == ["npm run build"]


def test_a_code_span_knows_its_line() -> None:
    task = one("- [ ] T001 Run\n  this:\n  `make`\n")
    assert [code.line for code in task.codes] == [3]


def test_what_stands_under_a_task_belongs_to_it() -> None:
    text = "- [ ] T001 Do\n  - **Verify**: `make test`\n\n  More\n\n  ```bash accept\n  ls\n  ```\n- [ ] T002 Next\n"
    first, second = tasks(text)
    bullet, more, fence = first.details
    assert bullet.paragraph and bullet.paragraph.text == "**Verify**: `make test`"
    assert more.paragraph and more.paragraph.text == "More"
    assert fence.fence and (fence.fence.info, fence.fence.text) == ("bash accept", "ls\n")
    assert second.details == ()


def test_nested_boxes_are_tasks_of_their_own() -> None:
    text = "- [ ] 1. Parent\n  - [x] 1.1 Child\n    - note\n  - [ ] 1.2 Child\n"
    assert [(task.id, task.depth, len(task.details)) for task in tasks(text)] == [
        ("1", 0, 0),
        ("1.1", 1, 1),
        ("1.2", 1, 0),
    ]


def test_the_dialect_is_told_by_the_ids() -> None:
    texts = {
        "speckit": "- [ ] T001 a",
        "openspec": "- [ ] 1.1 a",
        "kiro": "- [ ] 1. a\n  - _Requirements: 1.1_\n",
        "plain": "- [ ] a",
    }
    assert {name: read_document(text.encode()).dialect for name, text in texts.items()} == {
        name: name for name in texts
    }


def test_repeated_ids_are_told_apart_by_their_place() -> None:
    assert [task.key for task in tasks("- [ ] T001 a\n- [ ] T001 b\n- [ ] a\n- [ ] a\n")] == [
        "T001",
        "T001#2",
        "a",
        "a#2",
    ]


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("- [ ] T1 a", "open"),
        ("- [x] T1 a", "claimed"),
        ("- [X] T1 a (FAILED: b)", "failed"),
        ("- [ ] T1 a (FAILED: b (c) d)", "failed"),
        ("- [C] T1 a", "cancelled"),
        ("- [~] T1 a", "other"),
        ("- [⚠️] T1 a", "other"),
        ("- [✓] T1 a", "other"),
        ("- [x] T1 write `(FAILED: x)` somewhere", "claimed"),
        ("- [x] T1 a <!-- (FAILED: x) -->", "claimed"),
    ],
)
def test_the_state_is_what_the_mark_and_the_note_say(line: str, state: str) -> None:
    assert one(line).state == state


def test_a_note_ends_at_its_own_bracket() -> None:
    task = one("- [X] T001 a (FAILED: exit 1: f(x) is 2) and more (see b)")
    assert task.note == "exit 1: f(x) is 2"
    assert task.title == "a and more (see b)"


def test_a_cancelled_task_with_a_persons_reason_is_told_from_one_of_ours() -> None:
    assert one("- [C] T001 Do it (deferred to v2)").is_cancelled_by_person
    assert one("- [C] ~~T001 Do it~~").is_cancelled_by_person
    assert not one("- [C] T001 Do it").is_cancelled_by_person


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"ok\n- [ ] T001 \xff\n", 2, "not UTF-8"),
        (b"a\nb\0c", 2, "NUL"),
        ("x".encode("utf-16"), 1, "UTF-16"),
        (b"\n" + b"- " * 200 + b"x\n", 2, "deep"),
        (b"> " * 100 + b"x\n", 1, "deep"),
    ],
)
def test_bytes_that_cannot_be_read_are_an_error_with_a_line(data: bytes, line: int, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_document(data)
    assert caught.value.line == line
    assert words in caught.value.what


def test_the_done_letter_follows_the_file() -> None:
    assert read_document(b"- [x] T1\n- [x] T2\n- [X] T3\n").done_letter == "x"
    assert read_document(b"- [x] T1\n- [X] T2\n").done_letter == "X"
    assert read_document(b"").done_letter == "X"


LINE_ENDINGS = ["\n", "\r\n", "\r"]
SAMPLE = "# Tasks\n\n- [x] T001 Run `ls\n  -l` (FAILED: no)\n  - [ ] T002 sub\n\n```\n- [ ] T9\n```\n\n- [C] T003 ünï\n"


@pytest.mark.parametrize("ending", LINE_ENDINGS)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [True, False])
def test_endings_bom_and_last_line_change_nothing_else(ending: str, bom: bytes, last: bool) -> None:
    def told(document: Document) -> list[tuple[object, ...]]:
        return [
            (task.key, task.line, task.mark, task.title, task.note, [code.text for code in task.codes])
            for task in document.tasks
        ]

    text = SAMPLE if last else SAMPLE.rstrip("\n")
    data = bom + text.replace("\n", ending).encode()
    assert told(read_document(data)) == told(read_document(SAMPLE.encode()))


markdown_like = st.text(alphabet=st.sampled_from(list("-*+1.)[] xXCT0`#>~|<!-()FAILED: \n\r\t\\é\u2028")), max_size=200)


@given(markdown_like)
def test_no_text_raises_anything_but_a_spec_error(text: str) -> None:
    try:
        document = read_document(text.encode())
    except SpecError:
        return
    for task in document.tasks:
        assert task.mark_span.of(document.source.data).decode() == task.mark
        assert len({each.key for each in document.tasks}) == len(document.tasks)


@given(markdown_like)
def test_lines_add_up_to_the_source(text: str) -> None:
    data = text.encode()
    try:
        source = read_document(data).source
    except SpecError:
        return
    edges = [*source.starts[1:], len(data)]
    assert b"".join(data[start:end] for start, end in zip(source.starts, edges, strict=True)) == data
