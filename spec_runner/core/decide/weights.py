"""What each feature weighs: written by ``tools/train.py``, not by hand.

Behind each weight stand how many labelled candidates have the feature, how many of them are meant to be run, and of how
many repositories they are.
"""

from __future__ import annotations

from spec_runner.core.decide.score import Weight

SPANS_BIAS = -1.36
SPANS_LOSS = 0.0764
"""Of the 1267 labelled candidates, each read by weights that were trained without its repository."""
SPANS: dict[str, Weight] = {
    "known program": Weight(2.32, 1090, 943, 68),
    "script": Weight(-0.86, 37, 8, 12),
    "started here": Weight(1.05, 7, 5, 3),
    "could be anything": Weight(-1.55, 72, 13, 18),
    "one word": Weight(-1.53, 17, 6, 7),
    "unfinished": Weight(-4.15, 6, 0, 5),
    "two words": Weight(-0.4, 353, 252, 58),
    "option": Weight(-0.11, 497, 399, 55),
    "path": Weight(1.03, 486, 452, 50),
    "several": Weight(0.75, 70, 68, 18),
    "to fill in": Weight(-1.73, 31, 13, 13),
    "changes": Weight(1.43, 168, 132, 45),
    "direct": Weight(0.77, 492, 421, 53),
    "run, direct": Weight(1.58, 381, 373, 46),
    "run, own clause": Weight(1.44, 567, 559, 53),
    "own, run": Weight(0.66, 35, 34, 11),
    "verify": Weight(0.38, 171, 155, 33),
    "make": Weight(-1.53, 225, 39, 40),
    "text runs": Weight(1.53, 525, 521, 51),
    "text makes": Weight(-2.05, 264, 61, 40),
    "swaps": Weight(-2.01, 2, 0, 1),
    "bullet": Weight(-0.28, 40, 34, 10),
    "starts": Weight(1.35, 28, 27, 8),
    "leads": Weight(1.73, 613, 545, 57),
    "leads, changes": Weight(1.11, 27, 23, 15),
    "leads, written": Weight(-2.01, 60, 11, 19),
    "run, written": Weight(-3.05, 2, 0, 1),
    "bullet, written": Weight(-2.45, 5, 1, 3),
    "leads, own sentence": Weight(-0.01, 20, 18, 7),
    "file before": Weight(-1.46, 158, 54, 29),
    "colon": Weight(1.19, 282, 269, 42),
    "means": Weight(1.01, 180, 163, 36),
    "command": Weight(2.95, 14, 13, 3),
    "satisfies": Weight(1.72, 18, 18, 9),
    "purpose": Weight(-0.88, 27, 16, 11),
    "reported": Weight(-4.09, 6, 0, 5),
    "spoken of": Weight(-3.03, 16, 0, 10),
    "example": Weight(-0.65, 5, 1, 3),
    "optional": Weight(-4.57, 2, 1, 1),
    "in a report": Weight(-3.58, 3, 0, 3),
    "condition": Weight(-5.24, 1, 0, 1),
    "alternative": Weight(-7.06, 5, 0, 3),
    "verify, outcome": Weight(2.0, 43, 40, 16),
    "asked behind": Weight(3.03, 11, 11, 2),
    "noun": Weight(-1.0, 32, 3, 13),
    "is there": Weight(-3.0, 1, 0, 1),
    "ends text": Weight(0.84, 349, 314, 55),
    "into a file": Weight(-1.19, 92, 69, 13),
}
