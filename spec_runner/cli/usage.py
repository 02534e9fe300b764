"""What click says of wrong arguments, worded as every other error: what happened; what to type."""

from __future__ import annotations

import click

_PLAIN = {
    "a valid float": "a number",
    "a valid integer": "a whole number",
    "is not in the range x>=1": "is less than 1",
}


def usage_message(error: click.ClickException) -> str:
    """One line, without ``spec-run: `` before it."""
    what, _, todo = _what(error).rstrip(".").partition("; ")
    for words, plain in _PLAIN.items():
        what = what.replace(words, plain)
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = _name(error) if isinstance(error, click.BadParameter) else ""
    if isinstance(error, click.MissingParameter):
        what, where = f"{where or 'an argument'} is missing", ""
    todo = todo or f"see {context.command_path if context else 'spec-run'} --help"
    what = what[:1].lower() + what[1:] if what[1:2].islower() else what
    return f"{what}{': ' if where else ''}{where}; {todo}"


def _what(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        near = [each for each in error.possibilities or () if each.startswith("--")]
        return f"there is no option {error.option_name}" + (f"; did you mean {near[0]}?" if near else "")
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} needs a value"
    return error.message


def _name(error: click.BadParameter) -> str:
    """The long name of an option; what an argument stands for."""
    parameter = error.param
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(error.ctx) if parameter is not None and error.ctx is not None else ""
