"""``--help`` in groups: nothing is left out, nothing stands twice."""

from __future__ import annotations

import click
import pytest

from spec_runner.cli import _spec_run as program
from spec_runner.cli.help import grouped


@pytest.mark.parametrize("name", ["run", "verify", "quickstart"])
def test_every_option_of_a_long_help_has_a_group(name: str) -> None:
    assert isinstance(program, click.Group)
    command = program.get_command(click.Context(program), name)
    assert command is not None
    groups = dict(grouped(command))
    assert "Options" not in groups, "name the group of a new option in cli/help.py"
    assert sorted(each.opts for options in groups.values() for each in options) == sorted(
        each.opts for each in command.params if isinstance(each, click.Option)
    )
    text = command.get_help(click.Context(command))
    assert [text.count(f"\n{heading}:\n") for heading in groups] == [1] * len(groups)
