"""A module of a package is loaded alone."""

from __future__ import annotations

import subprocess
import sys


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_reading_markdown_imports_no_renderer() -> None:
    code = (
        "import sys, spec_runner.core.text.markdown; print(sorted(name for name in sys.modules if 'mistune' in name))"
    )
    loaded = python(code)
    assert "mistune.block_parser" in loaded
    assert not any(part in loaded for part in ("inline_parser", "renderers", "plugins", "'mistune'"))


def test_the_whole_package_can_be_imported_before_and_after() -> None:
    use = "import mistune; assert '<h1>' in mistune.html('# a')"
    load = "from spec_runner.core.text import markdown; from mistune.block_parser import BlockParser"
    same = "assert issubclass(markdown._PlacedParser, BlockParser) and mistune.BlockParser is BlockParser"
    for order in (f"{use}; {load}; {same}", f"{load}; {use}; {same}"):
        python(order)


def test_a_module_that_needs_its_package_is_left_to_the_usual_import() -> None:
    code = (
        "import sys; from spec_runner.core.imports import load_alone; load_alone('email.nothing');"
        "import email; assert email.message_from_string and 'email.nothing' not in sys.modules"
    )
    python(code)
