"""Features of a shell fence in a guide: what speaks for and against its being a step. None knows another."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from spec_runner.core.decide.roles import Role, roles_of
from spec_runner.core.decide.score import Feature
from spec_runner.core.decide.shape import is_move
from spec_runner.core.decide.steps import Label


class FenceCandidate(NamedTuple):
    """A shell fence with commands in it, and where it stands."""

    heading: str
    """The heading it stands under, and those above that, without the document's title."""
    outer: str
    sentence: str
    """The last sentence before it."""
    role: Label | None
    """What its heading or the words before it plainly say that it is for, and the words for that."""
    role_why: str
    commands: tuple[str, ...]
    text: str
    before: frozenset[str]
    """The commands of the shell fences before it."""
    place: float
    """0 for the first shell fence, near 1 for the last ones."""

    @property
    def inside(self) -> frozenset[Role]:
        return roles_of(self.heading)

    @property
    def around(self) -> frozenset[Role]:
        return roles_of(self.outer)


_CONDITION = re.compile(
    r"\bif (?:you|the|it|not(?! (?:already |yet )?(?:installed|present|there|cloned|running|done))|needed|necessary"
    r"|something|using|remote)\b|\bonly if\b|(?:as|where) needed"
    r"|\bwhen(?:ever)? you"
    r"|(?:^|[:;–—] ?)\W*to (?:resume|re-?run|switch|regenerate|skip|override|change|customi[sz]e|disable)\b"
    r"|\byou can (?:also|customi)"
    r"|\bfor (?:specific|iterating|example)|optional|opcional|optionnel|opcjonaln|необязательн|при необходимости"
    r"|任意|必要に応じ|変更可能|如需|如果|可选|可選|필요한 ?경우|선택"
)
_OPERATION = re.compile(
    r"\b(?:scal|backup|restor|rotat|upgrad|updat|roll ?back|extend|extension|reset|tear|stop|switch|overrid|customi)"
)
_NUMBERED = re.compile(
    r"\W*(?:\d+[.):]|(?:step|stage|phase|schritt|[ée]tape|paso|passo|krok|шаг|steg|adım|bước)\s*\d"
    r"|(?:ステップ|步驟|步骤)|\d+ ?단계)",
    re.IGNORECASE,
)
_COMMITS = re.compile(r"git (?:checkout -b|switch -c|add|commit|push|pull|branch|rebase|merge|stash)\b")
_INSTALLS = re.compile(r"\b(?:install|npm ci|uv sync|restore)\b")
_STOPS = re.compile(r"\b(?:compose down|stop|kill|pkill)\b")
_RESETS = re.compile(r"(?:db|data\w*)[:-]reset|reset --force|migrate reset|down -v|flushall")
_LOGS = re.compile(r".* logs\b|tail\b|journalctl\b")


def _has_role(label: Label) -> Callable[[FenceCandidate], bool]:
    return lambda fence: fence.role == label


def _names(role: Role) -> Callable[[FenceCandidate], bool]:
    return lambda fence: role in fence.inside


def _stands_in(role: Role) -> Callable[[FenceCandidate], bool]:
    return lambda fence: role in fence.around


def _is_numbered(fence: FenceCandidate) -> bool:
    return any(_NUMBERED.match(title) for title in (fence.heading, fence.outer.rpartition(" / ")[2]) if title)


def _is_again(fence: FenceCandidate) -> bool:
    """Whatever it does, a change of folder aside, stands in the guide already."""
    done = [command for command in fence.commands if not is_move(command)]
    return bool(done) and fence.before.issuperset(done)


def _any(pattern: re.Pattern[str]) -> Callable[[FenceCandidate], bool]:
    return lambda fence: any(map(pattern.search, fence.commands))


def _is_of_commits(fence: FenceCandidate) -> bool:
    """It is about branches and commits: how people work on the project, and no step of a guide."""
    return any(map(_COMMITS.match, fence.commands)) and all(
        _COMMITS.match(command) or is_move(command) for command in fence.commands
    )


FENCES: tuple[Feature[FenceCandidate], ...] = (
    # What the heading or the words before it plainly say.
    Feature("troubleshooting", _has_role("troubleshooting"), "{role_why}", -4),
    Feature("deploy", _has_role("deploy"), "{role_why}", -4),
    Feature("cleanup", _has_role("cleanup"), "{role_why}", -4),
    Feature("optional", _has_role("optional"), "{role_why}", -3),
    Feature("reference", _has_role("reference"), "{role_why}", -3),
    Feature(
        "workflow",
        lambda c: c.role == "reference" and "workflow" in c.role_why.lower(),
        "a workflow has steps",
        1,
    ),
    # What the words of its heading, and of those above, are about.
    Feature("a check", _names("check"), 'under "{heading}"'),
    Feature("trouble", _names("trouble"), '"{heading}" is for when something is wrong', -3),
    Feature("among troubles", _stands_in("trouble"), '"{outer}" is for when something is wrong', -3),
    Feature("production", _names("deploy"), '"{heading}" is for another place', -1),
    Feature("in production", _stands_in("deploy"), '"{outer}" is for another place', -1),
    Feature("to look up", _names("reference"), '"{heading}" is to be looked up'),
    Feature("among what is looked up", _stands_in("reference"), '"{outer}" is to be looked up'),
    Feature("unknown", lambda c: not c.inside and not c.around, "no heading says what it is for", -1),
    Feature("numbered", _is_numbered, '"{heading}" is numbered'),
    # Doubts.
    Feature(
        "conditional", lambda c: _CONDITION.search(c.sentence.lower()) is not None, '"{sentence}" is a condition', -1
    ),
    Feature(
        "condition above", lambda c: _CONDITION.search(c.heading.lower()) is not None, '"{heading}" is a condition', -2
    ),
    Feature("operation", lambda c: _OPERATION.search(c.sentence.lower()) is not None, '"{sentence}" is for later'),
    Feature("shebang", lambda c: "#!/" in c.text[:300], "it is the text of a script", -1),
    Feature("again", _is_again, "all of it stands in the guide already"),
    Feature("logs", lambda c: all(map(_LOGS.match, c.commands)), "it only looks at logs", -1),
    Feature("variables", lambda c: all(each.startswith("export ") for each in c.commands), "it only sets variables"),
    Feature("commits", _is_of_commits, "it is about commits", -2),
    Feature(
        "another machine",
        lambda c: any(each.startswith("ssh ") for each in c.commands),
        "it is for another machine",
        -2,
    ),
    Feature("resets", _any(_RESETS), "it resets data", -2),
    Feature("stops", _any(_STOPS), "it stops what runs", -1),
    Feature("installs", _any(_INSTALLS), "it installs something"),
    # Where it stands.
    Feature("first", lambda c: c.place == 0 and c.role is None, "the guide begins with it"),
    Feature("late", lambda c: c.place > 0.7),
)
