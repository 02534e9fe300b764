"""A command that is done once is judged by what the tree had before it was replayed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from spec_runner.core.evidence.looking import Fate
from tests.core.looked import tree
from tests.core.test_replay import judged_in

GONE = {"/old.py": Fate("1a2b3c4"), "/lib/old.py": Fate("1a2b3c4", "lib/new.py")}


@pytest.mark.parametrize(
    ("words", "files", "verdict", "reason"),
    [
        # Who never did it can do it now: that it passes says nothing.
        ("Move it with `git mv a.py lib/a.py`", "a.py", "false", "a.py is still there"),
        ("Remove it with `git rm a.py`", "a.py", "false", "a.py is still there"),
        ("Move it with `git mv a.py lib/a.py`", "lib/a.py", "proven", "a.py is gone, lib/a.py is there"),
        ("Move them with `git mv a.py b.py lib/`", "lib/a.py lib/b.py", "proven", "a.py is gone, b.py is gone"),
        ("Remove it with `git rm old.py`", "b.py", "proven", "old.py is gone"),
        # What explains it is no accusation: it is there again, it was gone once, it is a folder, nobody knows the past.
        ("Move it with `git mv a.py lib/a.py`, leave a shim", "a.py", "cannot tell", "a.py is still there"),
        ("Move it with `git mv a.py lib/a.py`", "a.py lib/a.py", "cannot tell", "a.py is still there"),
        ("Remove it with `git rm old.py`", "old.py", "cannot tell", "old.py is still there"),
        ("Remove it with `git rm -r lib`", "lib/a.py", "cannot tell", "lib is still there"),
        ("Remove it with `git rm a.py`\n- [X] T2 Write `a.py` anew", "a.py", "cannot tell", "a.py is still there"),
        ("Remove it with `git rm never.py`", "b.py", "cannot tell", "never.py is in no commit"),
        ("Remove it with `rm a.py`", "a.py", "cannot tell", "a.py is still there"),
        ("Clean with `rm -rf dist`", "a.py", "proven", None),
        ("Create it with `cargo new web`", "web/package.json", "proven", "web is there"),
        ("Create it with `cargo new web`", "a.py", "cannot tell", "web is not there"),
        ("Create it with `python manage.py startapp shop apps/shop`", "apps/shop/models.py", "proven", "apps/shop is"),
        ("Create it with `python manage.py startapp shop`", "manage.py", "cannot tell", "shop is not there"),
        ("Create folders with `mkdir -p src/{models,api}`", "src/models/a.py src/api/b.py", "proven", "src/models is"),
        ("Create folders with `mkdir -p src/{models,api}`", "src/models/a.py", "cannot tell", "src/api is not there"),
        ("Run `mkdir -p out` and then `make test`", "a.py", "proven", None),
        ("Run `mkdir -p out && make test`", "a.py", "proven", None),
        ("Run `dotnet ef migrations add Initial`", "Migrations/1_Initial.cs", "proven", None),
        ("Run `dotnet ef migrations add Initial`", "Migrations/1_Other.cs", "cannot tell", "no file is called"),
        ("Commit it with `git commit -m 'All of it'`", "a.py", "cannot tell", None),
    ],
)  # fmt: skip
def test_what_can_be_done_again_proves_no_tick(words: str, files: str, verdict: str, reason: str | None) -> None:
    found = judged_in(f"- [X] T1 {words}\n", tree(dict.fromkeys(files.split(), "x"), gone=GONE), {})
    assert found.verdict == verdict, found
    assert (found.reason or found.claims[0].reason or "").startswith(reason or ""), found


@pytest.mark.parametrize(
    ("words", "script", "verdict"),
    [
        ("Remove it with `rm old.py`", {"T1": "failed"}, "proven"),
        ("Remove it with `rm never.py`", {"T1": "failed"}, "false"),
        ("Move it with `git mv a.py nowhere/b.py`", {"T1": "failed"}, "false"),
    ],
)
def test_what_cannot_be_repeated_is_judged_by_what_it_left(
    words: str, script: Mapping[str, object], verdict: str
) -> None:
    assert judged_in(f"- [X] T1 {words}\n", tree({"a.py": "x"}, gone=GONE), script).verdict == verdict


def test_without_a_past_nothing_is_denied() -> None:
    words = "- [X] T1 Move it with `git mv a.py lib/a.py`\n"
    assert judged_in(words, tree({"a.py": "x"}, knows_past=False), {}).verdict == "cannot tell"
    assert judged_in(words, None, {}).verdict == "cannot tell"
