"""What each feature weighs: written by ``tools/train.py``, not by hand.

Behind each weight stand how many labelled candidates have the feature, how many of them are meant to be run, and of how
many repositories they are.
"""

from __future__ import annotations

from spec_runner.core.decide.score import Weight

SPANS_BIAS = -1.57
SPANS_LOSS = 0.0671
"""Of the 1267 labelled candidates, each read by weights that were trained without its repository."""
SPANS: dict[str, Weight] = {
    "known program": Weight(2.57, 1091, 944, 68),
    "started here": Weight(1.03, 7, 5, 3),
    "could be anything": Weight(-1.08, 70, 11, 17),
    "one word": Weight(-0.46, 16, 5, 7),
    "unfinished": Weight(-8.01, 13, 0, 7),
    "operand behind": Weight(-3.13, 1, 0, 1),
    "two words": Weight(-0.42, 353, 252, 58),
    "path": Weight(0.98, 486, 452, 50),
    "several": Weight(0.75, 70, 68, 18),
    "to fill in": Weight(-1.76, 31, 13, 13),
    "changes": Weight(1.37, 169, 133, 45),
    "direct": Weight(0.8, 492, 421, 53),
    "run, direct": Weight(1.43, 381, 373, 46),
    "run, own clause": Weight(1.48, 567, 559, 53),
    "own, run": Weight(0.66, 34, 33, 10),
    "make": Weight(-1.61, 225, 39, 40),
    "text runs": Weight(1.37, 525, 521, 51),
    "text makes": Weight(-2.02, 264, 61, 40),
    "bullet": Weight(-0.33, 40, 34, 10),
    "starts": Weight(1.36, 28, 27, 8),
    "leads": Weight(1.72, 613, 545, 57),
    "leads, changes": Weight(1.06, 27, 23, 15),
    "leads, written": Weight(-2.02, 60, 11, 19),
    "run, written": Weight(-3.03, 2, 0, 1),
    "bullet, written": Weight(-2.51, 5, 1, 3),
    "file before": Weight(-1.51, 158, 54, 29),
    "does as said": Weight(1.44, 51, 49, 17),
    "colon": Weight(1.21, 282, 269, 42),
    "means": Weight(1.28, 180, 163, 36),
    "command": Weight(2.98, 14, 13, 3),
    "satisfies": Weight(1.74, 18, 18, 9),
    "purpose": Weight(-1.4, 11, 0, 6),
    "reported": Weight(-4.09, 6, 0, 5),
    "spoken of": Weight(-3.03, 16, 0, 10),
    "example": Weight(-0.88, 5, 1, 3),
    "optional": Weight(-3.71, 2, 1, 1),
    "in a report": Weight(-3.61, 3, 0, 3),
    "condition": Weight(-5.22, 1, 0, 1),
    "alternative": Weight(-7.06, 5, 0, 3),
    "verify, outcome": Weight(2.2, 43, 40, 16),
    "asked behind": Weight(3.02, 11, 11, 2),
    "noun": Weight(-1.1, 32, 3, 13),
    "is there": Weight(-3.0, 1, 0, 1),
    "ends text": Weight(0.78, 349, 314, 55),
    "into a file": Weight(-1.25, 92, 69, 13),
}
FENCES_BIAS = 3.07
FENCES_LOSS = 0.1130
"""Of the 1340 labelled candidates, each read by weights that were trained without its repository."""
FENCES: dict[str, Weight] = {
    "troubleshooting": Weight(-6.12, 166, 1, 38),
    "deploy": Weight(-4.95, 30, 1, 12),
    "cleanup": Weight(-4.98, 21, 0, 14),
    "optional": Weight(-4.25, 17, 1, 12),
    "reference": Weight(-4.35, 106, 12, 28),
    "workflow": Weight(2.53, 29, 10, 10),
    "a check": Weight(1.27, 400, 368, 71),
    "trouble": Weight(-3.0, 0, 0, 0),
    "among troubles": Weight(-3.4, 16, 0, 5),
    "production": Weight(-1.69, 18, 3, 10),
    "in production": Weight(-1.25, 10, 0, 4),
    "to look up": Weight(-1.53, 113, 47, 36),
    "among what is looked up": Weight(-1.7, 151, 62, 32),
    "unknown": Weight(-0.62, 160, 50, 47),
    "numbered": Weight(0.87, 707, 599, 63),
    "conditional": Weight(-2.81, 18, 4, 11),
    "condition above": Weight(-2.52, 9, 0, 8),
    "operation": Weight(-1.49, 20, 8, 12),
    "shebang": Weight(-1.98, 4, 1, 4),
    "again": Weight(-1.31, 46, 24, 25),
    "logs": Weight(-1.36, 15, 1, 8),
    "variables": Weight(-1.01, 5, 1, 3),
    "commits": Weight(-2.19, 11, 0, 7),
    "another machine": Weight(-2.05, 5, 0, 3),
    "resets": Weight(-2.51, 12, 0, 6),
    "stops": Weight(-1.74, 26, 0, 14),
    "installs": Weight(0.6, 148, 118, 59),
    "first": Weight(1.14, 161, 160, 81),
    "late": Weight(-1.06, 319, 120, 68),
}
