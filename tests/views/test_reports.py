"""What reports make of text that is not ours, for all text; and that the page can be read by everyone."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.events import Place, StepFinished, StepResult, TaskFinished
from spec_runner.core.plan.model import Choices, Plan, ReadSpec, plan_spec
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.document import read_document
from spec_runner.core.text.printable import exact
from spec_runner.views.github import annotations_of, defused
from spec_runner.views.html import STYLE
from spec_runner.views.html.text import inline, shown
from spec_runner.views.junit import junit_text
from spec_runner.views.markdown import MOST_BYTES, step_summary
from spec_runner.views.report import Case, Facts, task_cases

ANY = st.text(st.characters(codec=None), max_size=60)
"""Every letter, also halves of letters."""
FACTS = Facts("1.0", "2026-01-01T00:00:00+00:00")


def summary_of(reason: str, output: str = "", seconds: float = 1.0, count: int = 1) -> Summary:
    """A run of tasks that all failed for this reason."""
    text = "".join(f"- [ ] T{number:03} Run `false`\n" for number in range(1, count + 1))
    read = ReadSpec("specs/001", read_document(text.encode()))
    planned = plan_spec(read, Choices(), lambda task: decide(task, system="linux", has_guide=False))
    summary = Summary(Plan((planned,), "plain", "host"))
    for task in planned.tasks:
        summary.hear(StepFinished(Place(0, task.task.key), StepResult("failed", reason, 1, None, seconds, output)))
        summary.hear(TaskFinished(0, task.task.key, "failed", reason, seconds))
    return summary


@given(ANY)
def test_text_on_the_page_reads_back_as_it_was(text: str) -> None:
    spelt = re.compile(r'<span class="hidden-letter" title="[^"]*">U\+([0-9A-F]+)</span>')
    assert html.unescape(spelt.sub(lambda found: f"&#{int(found.group(1), 16)};", shown(text))) == html.unescape(
        "".join(f"&#{ord(char)};" if f"U+{ord(char):04X}" in shown(char) else html.escape(char) for char in text)
    )


@given(ANY)
def test_no_letter_on_the_page_turns_others_around_or_hides(text: str) -> None:
    told = {char for char in shown(text) if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert told <= set("\n\t\u200c\u200d")


@given(st.text(st.sampled_from("`*<>&\"' ab\u202e"), max_size=30))
def test_a_title_on_the_page_has_no_markup_but_code_and_bold(text: str) -> None:
    tags = set(re.findall(r"</?(\w+)", inline(text)))
    assert tags <= {"code", "strong", "span"}
    etree.fromstring(f"<p>{inline(text)}</p>")


def test_joined_letters_stay_joined() -> None:
    assert shown("👩\u200d💻") == "👩\u200d💻"
    assert "U+200D" in shown("pass\u200dword")


@given(ANY, ANY)
def test_junit_is_well_formed_whatever_was_printed(reason: str, output: str) -> None:
    text = junit_text(summary_of(reason, output), FACTS)
    tree = etree.fromstring(text.encode())
    assert len(tree.findall(".//failure")) == 1


@given(ANY)
def test_junit_keeps_every_letter_that_xml_can_hold(reason: str) -> None:
    allowed = re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", reason)
    tree = etree.fromstring(junit_text(summary_of(allowed), FACTS).encode())
    failure = tree.find(".//failure")
    assert failure is not None
    assert failure.get("message") == (exact(allowed) or "failed"), "what nobody sees is shown as an escape"


@given(st.floats(min_value=0, max_value=1e7))
def test_junit_tells_seconds_as_its_readers_expect(seconds: float) -> None:
    tree = etree.fromstring(junit_text(summary_of("why", seconds=seconds), FACTS).encode())
    assert re.fullmatch(r"\d+\.\d{3}", tree.get("time") or "")


@given(st.text(st.sampled_from("#[:] \tadd-mask\u00a0\u2028"), max_size=20))
def test_a_defused_line_is_no_command(line: str) -> None:
    told = defused(line)
    assert not told.lstrip().startswith("::")
    assert "##[" not in told


@given(ANY, ANY)
def test_an_annotation_is_one_line_with_one_place(name: str, reason: str) -> None:
    case = Case(name, "title", "a,b:c.md", 3, "failed", reason, 0.0)
    (line,) = annotations_of([case], lambda path: path)
    assert len(line.splitlines()) == 1
    head, _, message = line[2:].partition("::")
    assert head.startswith("error file=a%2Cb%3Ac.md,line=3,title=spec-run%3A ")
    assert head.count(",") == 2
    assert message.endswith("%0Atitle")


@given(st.text(st.sampled_from("|`*_<>[]()&#@~\n\\ ab"), max_size=30))
def test_a_cell_of_the_summary_is_one_cell_without_markup(reason: str) -> None:
    text = step_summary(summary_of(reason or "why"), 1, FACTS)
    row = next(line for line in text.splitlines() if line.startswith("| ❌"))
    assert row.count("|") == 6
    assert not set("`*_<>[]()@~") & set(row.split("|")[4].replace("&#", ""))


@pytest.mark.parametrize("room", [0, 100, 1000, 5000, MOST_BYTES])
def test_a_summary_is_never_longer_than_its_room(room: int) -> None:
    text = step_summary(summary_of("why", "x" * 3000 + "é" * 3000, count=400), 1, FACTS, room)
    assert len(text.encode()) <= room
    assert text.count("<details") == text.count("</details>")


def test_a_block_of_the_summary_has_no_empty_line_that_would_end_it() -> None:
    text = step_summary(summary_of("why", "one\n\n\n- two\n"), 1, FACTS)
    inside = text[text.index("<details") : text.index("</details>")]
    assert "\n\n" not in inside


def test_cases_tell_a_failure_with_the_step_that_did_not_pass() -> None:
    (case,) = task_cases(summary_of("why"), 0)
    assert case.status == "failed"
    assert case.shortfall is not None
    assert case.shortfall.planned.step.command == "false"


# The colours of the page.


def palette(css: str) -> dict[str, str]:
    found = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})\b", css))
    return {name: "#" + "".join(2 * each for each in value[1:]) if len(value) == 4 else value for name, value in found.items()}  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


LIGHT, DARK = STYLE.read_text(encoding="utf-8").split("@media (prefers-color-scheme:dark)")[:2]


@pytest.mark.parametrize("css", [LIGHT, DARK.partition("}}")[0]], ids=["light", "dark"])
def test_every_text_on_the_page_has_the_contrast_that_wcag_asks_for(css: str) -> None:
    colours = palette(css)
    grounds = [colours[name] for name in ("page", "panel", "sunk")]
    for ink in ("text", "soft", "link", "none", "held"):
        assert all(contrast(colours[ink], ground) >= 4.5 for ground in grounds), ink
    for look in ("passed", "failed", "held", "idle"):
        assert contrast(colours[look], colours[f"{look}-back"]) >= 4.5, look


def test_what_failed_after_something_was_left_out_is_told_as_not_judged() -> None:
    summary = summary_of("exit 1")
    (spec,) = summary.plan.specs
    summary.plan = summary.plan._replace(specs=(spec._replace(unsupported=frozenset({"T001"})),))
    (case,) = task_cases(summary, 0)
    assert (case.status, summary.exit_code()) == ("cannot tell", 1)
    assert case.reason == "exit 1: tasks before it were left out and are not proven"
    assert step_summary(summary, 1, FACTS).startswith("## spec-run: 1 cannot tell\n")
