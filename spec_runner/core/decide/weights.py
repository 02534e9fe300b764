"""What each feature weighs: written by ``tools/train.py``, not by hand.

Behind each weight stand how many labelled candidates have the feature, how many of them are meant to be run, and of how
many repositories they are.
"""

from __future__ import annotations

from spec_runner.core.decide.score import Weight

SPANS_BIAS = -1.5
SPANS_LOSS = 0.0717
"""Of the 1267 labelled candidates, each read by weights that were trained without its repository."""
SPANS: dict[str, Weight] = {
    "known program": Weight(2.44, 1091, 944, 68),
    "script": Weight(-0.79, 37, 8, 12),
    "started here": Weight(1.08, 7, 5, 3),
    "could be anything": Weight(-1.31, 70, 11, 17),
    "one word": Weight(-0.86, 16, 5, 7),
    "unfinished": Weight(-4.28, 13, 0, 7),
    "two words": Weight(-0.41, 353, 252, 58),
    "option": Weight(-0.05, 497, 399, 55),
    "path": Weight(0.98, 486, 452, 50),
    "several": Weight(0.76, 70, 68, 18),
    "to fill in": Weight(-1.76, 31, 13, 13),
    "changes": Weight(1.32, 169, 133, 45),
    "moves": Weight(1.0, 2, 2, 1),
    "direct": Weight(0.77, 492, 421, 53),
    "run, direct": Weight(1.5, 381, 373, 46),
    "run, own clause": Weight(1.44, 567, 559, 53),
    "own, run": Weight(0.45, 34, 33, 10),
    "verify": Weight(0.39, 171, 155, 33),
    "make": Weight(-1.54, 225, 39, 40),
    "text runs": Weight(1.44, 525, 521, 51),
    "text makes": Weight(-1.98, 264, 61, 40),
    "swaps": Weight(-2.01, 2, 0, 1),
    "bullet": Weight(-0.29, 40, 34, 10),
    "starts": Weight(1.38, 28, 27, 8),
    "leads": Weight(1.69, 613, 545, 57),
    "leads, changes": Weight(1.08, 27, 23, 15),
    "leads, written": Weight(-2.0, 60, 11, 19),
    "run, written": Weight(-3.05, 2, 0, 1),
    "bullet, written": Weight(-2.5, 5, 1, 3),
    "leads, own sentence": Weight(-0.01, 20, 18, 7),
    "file before": Weight(-1.52, 158, 54, 29),
    "does as said": Weight(1.45, 51, 49, 17),
    "colon": Weight(1.23, 282, 269, 42),
    "means": Weight(1.28, 180, 163, 36),
    "command": Weight(2.96, 14, 13, 3),
    "satisfies": Weight(1.74, 18, 18, 9),
    "purpose": Weight(-0.94, 27, 16, 11),
    "reported": Weight(-4.08, 6, 0, 5),
    "spoken of": Weight(-3.03, 16, 0, 10),
    "example": Weight(-0.87, 5, 1, 3),
    "optional": Weight(-3.72, 2, 1, 1),
    "in a report": Weight(-3.59, 3, 0, 3),
    "condition": Weight(-5.22, 1, 0, 1),
    "alternative": Weight(-7.06, 5, 0, 3),
    "verify, outcome": Weight(2.0, 43, 40, 16),
    "asked behind": Weight(3.02, 11, 11, 2),
    "noun": Weight(-1.04, 32, 3, 13),
    "is there": Weight(-3.0, 1, 0, 1),
    "act, ends text": Weight(0.83, 61, 59, 28),
    "ends text": Weight(0.77, 349, 314, 55),
    "into a file": Weight(-1.2, 92, 69, 13),
}
FENCES_BIAS = 3.04
FENCES_LOSS = 0.1328
"""Of the 1340 labelled candidates, each read by weights that were trained without its repository."""
FENCES: dict[str, Weight] = {
    "troubleshooting": Weight(-6.07, 163, 1, 38),
    "deploy": Weight(-4.95, 24, 1, 10),
    "deploy, numbered": Weight(0.98, 10, 0, 5),
    "cleanup": Weight(-4.71, 20, 0, 13),
    "optional": Weight(-3.97, 17, 1, 12),
    "reference": Weight(-4.15, 104, 12, 28),
    "workflow": Weight(2.57, 29, 10, 10),
    "alternative": Weight(-5.0, 0, 0, 0),
    "a check": Weight(1.05, 415, 382, 71),
    "among checks": Weight(1.03, 277, 266, 42),
    "trouble": Weight(-3.0, 0, 0, 0),
    "among troubles": Weight(-3.58, 16, 0, 5),
    "production": Weight(-1.82, 30, 13, 16),
    "in production": Weight(-1.35, 14, 4, 6),
    "to look up": Weight(-1.49, 132, 62, 42),
    "among what is looked up": Weight(-1.72, 155, 63, 33),
    "unknown": Weight(-0.6, 150, 44, 46),
    "numbered": Weight(0.57, 707, 599, 63),
    "conditional": Weight(-2.71, 18, 4, 11),
    "condition above": Weight(-2.46, 10, 1, 9),
    "operation": Weight(-1.64, 20, 8, 12),
    "operation above": Weight(-0.96, 40, 15, 19),
    "shebang": Weight(-2.09, 4, 1, 4),
    "again": Weight(-1.18, 46, 24, 25),
    "logs": Weight(-0.4, 35, 5, 12),
    "variables": Weight(-0.95, 5, 1, 3),
    "commits": Weight(-2.22, 11, 0, 7),
    "another machine": Weight(-2.48, 5, 0, 3),
    "resets": Weight(-2.46, 12, 0, 6),
    "stops": Weight(-1.67, 26, 0, 14),
    "installs": Weight(0.63, 148, 118, 59),
    "first": Weight(1.28, 161, 160, 81),
    "late": Weight(-1.04, 319, 120, 68),
}
