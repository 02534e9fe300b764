"""Train what the features weigh: ``python -m tools.train DOCUMENTS [--write] [--anyway]``.

DOCUMENTS is a folder with an ``index.tsv`` that holds the labelled documents; the labels are in ``labels/``. Prints how
often readings are right of documents whose repository was left out of the training, and, with ``--write``, writes
``spec_runner/core/decide/weights.py``. Weights whose error on left-out repositories rises are refused.

A logistic regression: each weight is drawn to its feature's prior, so that few labels move it little.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from spec_runner.core.decide import weights as written
from spec_runner.core.decide.candidate import Around, Candidate, candidates_of, holds_text
from spec_runner.core.decide.features import FEATURES
from spec_runner.core.decide.fence_features import FENCES, FenceCandidate
from spec_runner.core.decide.guide import fence_candidates
from spec_runner.core.decide.score import Feature, Weight
from spec_runner.core.decide.words import head_verb
from spec_runner.core.text.document import Task, read_document
from tools.labels import LabelledDocument, documents, fence_labels, spans_of, task_labels

C = TypeVar("C")
Vector = NDArray[np.float64]
WEIGHTS = Path(written.__file__)
_STRENGTH = 1.0
"""How strongly a weight is held at its prior: as much as a few labelled candidates."""
_RISE = 0.0005
"""A loss that rises by no more than this has not risen."""


@dataclass(frozen=True)
class Example(Generic[C]):
    """A labelled candidate."""

    repository: str
    candidate: C
    run: bool


@dataclass(frozen=True)
class Model:
    """What the features weigh, in their order, and the bias."""

    weights: Vector
    bias: float

    def probability(self, rows: Vector) -> Vector:
        return np.asarray(1 / (1 + np.exp(-(rows @ self.weights + self.bias))))


def span_examples(found: Mapping[str, LabelledDocument]) -> list[Example[Candidate]]:
    """Every labelled span that looks like a command."""
    read = {digest: read_document(each.data) for digest, each in found.items() if each.kind == "tasks"}
    examples = []
    for label in task_labels():
        tasks = read[label.document].tasks if label.document in read else ()
        for task in (task for task in tasks if task.line == label.line):
            run = {(part, code) for number, part, code in spans_of(task) if number in label.run}
            repository = found[label.document].repository
            examples += [Example(repository, each, (part, each.code) in run) for part, each in candidates(task)]
    return examples


def fence_examples(found: Mapping[str, LabelledDocument]) -> list[Example[FenceCandidate]]:
    """Every labelled shell fence that could be a step."""
    labels = {(label.document, label.line): label.label == "step" for label in fence_labels()}
    return [
        Example(document.repository, fence, labels[document.digest, line])
        for document in found.values()
        if document.kind == "quickstart"
        for line, fence in fence_candidates(document.data)
        if (document.digest, line) in labels
    ]


def candidates(task: Task) -> list[tuple[Any, Candidate]]:
    """The candidates of a task's title and bullets, each with its bullet."""
    text = task.written
    found: list[tuple[Any, Candidate]] = [(None, each) for each in candidates_of(text, task.title_start)]
    around = Around(head_verb(text.text[task.title_start :]), holds_text(text, task.title_start))
    for part in (detail.paragraph for detail in task.details if detail.paragraph):
        found += [(part, each) for each in candidates_of(part, 0, around)]
    return found


def matrix(features: Sequence[Feature[C]], examples: Sequence[Example[C]]) -> Vector:
    """Which feature holds of which example."""
    return np.array([[float(feature.holds(each.candidate)) for feature in features] for each in examples])


def fit(features: Sequence[Feature[C]], rows: Vector, run: Vector) -> Model:
    """The weights under which the labels are likeliest, drawn to their priors (Newton's method)."""
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    prior = np.array([*(feature.prior for feature in features), 0.0])
    pull = np.array([_STRENGTH] * len(features) + [1e-3])
    found = prior.copy()

    def cost(weights: Vector) -> float:
        surprise = np.logaddexp(0, rows @ weights) - run * (rows @ weights)
        return float(surprise.sum() + (pull * (weights - prior) ** 2).sum() / 2)

    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (chance - run) + pull * (found - prior)
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        while cost(found - step) > cost(found) + 1e-9:
            step = step / 2
        found = found - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return Model(found[:-1], float(found[-1]))


def left_out(features: Sequence[Feature[C]], examples: Sequence[Example[C]]) -> Vector:
    """The probability of each example by weights that were trained without its repository."""
    rows, run = matrix(features, examples), np.array([float(each.run) for each in examples])
    repositories = np.array([each.repository for each in examples])
    chance = np.zeros(len(examples))
    for repository in sorted(set(repositories)):
        out = repositories == repository
        chance[out] = fit(features, rows[~out], run[~out]).probability(rows[out])
    return chance


def loss(examples: Sequence[Example[C]], chance: Vector) -> float:
    """The mean of the logarithms of what was not foreseen: 0 is always right and always sure."""
    right = [p if each.run else 1 - p for each, p in zip(examples, chance, strict=True)]
    return float(-np.mean(np.log(np.clip(right, 1e-9, 1))))


def weights_of(features: Sequence[Feature[C]], examples: Sequence[Example[C]]) -> tuple[dict[str, Weight], float]:
    """The weight of each feature, with what it rests on, and the bias."""
    rows, run = matrix(features, examples), np.array([float(each.run) for each in examples])
    model = fit(features, rows, run)
    found = {}
    for feature, column, weight in zip(features, rows.T, model.weights, strict=True):
        having = [each for each, holds in zip(examples, column, strict=True) if holds]
        repositories = len({each.repository for each in having})
        found[feature.name] = Weight(
            round(float(weight), 2), len(having), sum(each.run for each in having), repositories
        )
    return found, round(model.bias, 2)


def report(examples: Sequence[Example[C]], chance: Vector) -> None:
    """How often what is said to be so likely is meant to be run."""
    run = np.array([each.run for each in examples])
    print("said           candidates   meant to be run")
    for least in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9):
        most = 0.9 if least == 0.8 else 1.01 if least == 0.9 else least + 0.2
        there = (chance >= least) & (chance < most)
        share = f"{100 * run[there].mean():.1f} %" if there.any() else ""
        print(f"{least:.1f} to {min(most, 1):.1f} {there.sum():14} {share:>17}")


def table(name: str, found: tuple[dict[str, Weight], float], error: float, number: int) -> str:
    weights, bias = found
    rows = "\n".join(
        f"    {feature!r}: Weight({', '.join(map(str, weight))}),".replace("'", '"')
        for feature, weight in weights.items()
    )
    return (
        f"{name}_BIAS = {bias}\n{name}_LOSS = {error:.4f}\n"
        f'"""Of the {number} labelled candidates, each read by weights that were trained without its repository."""\n'
        f"{name}: dict[str, Weight] = {{\n{rows}\n}}\n"
    )


_HEAD = '''"""What each feature weighs: written by ``tools/train.py``, not by hand.

Behind each weight stand how many labelled candidates have the feature, how many of them are meant to be run, and of how
many repositories they are.
"""

from __future__ import annotations

from spec_runner.core.decide.score import Weight

'''


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--write", action="store_true", help="write the weights")
    parser.add_argument("--anyway", action="store_true", help="also where the error rises: the labels have changed")
    asked = parser.parse_args()
    found = documents(asked.documents)
    tables = [
        _trained("SPANS", FEATURES, span_examples(found), written.SPANS_LOSS),
        _trained("FENCES", FENCES, fence_examples(found), written.FENCES_LOSS),
    ]
    if any(rises for _, rises in tables) and not asked.anyway:
        print("refused: the error on repositories that were left out rises")
        return 1
    if asked.write:
        WEIGHTS.write_text(_HEAD + "".join(text for text, _ in tables), "utf-8")
    return 0


def _trained(
    name: str, features: Sequence[Feature[C]], examples: Sequence[Example[C]], before: float
) -> tuple[str, bool]:
    """The table of a trained model, and whether its error is higher than before."""
    chance = left_out(features, examples)
    error = loss(examples, chance)
    print(f"{name}: loss of left-out repositories {error:.4f}, written {before}")
    report(examples, chance)
    return table(name, weights_of(features, examples), error, len(examples)), error > before + _RISE


if __name__ == "__main__":
    sys.exit(main())
