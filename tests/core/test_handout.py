"""Which spec starts when others run: in their order, and never two that need the same ports."""

from __future__ import annotations

from spec_runner.core.plan.handout import Handout
from spec_runner.core.plan.model import Plan
from tests.core.scripted import plan

PLAIN, IDLE = "- [ ] T1 Run `make a`\n", "- [ ] T1 Think\n"
SERVER = "- [ ] T1 Start the server with `python -m http.server 8000`\n"
ASKING = "- [ ] T1 Run `curl -f http://localhost:8000/a`\n"


def taken(handout: Handout) -> list[int | None]:
    """What is handed out until nothing may start."""
    found: list[int | None] = []
    while (number := handout.take()) is not None:
        found.append(number)
    return found


def test_specs_are_handed_out_in_their_order_without_those_that_have_nothing_to_run() -> None:
    assert taken(Handout(plan(PLAIN, IDLE, PLAIN, PLAIN))) == [0, 2, 3]
    assert taken(Handout(plan(PLAIN, IDLE, PLAIN, PLAIN), [3, 1, 2])) == [3, 2]


def test_of_those_that_use_a_port_one_runs_at_a_time() -> None:
    handout = Handout(plan(SERVER, PLAIN, ASKING, PLAIN, SERVER))
    assert taken(handout) == [0, 1, 3]
    handout.give_back(1)
    assert taken(handout) == []
    handout.give_back(0)
    assert taken(handout) == [2]
    handout.give_back(2)
    assert taken(handout) == [4]


def test_specs_with_a_network_of_their_own_may_use_the_same_port() -> None:
    specs = plan(SERVER, ASKING, SERVER).specs
    assert taken(Handout(Plan(specs, "bubblewrap", "none"))) == [0, 1, 2]
