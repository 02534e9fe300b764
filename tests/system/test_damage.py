"""Damaged documents and state end with an answer, never with a fault and never not at all."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

_SCRIPT = """\
import sys, tempfile; from pathlib import Path; sys.path.insert(0, sys.argv[1] + "/benchmarks")
from damage import Place, rounds
with tempfile.TemporaryDirectory() as top:
    print(sorted(rounds(Place(Path(top).resolve()), int(sys.argv[2]), 0, 7)))
    import os; os.chdir("/")
"""


@pytest.mark.skipif(os.name != "posix", reason="each round is a forked process")
def test_what_is_damaged_is_answered() -> None:
    count = "400" if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else "100"
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", _SCRIPT, str(ROOT), count]
    done = subprocess.run(words, env=given, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert set(done.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", ")) <= {
        "exit 0",
        "exit 1",
        "exit 2",
        "exit 4",
    }
