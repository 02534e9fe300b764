"""Where the steps of a guide run, and which of them wait for a held one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.steps import Intent
from spec_runner.core.plan.flow import Machine
from spec_runner.core.plan.model import GUIDE, Choices, PlannedStep, ReadSpec, plan_spec


def steps_of(text: str, machine: Machine = Machine(), allow: tuple[str, ...] = ()) -> list[PlannedStep]:  # noqa: B008
    data = text.encode()
    read = ReadSpec("specs/a", guide=read_guide(data), sources=((GUIDE, data),))
    spec = plan_spec(read, Choices(allow=frozenset(allow)), lambda task: Intent("none", ""), machine=machine)
    return [step for block in spec.blocks for step in block.steps]


def guide(*fences: str, words: str = "") -> str:
    return f"# G\n\n## 1. Setup\n\n{words}\n\n" + "\n\n".join(f"```sh\n{fence}\n```" for fence in fences) + "\n"


def shown(steps: list[PlannedStep]) -> list[tuple[str, str | None]]:
    """The first two words of each command, held ones in brackets, and where it runs."""
    short = [" ".join(step.step.command.split()[:2]) for step in steps]
    return [(f"({text})" if step.action == "hold" else text, step.cwd) for text, step in zip(short, steps, strict=True)]


@pytest.mark.parametrize(
    ("fence", "held"),
    [
        ('KEY="your-key-here"\ncurl -H "X: $KEY" http://localhost/a\nmake', [1, 2]),
        ("TOKEN=<token>\nTOKEN=abc\ncurl -H $TOKEN http://localhost/a", [1]),
        ("cat > a/.env <<EOF\nKEY=your-key-here\nEOF\nmake --env-file a/.env\nmake --env-file=a/.env\nmake", [1, 4, 5]),
        ("cp a <target>\nmake", [1]),
        ("sudo cp build/shop /usr/local/bin/\nshop --list\n./build/shop --list", [1, 2]),
        ("sudo apt install -y httpie\nhttp GET :8000/a\nmake", [1, 2]),
        ("sudo apt install make\nmake all", [1]),
        ("sudo mkdir -p data/shop\ntouch data/shop/a\nls data", [1, 2]),
        ("cloudtool login\ncloudtool pull data\nmake", [1, 2]),
        ("docker login\ndocker build .", [1]),
        ("git push && make\nmake test", [1]),
        ("make <target>\nmake test", [1]),
        ("rm -rf ~\nmake", [1]),
    ],
)
def test_a_held_command_holds_what_cannot_do_without_it(fence: str, held: list[int]) -> None:
    machine = Machine(has_program=lambda name: name == "make")
    steps = steps_of(guide(fence), machine)
    assert [step.step.line - 7 for step in steps if step.action == "hold"] == held
    assert next(step.because for step in steps if step.action == "hold") is None
    assert all(step.because == 8 for step in steps[1:] if step.action == "hold")


def test_what_is_allowed_frees_what_waits_for_it() -> None:
    fence = 'KEY="your-key-here"\ncurl -H "X: $KEY" http://localhost/a'
    assert {step.action for step in steps_of(guide(fence))} == {"hold"}
    assert {step.action for step in steps_of(guide(fence), allow=("placeholder",))} == {"run"}


def test_what_waits_holds_what_waits_for_it() -> None:
    steps = steps_of(guide("A=<a>", "B=$A", "make $B", "make"))
    assert [(step.action, step.because) for step in steps] == [("hold", None), ("hold", 8), ("hold", 12), ("run", None)]


def test_a_probe_waits_for_the_service_before_it() -> None:
    text = guide("npm run dev -- --key <key>", "curl http://localhost:3000/a\ncurl https://example.org/a")
    text += "\nOpen http://localhost:3000/a\n\n```sh\nnpm run dev\ncurl http://localhost:3000/a\n```\n"
    assert [step.because for step in steps_of(text)] == [None, 8, None, 8, None, None]


@pytest.mark.parametrize(
    ("fence", "goings"),
    [
        ("git clone <url>\ncd shop\nmake", [("(git clone)", "."), ("(cd shop)", "."), ("make", ".")]),
        ("git clone <url>\ncd shop/api\nmake", [("(git clone)", "."), ("(cd shop/api)", "."), ("make", "api")]),
        ("git clone <url> && cd shop\nmake", [("(git clone)", "."), ("make", ".")]),
        ("git clone <url> && cd shop/api\nmake", [("(git clone)", "."), ("make", "api")]),
        ("git clone <url> here\ncd shop", [("(git clone)", "."), ("cd shop", ".")]),
        (
            "git clone https://github.com/your-org/shop.git\ncd api",
            [("(git clone)", "."), ("cd api", ".")],
        ),
        ("cd /path/to/shop\nmake", [("(cd /path/to/shop)", "."), ("make", ".")]),
        ("cd /home/me/shop/api\nmake", [("(cd /home/me/shop/api)", "."), ("make", "api")]),
        ("cd C:\\me\\shop\\api\nmake", [("(cd C:\\me\\shop\\api)", "."), ("make", "api")]),
        ("cd <your-folder>\nmake", [("(cd <your-folder>)", "."), ("make", ".")]),
        (
            "cd /home/me/other\nmake\ncd /home/me/other/b\nls\ncd /home/you/b\nls a\ncd c\nls b",
            [("(cd /home/me/other)", "."), ("make", "."), ("(cd /home/me/other/b)", "."), ("ls", "b"),
             ("(cd /home/you/b)", "b"), ("(ls a)", None), ("(cd c)", None), ("(ls b)", None)],
        ),
        ("cd api && make <target>\nmake", [("(cd api)", "."), ("make", "api")]),
        ("git clone https://example.org/shop.git\ncd shop\nmake", [("git clone", "."), ("cd shop", "."), ("make", "shop")]),
    ],
)  # fmt: skip
def test_the_repository_stands_for_a_clone_that_is_held(fence: str, goings: list[tuple[str, str]]) -> None:
    assert shown(steps_of(guide(fence), Machine(name="shop"))) == goings


@pytest.mark.parametrize("path", ["/home/me/shop", "/workspace/me/shop", "/workspaces/shop", "/Users/me/code/shop"])
def test_where_the_author_has_the_repository_is_here_and_nothing_is_held(path: str) -> None:
    (way, made) = steps_of(guide(f"cd {path}\nmake"), Machine(name="shop"))
    assert (way.action, made.action, made.cwd) == ("skip", "run", ".")


def test_a_later_fence_may_enter_a_held_clone_again() -> None:
    steps = steps_of(guide("git clone <url>\ncd shop", "cd shop/api\nmake", "make"))
    assert shown(steps)[2:] == [("(cd shop/api)", "."), ("make", "api"), ("make", "api")]
    assert [step.returns for step in steps[2:]] == [False, True, False]


@pytest.mark.parametrize(
    ("fences", "words", "folders", "cwd"),
    [
        # Words name it from the root; without them nobody can tell.
        (["cd api\nmake", *["make"] * 4, "cd web"], "", [], "api"),
        (["cd api\nmake", *["make"] * 4, "cd web"], "Settings are in `web/.env`.", [], "."),
        (["cd api\nmake", *["make"] * 4, "cd web"], "Settings are in `api/web/.env` and `web/.env`.", [], "api"),
        # The repository has both.
        (["cd api\nmake", *["make"] * 4, "cd web"], "", ["web"], "."),
        (["cd api\nmake", *["make"] * 4, "cd web"], "", ["web", "api/web"], "api"),
        # It was entered before, or begins like the place where the shell stands.
        (["cd api\nmake", *["make"] * 4, "cd api"], "", [], "."),
        (["cd src/api\nmake", *["make"] * 4, "cd src/web"], "", [], "."),
        (["cd web", "cd ..", "cd api\nmake", *["make"] * 4, "cd web"], "", [], "."),
        # It says itself where it goes.
        (["cd api\nmake", *["make"] * 4, "cd ../web"], "See `web/.env`.", [], "api"),
        # Home is the clone that the guide went into.
        (["git clone https://example.org/shop.git\ncd shop", "cd api", *["make"] * 4, "cd web"], "See `web/.env`.", [],
         "shop"),
        (["git clone https://example.org/shop.git\ncd shop/api", *["make"] * 4, "cd shop/web"], "", [], "."),
    ],
)  # fmt: skip
def test_a_fence_that_enters_a_sibling_starts_at_home(
    fences: list[str], words: str, folders: list[str], cwd: str
) -> None:
    *_, last = steps_of(guide(*fences, words=words), Machine(has_folder=lambda path: path in folders))
    assert (last.cwd, last.returns) == (cwd, cwd != "api")


def test_where_each_fence_starts_at_the_root_that_is_the_clone_the_guide_went_into() -> None:
    steps = steps_of(
        guide("git clone https://example.org/shop.git\ncd shop", "cd api\nmake", "cd api\nls", "cd web\npwd")
    )
    assert [step.cwd for step in steps[2:]] == ["shop", "shop/api"] * 2 + ["shop", "shop/web"]
    assert [step.returns for step in steps[2:]] == [True, False] * 3


def test_only_the_first_command_of_a_fence_starts_at_home() -> None:
    *_, last = steps_of(guide("cd api\nmake", *["make"] * 4, "make\ncd web", words="See `web/.env`."))
    assert (last.cwd, last.returns) == ("api", False)


LINES = [
    "git clone <url>", "git clone https://example.org/a.git", "cd a", "cd a/b", "cd ..", "cd b", "A=<x>", "make $A", "touch b",
    "sudo apt install c", "c login", "c", "npm run dev", "curl http://localhost:1/", "rm -rf ~", "```\n\n```sh", "# Terminal 2",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=20))
def test_a_plan_holds_only_what_stands_in_the_guide_and_says_for_which_line(lines: list[str]) -> None:
    text = guide("\n".join(lines))
    rows, held = text.split("\n"), set[int]()
    for step in steps_of(text):
        assert step.step.command in text
        assert rows[step.step.line - 1].startswith(step.step.command.split("\n")[0])
        assert (step.action == "hold") == (step.step.hold is not None or step.because is not None)
        assert step.because is None or step.because in held
        held |= {step.step.line} if step.action == "hold" else set()
