"""Any markdown file is followed as a guide, whole or by its sections; a clone of the repository itself is the one at hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import OFFERED, Project

README = """# Tool

## Getting started

```bash
echo started > here
```

### Check

```bash
test -f here && echo checked
```

## Troubleshooting

```bash
echo trouble
```

## Contributing

```bash
echo help
```
"""
LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]


def ran(done: Any, number: int = 0) -> list[str]:
    """The commands of a plan's guide that would run."""
    blocks = done.json["specs"][number]["blocks"]
    return [step["command"] for block in blocks for step in block["steps"] if step["action"] == "run"]


def test_any_markdown_file_is_a_guide(project: Project) -> None:
    project.write("README.md", README)
    project.write("docs/setup.md", "# Setup\n\n## Install\n\n```bash\ncat README.md | head -1\n```\n")
    project.commit()
    planned = project.run("quickstart", "-n", "--json", "README.md", "docs/setup.md")
    documents = [each for spec in planned.json["specs"] for each in spec["documents"]]
    assert [(each["path"], each["kind"]) for each in documents] == [
        ("README.md", "quickstart"),
        ("setup.md", "quickstart"),
    ]
    done = project.run("quickstart", "--sandbox", "plain", "README.md", "docs/setup.md")
    assert done.code == 0, done.out
    assert "setup.md:6 cat README.md | head -1\n" in done.err
    shown = project.run("show", "README.md").out
    assert "  README.md passed" in shown and "any more" not in shown
    project.write("README.md", README.replace("started >", "begun >"))
    assert "what it would run was edited since" in project.run("show", "README.md").out


def test_a_file_without_tasks_is_not_just_nothing_to_run(project: Project) -> None:
    project.write("my docs/README.md", README)
    done = project.run("my docs/README.md")
    assert done.code == 4
    assert "spec-run quickstart -n 'my docs/README.md' reads it as a guide" in done.out


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        (("getting STARTED",), ["echo started > here", "test -f here && echo checked"]),
        (("check",), ["test -f here && echo checked"]),
        (("trouble",), ["echo trouble"]),
        (("check", "contrib"), ["test -f here && echo checked", "echo help"]),
    ],
)
def test_a_section_that_is_named_is_followed_whatever_it_is_for(
    project: Project, words: tuple[str, ...], commands: list[str]
) -> None:
    project.write("README.md", README)
    options = [word for each in words for word in ("--section", each)]
    assert ran(project.run("quickstart", "-n", "--json", "README.md", *options)) == commands


def test_a_section_that_is_not_there_is_answered_with_the_nearest(project: Project) -> None:
    project.write("README.md", README)
    done = project.run("quickstart", "-n", "README.md", "--section", "Get started")
    assert (done.code, done.err) == (
        2, "spec-run: there is no section Get started: README.md; did you mean Getting started?\n"
    )  # fmt: skip


def test_what_is_dangerous_is_held_in_a_section_that_is_named_too(project: Project) -> None:
    project.write("README.md", README.replace("echo help", "git push --force"))
    assert ran(project.run("quickstart", "-n", "--json", "README.md", "--section", "contributing")) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("git@github.com:acme/tool.git", "https://github.com/acme/tool"),
        ("https://me:secret@github.com/acme/Tool.git", "git@github.com:acme/tool.git"),
        ("ssh://git@example.org:2222/acme/tool", "--depth 1 https://example.org/acme/tool.git"),
    ],
)
def test_a_clone_of_the_repository_itself_is_the_commit_at_hand(
    project: Project, level: str, origin: str, address: str
) -> None:
    guide = f"# Q\n\n## Setup\n\n```bash\ngit clone {address}\ncd tool\ngit log --format=%s\n```\n"
    project.write("README.md", guide)
    project.commit()
    project.git("remote", "add", "origin", origin)
    plan = project.run("quickstart", "-n", "README.md").out
    assert f"{address.rpartition(' ')[2]} ← the commit at hand" in plan and "secret" not in plan
    done = project.run("quickstart", "--json", "--sandbox", level, "--network", "none" if level == "bubblewrap" else "host",
                       "README.md")  # fmt: skip
    assert (done.code, done.json["specs"][0]["blocks"][0]["steps"][2]["output"]) == (0, "All\n"), done.out


def test_a_clone_of_another_repository_is_fetched_from_there(project: Project) -> None:
    project.write("README.md", "# Q\n\n## Setup\n\n```bash\ngit clone https://github.com/acme/tools.git\n```\n")
    project.commit()
    project.git("remote", "add", "origin", "https://github.com/acme/tool")
    assert "←" not in project.run("quickstart", "-n", "README.md").out
