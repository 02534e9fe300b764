"""What each feature weighs: written by ``tools/train.py``, not by hand.

Behind each weight stand how many labelled candidates have the feature, how many of them are meant to be run, and of how
many repositories they are.
"""

from __future__ import annotations

from spec_runner.core.decide.score import Weight

SPANS_BIAS = -1.46
SPANS_LOSS = 0.0752
"""Of the 1267 labelled candidates, each read by weights that were trained without its repository."""
SPANS: dict[str, Weight] = {
    "known program": Weight(2.29, 1090, 943, 68),
    "script": Weight(-0.86, 37, 8, 12),
    "started here": Weight(1.06, 7, 5, 3),
    "could be anything": Weight(-1.51, 71, 12, 18),
    "one word": Weight(-1.55, 16, 5, 7),
    "unfinished": Weight(-4.15, 6, 0, 5),
    "two words": Weight(-0.35, 353, 252, 58),
    "option": Weight(-0.06, 497, 399, 55),
    "path": Weight(1.02, 486, 452, 50),
    "several": Weight(0.78, 70, 68, 18),
    "to fill in": Weight(-1.75, 31, 13, 13),
    "changes": Weight(1.38, 169, 133, 45),
    "moves": Weight(1.0, 2, 2, 1),
    "direct": Weight(0.77, 492, 421, 53),
    "run, direct": Weight(1.53, 381, 373, 46),
    "run, own clause": Weight(1.54, 567, 559, 53),
    "own, run": Weight(0.59, 35, 34, 11),
    "verify": Weight(0.47, 171, 155, 33),
    "make": Weight(-1.48, 225, 39, 40),
    "text runs": Weight(1.46, 525, 521, 51),
    "text makes": Weight(-1.96, 264, 61, 40),
    "swaps": Weight(-2.01, 2, 0, 1),
    "bullet": Weight(-0.25, 40, 34, 10),
    "starts": Weight(1.4, 28, 27, 8),
    "leads": Weight(1.67, 613, 545, 57),
    "leads, changes": Weight(1.16, 27, 23, 15),
    "leads, written": Weight(-1.96, 60, 11, 19),
    "run, written": Weight(-3.05, 2, 0, 1),
    "bullet, written": Weight(-2.44, 5, 1, 3),
    "leads, own sentence": Weight(0.04, 20, 18, 7),
    "file before": Weight(-1.49, 158, 54, 29),
    "does as said": Weight(1.49, 51, 49, 17),
    "colon": Weight(1.25, 282, 269, 42),
    "means": Weight(1.04, 180, 163, 36),
    "command": Weight(2.93, 14, 13, 3),
    "satisfies": Weight(1.73, 18, 18, 9),
    "purpose": Weight(-0.86, 27, 16, 11),
    "reported": Weight(-4.08, 6, 0, 5),
    "spoken of": Weight(-3.03, 16, 0, 10),
    "example": Weight(-0.87, 5, 1, 3),
    "optional": Weight(-3.71, 2, 1, 1),
    "in a report": Weight(-3.55, 3, 0, 3),
    "condition": Weight(-5.24, 1, 0, 1),
    "alternative": Weight(-7.06, 5, 0, 3),
    "verify, outcome": Weight(1.99, 43, 40, 16),
    "asked behind": Weight(3.03, 11, 11, 2),
    "noun": Weight(-0.99, 32, 3, 13),
    "is there": Weight(-3.0, 1, 0, 1),
    "act, ends text": Weight(0.85, 61, 59, 28),
    "ends text": Weight(0.79, 349, 314, 55),
    "into a file": Weight(-1.18, 92, 69, 13),
}
FENCES_BIAS = 2.99
FENCES_LOSS = 0.1487
"""Of the 1340 labelled candidates, each read by weights that were trained without its repository."""
FENCES: dict[str, Weight] = {
    "troubleshooting": Weight(-6.11, 163, 1, 38),
    "deploy": Weight(-4.87, 24, 1, 10),
    "deploy, numbered": Weight(0.89, 10, 0, 5),
    "cleanup": Weight(-4.91, 20, 0, 13),
    "optional": Weight(-3.93, 17, 1, 12),
    "reference": Weight(-3.39, 104, 12, 28),
    "alternative": Weight(-5.0, 0, 0, 0),
    "a check": Weight(1.14, 415, 382, 71),
    "among checks": Weight(0.92, 277, 266, 42),
    "trouble": Weight(-3.0, 0, 0, 0),
    "among troubles": Weight(-3.65, 16, 0, 5),
    "production": Weight(-1.71, 30, 13, 16),
    "in production": Weight(-1.57, 14, 4, 6),
    "to look up": Weight(-1.56, 132, 62, 42),
    "among what is looked up": Weight(-1.37, 155, 63, 33),
    "unknown": Weight(-0.59, 150, 44, 46),
    "numbered": Weight(0.56, 707, 599, 63),
    "conditional": Weight(-2.73, 18, 4, 11),
    "condition above": Weight(-2.42, 10, 1, 9),
    "operation": Weight(-1.65, 20, 8, 12),
    "operation above": Weight(-1.11, 40, 15, 19),
    "shebang": Weight(-2.2, 4, 1, 4),
    "again": Weight(-1.07, 46, 24, 25),
    "logs": Weight(-0.66, 35, 5, 12),
    "variables": Weight(-0.94, 5, 1, 3),
    "first": Weight(1.41, 161, 160, 81),
    "late": Weight(-1.04, 319, 120, 68),
}
