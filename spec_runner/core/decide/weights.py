"""What each feature weighs: written by ``tools/train.py``, not by hand.

Behind each weight stand how many labelled candidates have the feature, how many of them are meant to be run, and of how
many repositories they are.
"""

from __future__ import annotations

from spec_runner.core.decide.score import Weight

SPANS_BIAS = -1.42
SPANS_LOSS = 0.0755
"""Of the 1267 labelled candidates, each read by weights that were trained without its repository."""
SPANS: dict[str, Weight] = {
    "known program": Weight(2.29, 1090, 943, 68),
    "script": Weight(-0.84, 37, 8, 12),
    "started here": Weight(1.05, 7, 5, 3),
    "could be anything": Weight(-1.51, 72, 13, 18),
    "one word": Weight(-1.5, 17, 6, 7),
    "unfinished": Weight(-4.15, 6, 0, 5),
    "two words": Weight(-0.38, 353, 252, 58),
    "option": Weight(-0.07, 497, 399, 55),
    "path": Weight(0.99, 486, 452, 50),
    "several": Weight(0.79, 70, 68, 18),
    "to fill in": Weight(-1.75, 31, 13, 13),
    "changes": Weight(1.4, 168, 132, 45),
    "direct": Weight(0.79, 492, 421, 53),
    "run, direct": Weight(1.58, 381, 373, 46),
    "run, own clause": Weight(1.46, 567, 559, 53),
    "own, run": Weight(0.64, 35, 34, 11),
    "verify": Weight(0.43, 171, 155, 33),
    "make": Weight(-1.49, 225, 39, 40),
    "text runs": Weight(1.56, 525, 521, 51),
    "text makes": Weight(-1.99, 264, 61, 40),
    "swaps": Weight(-2.01, 2, 0, 1),
    "bullet": Weight(-0.27, 40, 34, 10),
    "starts": Weight(1.38, 28, 27, 8),
    "leads": Weight(1.68, 613, 545, 57),
    "leads, changes": Weight(1.15, 27, 23, 15),
    "leads, written": Weight(-1.97, 60, 11, 19),
    "run, written": Weight(-3.05, 2, 0, 1),
    "bullet, written": Weight(-2.45, 5, 1, 3),
    "leads, own sentence": Weight(0.03, 20, 18, 7),
    "file before": Weight(-1.48, 158, 54, 29),
    "does as said": Weight(1.49, 51, 49, 17),
    "colon": Weight(1.22, 282, 269, 42),
    "means": Weight(1.02, 180, 163, 36),
    "command": Weight(2.93, 14, 13, 3),
    "satisfies": Weight(1.72, 18, 18, 9),
    "purpose": Weight(-0.89, 27, 16, 11),
    "reported": Weight(-4.08, 6, 0, 5),
    "spoken of": Weight(-3.03, 16, 0, 10),
    "example": Weight(-0.88, 5, 1, 3),
    "optional": Weight(-4.56, 2, 1, 1),
    "in a report": Weight(-3.55, 3, 0, 3),
    "condition": Weight(-5.24, 1, 0, 1),
    "alternative": Weight(-7.06, 5, 0, 3),
    "verify, outcome": Weight(2.0, 43, 40, 16),
    "asked behind": Weight(3.03, 11, 11, 2),
    "noun": Weight(-0.99, 32, 3, 13),
    "is there": Weight(-3.0, 1, 0, 1),
    "ends text": Weight(0.86, 349, 314, 55),
    "into a file": Weight(-1.2, 92, 69, 13),
}
