"""Real documents in every report: it is well-formed, holds to its schema, and names nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.model import Choices, Plan, ReadSpec, plan_spec
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.document import read_document
from spec_runner.errors import SpecError
from spec_runner.views.html import page
from spec_runner.views.html.timeline import Timeline
from spec_runner.views.junit import junit_text
from spec_runner.views.markdown import MOST_BYTES, step_summary
from spec_runner.views.report import Facts
from tests.app.test_reports import XSD, Page
from tests.conftest import SHARED, needs_shared

FACTS = Facts("1.0", "2026-01-01T00:00:00+00:00")
SAMPLE = sorted((SHARED / "corpus").rglob("*.md"))[::10]
"""One in ten: all of them take a minute, and are as well-formed."""


def summary_of(file: Path) -> Summary:
    """A run of a document that saw nothing."""
    data = file.read_bytes()
    if "quickstart" in file.name:
        read = ReadSpec("specs/x", guide=read_guide(data))
    else:
        read = ReadSpec("specs/x", read_document(data))
    planned = plan_spec(read, Choices(), lambda task: decide(task, system="linux", has_guide=False))
    return Summary(Plan((planned,), "plain", "host"))


@needs_shared
@pytest.mark.parametrize("part", range(4))
def test_every_report_of_a_real_document_is_well_formed(part: int) -> None:
    told = 0
    for file in SAMPLE[part::4]:
        try:
            summary = summary_of(file)
        except SpecError:
            continue
        XSD.assertValid(etree.fromstring(junit_text(summary, FACTS).encode()).getroottree())
        read = Page(page(summary, 4, FACTS, Timeline((), {}, 1.0)))
        assert len(read.ids) == len(set(read.ids)), file
        assert len(step_summary(summary, 4, FACTS).encode()) <= MOST_BYTES
        told += 1
    assert told > 5
