"""spec-run: runs the plan written in markdown, and lets a checkbox be ticked only by evidence."""

__version__ = "0.1.0"
