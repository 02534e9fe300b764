"""``--help`` with its options in groups: click lists them all under one heading."""

from __future__ import annotations

from collections.abc import Iterator

import click

_GROUPS = {
    "Selection": (
        "only",
        "start",
        "until",
        "phases",
        "stories",
        "no_deps",
        "ticked_since",
        "sections",
        "changed_since",
    ),
    "Running": ("dry_run", "timeout", "jobs", "keep_going", "fresh", "tests", "setup", "no_setup", "wait"),
    "Values": ("env", "env_file", "config"),
    "Sandbox": ("shell", "sandbox", "network", "registries", "memory", "disk", "allow", "in_place"),
    "Output": ("verbose", "json", "json_events", "html", "markdown", "badge", "no_write"),
    "CI": ("strict", "allow_empty", "partition", "on", "junit", "attest"),
}
_OTHERS = "Options"


def grouped(command: click.Command) -> Iterator[tuple[str, list[click.Option]]]:
    """The options of a command by their groups; a command with few options has one group."""
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    named = {name: heading for heading, names in _GROUPS.items() for name in names}
    if len(options) < 10:
        named = {}
    for heading in (*_GROUPS, _OTHERS):
        found = [each for each in options if named.get(each.name or "", _OTHERS) == heading]
        if found:
            yield heading, found


class Command(click.Command):
    """A command whose ``--help`` shows its options in groups."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each group, and ``--help`` itself at the end."""
        sections = list(grouped(self))
        own = self.get_help_option(context)
        if own and sections and sections[-1][0] == _OTHERS:
            sections[-1][1].append(own)
        elif own:
            sections.append((_OTHERS, [own]))
        for heading, options in sections:
            with formatter.section(heading):
                formatter.write_dl([line for each in options if (line := each.get_help_record(context))])
