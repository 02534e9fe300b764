"""What a tree says of commands that are done once: whether what they leave behind was there before they were replayed.

That such a command can be replayed says nothing of its tick: who never did it can do it now.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence

from spec_runner.core.decide.once import Done, Effect, done_once
from spec_runner.core.evidence.looking import Names, Tree
from spec_runner.core.plan.events import Cause
from spec_runner.core.plan.model import PlannedTask
from spec_runner.core.result.verdicts import Judged, JudgedClaim, of_claims

_ONCE = Cause("once")
_MADE_AGAIN = re.compile(
    r"\b(?:shim|re-?export\w*|re-?creat\w*|re-?writ\w*|replac\w*|regenerat\w*|restor\w*|revert\w*|stub)\b",
    re.IGNORECASE,
)
"""Words by which a file may be there again."""


def by_effect(judged: Judged, task: PlannedTask, tree: Tree | None, others: Callable[[], Sequence[str]]) -> Judged:
    """A tick's verdict, with its claims of commands that are done once judged by what the tree had before.

    ``others`` are the texts of the other tasks of its document: one that names the same file may have undone it.
    """
    found = [_seen(each, task, tree, others) for each in judged.claims]
    if found == list(judged.claims):
        return judged
    # What only makes ready for the rest claims nothing where the rest does.
    rest = [each for each in found if not _only_leads(each, task)]
    return of_claims(rest if any(each.verdict in ("proven", "in part", "false") for each in rest) else found)


def _only_leads(judged: JudgedClaim, task: PlannedTask) -> bool:
    done = done_once(judged.claim.text) if judged.cause == _ONCE else None
    return done is not None and done.is_weak


def _seen(
    judged: JudgedClaim, task: PlannedTask, tree: Tree | None, others: Callable[[], Sequence[str]]
) -> JudgedClaim:
    """A claim as the tree has it; as it was where the tree says nothing of it."""
    claim = judged.claim
    is_told = judged.verdict in ("proven", "false") or (judged.cause is not None and judged.cause.kind == "once")
    if claim.kind != "command" or claim.step is None or claim.expectation is not None or not is_told:
        return judged
    step = task.steps[claim.step]
    done = done_once(claim.text) if step.step.expect in ("ok", "other") and not step.once else None
    if done is None:
        return judged
    effect = _from_root(done.effect, step.cwd) if done.effect and step.cwd is not None else None
    if effect is None or tree is None:
        is_leading = judged.verdict == "false" and done.is_weak
        return judged if is_leading else judged._replace(verdict="cannot tell", cause=_ONCE)
    lacking = _lacking(effect, tree.names)
    if not lacking:
        return _as_there(judged, done, effect, tree)
    if judged.verdict == "false":
        return judged
    if done.moves and _is_deniable(effect, tree, task.task.text.text, others()):
        return judged._replace(verdict="false", reason=f"{lacking}, and in no commit was it otherwise", cause=None)
    return judged._replace(verdict="cannot tell", reason=f"{lacking}; done once, it cannot be seen", cause=_ONCE)


def _as_there(judged: JudgedClaim, done: Done, effect: Effect, tree: Tree) -> JudgedClaim:
    """A claim whose effect the tree has; that a file is not there says something only where it was there once."""
    never = [path for path in effect.gone if not tree.fates(f"/{path}")]
    if done.removes and never and (done.is_weak or tree.knows_past()):
        reason = f"{never[0]} is in no commit; done once, it cannot be seen"
        return judged if done.is_weak else judged._replace(verdict="cannot tell", reason=reason, cause=_ONCE)
    return judged._replace(verdict="proven", reason=str(effect), cause=None)


def _is_deniable(effect: Effect, tree: Tree, words: str, others: Iterable[str]) -> bool:
    """Whether nothing but that it was never done explains that a file is where it was."""
    fates = [tree.fates(f"/{path}") for path in effect.gone]
    return (
        tree.knows_past()
        and all(path in tree.names.files for path in effect.gone)
        and all(fate is None or fate.is_seen for fate in fates)
        and not any(_has(path, tree.names) or tree.fates(f"/{path}") for path in effect.there)
        and not _MADE_AGAIN.search(words)
        and not any(path in text for path in effect.gone for text in others)
    )


def _from_root(effect: Effect, cwd: str) -> Effect | None:
    """The same seen from the root; None where some of it lies elsewhere."""
    gone, there = (tuple(posixpath.normpath(posixpath.join(cwd, each)) for each in some) for some in effect[:2])
    return None if any(path.startswith(("/", "..")) for path in (*gone, *there)) else Effect(gone, there, effect.named)


def _lacking(effect: Effect, names: Names) -> str:
    """What of an effect a tree does not show, in words; nothing where it shows all of it."""
    still = [f"{path} is still there" for path in effect.gone if _has(path, names)]
    absent = [f"{path} is not there" for path in effect.there if not _has(path, names)]
    unnamed = [f"no file is called …{word}…" for word in effect.named if not any(word in each for each in names.files)]
    return ", ".join((*still, *absent, *unnamed)[:2])


def _has(path: str, names: Names) -> bool:
    return path == "." or path in names.files or names.has_folder(path)
