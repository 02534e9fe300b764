"""The weights of the features come from the labels, and only from them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spec_runner.core.decide import weights
from spec_runner.core.decide.features import FEATURES
from tools.labels import documents
from tools.train import span_examples, weights_of

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = Path(os.environ.get("SPEC_RUN_SHARED", ROOT.parent / "shared")) / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no labelled documents at {CORPUS}")


def test_training_again_gives_the_weights_that_are_written() -> None:
    examples = span_examples(documents(CORPUS))
    found, bias = weights_of(FEATURES, examples)
    assert (found, bias) == (weights.SPANS, weights.SPANS_BIAS)
    assert weights_of(FEATURES, examples[::-1]) == (found, bias)
