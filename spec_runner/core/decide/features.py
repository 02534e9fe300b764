"""Features of a candidate: what speaks for and against running it. Each is one line; none knows another.

To teach the reader something, add a feature here and train (``tools/train.py``): what it weighs, and how many labelled
candidates that rests on, is written to ``weights.py``.
"""

from __future__ import annotations

import re

from spec_runner.core.decide import phrases
from spec_runner.core.decide.candidate import Candidate
from spec_runner.core.decide.score import Feature
from spec_runner.core.decide.shape import is_complete_alone, is_script
from spec_runner.core.decide.words import (
    is_condition,
    is_connector,
    is_example,
    is_labelled_report,
    is_report,
    names_container,
)
from spec_runner.core.shell.programs import names

_NUMBER = re.compile(r"[\s*_:\[\]()—-]*(?:[A-Z]{0,3}\d{0,3}[.):]*\s*)?$")
_INTO_FILE = re.compile(r"\s*(?:[\w-]+\s+){0,4}(?:in|into|to|at)\s{2,}")
_TO_FILL_IN = re.compile(r"(?<![\w<])<[A-Za-z][^<>]*>|\[[a-z][a-z-]*\]")
_CHANGES = names(
    "add install new init migrate generate create remove upgrade update sync i uninstall scaffold require get"
    " branch switch checkout stash worktree"
)
_MAKERS = names("mkdir touch cp mv ln unzip tar")
_UNFINISHED = {
    "docker": names("stop start exec rm run cp pull inspect"),
    "uv": names("run add"),
    "git": names("mv rm add checkout clone"),
    "bash": names("-c -n -x -e"),
    "sh": names("-c -n -x -e"),
    "npm": names("run"),
    "python": names("-m -c"),
    "pandoc": names("-t"),
    "kubectl": names("get apply delete exec"),
    **dict.fromkeys(names("ruff mypy golangci-lint shellcheck sqlc bats"), names("")),
}
"""Programs and subcommands that do nothing without an operand."""


def _is_unfinished(candidate: Candidate) -> bool:
    words = candidate.operands
    needed = _UNFINISHED.get(candidate.program)
    if needed is not None:
        return len(words) <= 1 and (not words or words[0] in needed)
    return not words and candidate.known and not is_complete_alone(candidate.command)


_OPERAND = re.compile(r"\s*(?:on|against|over|across)\b")


def _has_operand_behind(candidate: Candidate) -> bool:
    """What a project's own program is to work on stands behind it as words: "run `sweep` on all pages"."""
    is_name = not candidate.known and " " not in candidate.command and not is_script(candidate.command)
    return is_name and _OPERAND.match(candidate.after) is not None


def _changes(candidate: Candidate) -> bool:
    """It changes the project by itself: it adds, installs, generates."""
    return (
        candidate.program in _MAKERS
        or " > " in candidate.command
        or any(word in _CHANGES for word in candidate.operands[:3])
    )


_ACTS = {
    "delete": names("rm rmdir del"), "remove": names("rm rmdir del uninstall remove"), "clone": names("clone"),
    "install": names("install add ci sync i"), "navigate": names("cd"), "build": names("build"),
    "format": names("format fmt prettier black"), "lint": names("lint eslint ruff"), "commit": names("commit"),
    "move": names("mv"), "copy": names("cp"), "rename": names("mv"),
    "migrate": names("migrate upgrade"), "initialize": names("init"),
}  # fmt: skip
_SAID = re.compile(rf"\b({'|'.join(_ACTS)})s?\b", re.IGNORECASE)


def _does_as_said(candidate: Candidate) -> bool:
    """The verb that the text starts with is what the command does: "Delete the examples `rm a b`"."""
    said = _SAID.match(candidate.before.lstrip(" *_[]()"))
    words = (candidate.program, *candidate.operands[:3])
    return said is not None and any(word in _ACTS[said.group(1).lower()] for word in words)


def _is_asked_directly(candidate: Candidate) -> bool:
    return candidate.verb == "run" and candidate.direct


def _has_own_clause(candidate: Candidate) -> bool:
    """The verb that governs it begins a clause of its own: "…, and run `x`". Chinese and Japanese need no such word."""
    if candidate.verb != "run":
        return False
    start = len(candidate.before) - len(candidate.gap) - len(candidate.verb_word)
    lead = candidate.before[max(start - 40, 0) : start]
    return candidate.verb_word > "\u3000" or phrases.OWN_CLAUSE.search(lead) is not None


def _is_written(candidate: Candidate) -> bool:
    """What is made is a file, or another thing that holds text."""
    if candidate.around is not None:
        return candidate.around.holds_text
    return (
        candidate.makes
        and not _has_own_sentence(candidate)
        and (candidate.names_file or names_container(candidate.before[:200]))
    )


def _has_own_sentence(candidate: Candidate) -> bool:
    """The words that lead to it are a sentence of their own, in which nothing is made."""
    start = max(candidate.before.rfind(". "), candidate.before.rfind("; "))
    return start >= 0 and (candidate.verb != "make" or start > len(candidate.before) - len(candidate.gap))


def _leads(candidate: Candidate) -> bool:
    return is_connector(candidate.before)


def _ends(candidate: Candidate, *signs: str) -> bool:
    return candidate.before.rstrip(" *").endswith(signs)


FEATURES: tuple[Feature[Candidate], ...] = (
    # What it looks like.
    Feature("known program", lambda c: c.known),
    Feature("started here", lambda c: c.command.startswith("./"), "", 1),
    Feature(
        "could be anything",
        lambda c: c.shape == "maybe" and not is_script(c.command),
        "nothing plainly asks for this to be run",
    ),
    Feature(
        "one word",
        lambda c: " " not in c.command and c.shape == "maybe" and not is_script(c.command),
        "it is only a name",
    ),
    Feature("unfinished", _is_unfinished, "it is only the name of a command", -8),
    Feature("operand behind", _has_operand_behind, "it is only the name of a command", -3),
    Feature("two words", lambda c: len(c.operands) == 1),
    Feature("path", lambda c: any("/" in word or "." in word for word in c.operands)),
    Feature("several", lambda c: "&&" in c.command or " | " in c.command),
    Feature(
        "to fill in", lambda c: _TO_FILL_IN.search(c.command) is not None, "something in it is to be filled in", -1
    ),
    Feature("changes", _changes),
    # The verb that governs it, and the one that the text starts with.
    Feature("direct", lambda c: c.direct, "{quoted} before the command"),
    Feature("run, direct", _is_asked_directly, "{quoted} before the command"),
    Feature("run, own clause", _has_own_clause, "{quoted} before the command"),
    Feature("own, run", lambda c: not c.known and _is_asked_directly(c), "{quoted} before the command"),
    Feature("make", lambda c: c.verb == "make", "{quoted} speaks of something that is made"),
    Feature("text runs", lambda c: c.head == "run", "the task begins with what is to be run"),
    Feature("text makes", lambda c: c.makes, "it is text for something that is written"),
    Feature("bullet", lambda c: c.around is not None),
    # The words before it.
    Feature("starts", lambda c: _NUMBER.match(c.before) is not None, "the task begins with it"),
    Feature("leads", _leads, "{quoted} leads to it"),
    Feature("leads, changes", lambda c: _leads(c) and c.verb == "make" and _changes(c), "{quoted} is done by it"),
    Feature("leads, written", lambda c: _leads(c) and _is_written(c), "it is text for something that is written"),
    Feature(
        "run, written",
        lambda c: c.verb == "run" and _is_written(c) and not _has_own_clause(c),
        "it is text for something that is written",
        -3,
    ),
    Feature(
        "bullet, written",
        lambda c: c.around is not None and c.around.holds_text and not phrases.CHECK_LABEL.match(c.text),
        "it is text for something that is written",
        -2,
    ),
    Feature("file before", lambda c: c.names_file, "a file is named before it"),
    Feature("does as said", _does_as_said, "it does what the words before it say", 1),
    Feature("colon", lambda c: _ends(c, ":", "："), "{quoted} leads to it"),
    Feature("means", lambda c: phrases.MEANS.search(c.before) is not None, "{quoted} leads to it"),
    Feature("command", lambda c: phrases.NAMED_COMMAND.search(c.before) is not None, "{quoted} leads to it", 3),
    Feature("satisfies", lambda c: phrases.SATISFIES.search(c.before) is not None, "{quoted} wants it to pass", 1),
    Feature(
        "purpose", lambda c: phrases.PURPOSE.search(c.before) is not None, "it is what something else will run", -1
    ),
    Feature(
        "reported", lambda c: phrases.REPORTED.search(c.before) is not None, "the words speak about it: {quoted}", -4
    ),
    Feature("spoken of", lambda c: is_report(c.before), "the words speak about it: {quoted}", -3),
    Feature("example", lambda c: is_example(c.before), "it is an example", -1),
    Feature("optional", lambda c: phrases.OPTIONAL.match(c.text) is not None, "it is optional", -4),
    Feature("in a report", lambda c: is_labelled_report(c.before), "it stands in a result, a note or a reference", -3),
    Feature("condition", lambda c: is_condition(c.before), "it is to be run only under a condition", -5),
    Feature("alternative", lambda c: c.link == "or", "an alternative to the command before it", -7),
    # The words behind it.
    Feature(
        "verify, outcome",
        lambda c: c.verb == "verify" and phrases.OUTCOME.match(c.after) is not None,
        "{quoted} asks to verify it",
        2,
    ),
    Feature("asked behind", lambda c: phrases.ASKED_BEHIND.match(c.after) is not None, '"{after}" behind it', 3),
    Feature("noun", lambda c: phrases.NOUN.match(c.after) is not None, "it is only mentioned"),
    Feature(
        "is there",
        lambda c: " " not in c.command and phrases.IS_THERE.match(c.after) is not None,
        "the words ask whether it is there",
        -3,
    ),
    Feature("ends text", lambda c: not c.after.strip(" .)*")),
    Feature("into a file", lambda c: _INTO_FILE.match(c.after) is not None),
)
